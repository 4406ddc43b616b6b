//! What `#[sample(…)]` says.

use proc_macro2::TokenStream as Tokens;
use quote::quote;
use syn::{DeriveInput, Error, Expr, Field, Ident, LitStr, Result, Type};

/// What a sample has that comes without the field.
pub(crate) enum Absent {
    /// Nothing: the field must come, unless its type is an `Option`.
    Required,
    /// `Default::default()`.
    Default,
    /// The value of an expression.
    Value(Box<Expr>),
}

/// One field of the struct.
pub(crate) struct FieldOptions {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    /// The name in the data.
    pub(crate) name: String,
    pub(crate) absent: Absent,
}

impl FieldOptions {
    pub(crate) fn of(field: &Field) -> Result<Self> {
        let ident = field.ident.clone();
        let ident = ident.ok_or_else(|| Error::new_spanned(field, "a field needs a name"))?;
        let name = ident.to_string().trim_start_matches("r#").to_owned();
        let mut options = Self { ident, ty: field.ty.clone(), name, absent: Absent::Required };
        for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("sample"))
        {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("rename") {
                    options.name = meta.value()?.parse::<LitStr>()?.value();
                } else if meta.path.is_ident("default") {
                    options.absent = match meta.value() {
                        Ok(value) => Absent::Value(Box::new(value.parse()?)),
                        Err(_) => Absent::Default,
                    };
                } else {
                    return Err(meta.error("expected `rename = \"…\"` or `default`"));
                }
                Ok(())
            })?;
        }
        Ok(options)
    }

    pub(crate) fn absent_value(&self) -> Tokens {
        let name = &self.name;
        match &self.absent {
            Absent::Required => quote! { record.missing(#name)? },
            Absent::Default => quote! { ::core::default::Default::default() },
            Absent::Value(expression) => quote! { #expression },
        }
    }
}

/// The sample type's name in the schema.
pub(crate) fn sample_name(input: &DeriveInput) -> Result<String> {
    let mut name = input.ident.to_string();
    for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("sample")) {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("name") {
                return Err(meta.error("expected `name = \"…\"`"));
            }
            name = meta.value()?.parse::<LitStr>()?.value();
            Ok(())
        })?;
    }
    Ok(name)
}
