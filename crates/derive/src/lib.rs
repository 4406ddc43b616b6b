//! `#[derive(Sample)]`: a struct with named fields as a typed sample.
//!
//! ```ignore
//! #[derive(atdata::Sample)]
//! struct Image {
//!     image: atdata::ndarray::Array3<f32>,
//!     label: String,
//!     #[sample(default)]
//!     tags: Vec<String>,
//!     #[sample(rename = "class")]
//!     kind: i64,
//! }
//! ```

mod attributes;

use attributes::{Absent, FieldOptions, sample_name};
use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::quote;
use syn::{Data, DeriveInput, Error, Field, Fields, Result, parse_macro_input};

/// Makes a struct with named fields a sample.
///
/// Every field's type has to be one that a field can have: `bool`, integers, floats, `String`,
/// `Vec<u8>` (bytes), `Vec<T>`, `Option<T>`, maps from `String`, `ndarray` arrays, or
/// `atdata::Value` for anything.
///
/// - `#[sample(name = "…")]` on the struct: the name in the schema; else the struct's own.
/// - `#[sample(rename = "…")]` on a field: its name in the data.
/// - `#[sample(default)]`, `#[sample(default = expression)]`: what a sample without the field has.
#[proc_macro_derive(Sample, attributes(sample))]
pub fn derive_sample(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand(&input).unwrap_or_else(Error::into_compile_error).into()
}

fn expand(input: &DeriveInput) -> Result<Tokens> {
    let fields = named_fields(input)?;
    let options = fields.into_iter().map(FieldOptions::of).collect::<Result<Vec<_>>>()?;
    let (schema, columns) = (schema(input, &options)?, columns(&options));
    let (read, write) = (read(&options), write(&options));
    let ident = &input.ident;
    let (generics, types, bounds) = input.generics.split_for_impl();
    Ok(quote! {
        impl #generics ::atdata::Sample for #ident #types #bounds {
            fn schema() -> ::atdata::schema::Schema { #schema }

            fn columns() -> ::std::vec::Vec<::atdata::batch::ColumnSpec> { #columns }

            fn from_record(record: &mut ::atdata::Record<'_>) -> ::atdata::format::Result<Self> {
                #read
            }

            fn to_record(
                &self,
                record: &mut ::atdata::RecordWriter<'_>,
            ) -> ::atdata::format::Result<()> {
                #write
            }
        }
    })
}

fn named_fields(input: &DeriveInput) -> Result<Vec<&Field>> {
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => Ok(fields.named.iter().collect()),
            _ => Err(Error::new_spanned(&input.ident, "a sample's fields need names")),
        },
        _ => Err(Error::new_spanned(&input.ident, "only a struct can be a sample")),
    }
}

fn schema(input: &DeriveInput, fields: &[FieldOptions]) -> Result<Tokens> {
    let name = sample_name(input)?;
    let fields = fields.iter().map(|field| {
        let (name, ty) = (&field.name, &field.ty);
        let has_default = !matches!(field.absent, Absent::Required);
        quote! {
            .with_field::<#ty>(#name, #has_default)
        }
    });
    Ok(quote! { ::atdata::schema::Schema::new(#name) #(#fields)* })
}

fn columns(fields: &[FieldOptions]) -> Tokens {
    let specs = fields.iter().map(|field| {
        let (name, ty) = (&field.name, &field.ty);
        let default = match &field.absent {
            Absent::Required => quote! { ::core::option::Option::None },
            _ => {
                let value = field.absent_value();
                quote! { ::core::option::Option::Some(#value) }
            }
        };
        quote! { ::atdata::batch::ColumnSpec::of::<#ty>(#name, #default) }
    });
    quote! { ::std::vec![ #(#specs),* ] }
}

fn read(fields: &[FieldOptions]) -> Tokens {
    let (idents, names): (Vec<_>, Vec<_>) = fields.iter().map(|f| (&f.ident, &f.name)).unzip();
    let slots = (0..fields.len()).map(|i| quote::format_ident!("field_{i}")).collect::<Vec<_>>();
    let types = fields.iter().map(|field| &field.ty);
    let values = fields.iter().zip(&slots).map(|(field, slot)| {
        let absent = field.absent_value();
        quote! { match #slot { Some(value) => value, None => #absent } }
    });
    quote! {
        #( let mut #slots: Option<#types> = None; )*
        while let Some(name) = record.next_field()? {
            match name {
                #( #names => record.read_into(&mut #slots, #names)?, )*
                other => record.skip_extra(other)?,
            }
        }
        Ok(Self { #( #idents: #values, )* })
    }
}

fn write(fields: &[FieldOptions]) -> Tokens {
    let (idents, names): (Vec<_>, Vec<_>) = fields.iter().map(|f| (&f.ident, &f.name)).unzip();
    let count = fields.len();
    quote! {
        record.start(#count)?;
        #( record.field(#names, &self.#idents)?; )*
        Ok(())
    }
}
