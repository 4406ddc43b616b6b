//! Schemas: what a sample type is called and which fields it has.

use std::fmt;

mod diff;
mod encoding;
mod json;
mod version;

pub use diff::FieldChange;
pub use encoding::Encoding;
pub use json::LOCAL;
pub use version::Version;

/// A sample type: its name and its fields in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Schema {
    /// The name of the type.
    pub name: String,
    /// The version that it is published as (see [`Version`]); none before that.
    pub version: Option<String>,
    /// What the type is for, in words.
    pub description: Option<String>,
    /// The fields, in the order of a payload. Names are unique.
    pub fields: Vec<Field>,
}

impl Schema {
    /// A schema of this name with no fields yet.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// The field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// One field of a sample type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The key in a payload's map.
    pub name: String,
    /// The type of its value.
    pub ty: FieldType,
    /// Whether the value may be `None`.
    pub optional: bool,
    /// Whether the type's code has a default for a payload without this field. The default itself
    /// stays in the code: published schemas do not carry it.
    pub has_default: bool,
    /// What the field is, in words.
    pub description: Option<String>,
    /// What the bytes of the field are the file of: a hint, as an array's dtype is.
    pub encoding: Option<Encoding>,
}

impl Field {
    /// A required field without default and description.
    pub fn new(name: impl Into<String>, ty: FieldType) -> Self {
        let (optional, has_default, description, encoding) = (false, false, None, None);
        Self { name: name.into(), ty, optional, has_default, description, encoding }
    }

    /// The same field, whose bytes are a file of this encoding.
    #[must_use]
    pub const fn encoded(mut self, encoding: Encoding) -> Self {
        self.encoding = Some(encoding);
        self
    }

    /// The same field, which may be `None`.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }
}

/// The type of a field's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldType {
    /// Text.
    Str,
    /// An integer in the range of `i64` and `u64`.
    Int,
    /// A float of 64 bits.
    Float,
    /// True or false.
    Bool,
    /// Bytes.
    Bytes,
    /// An array. What is said about it is a hint: data may differ.
    Array {
        /// The name of the element type, such as `float32`.
        dtype: Option<String>,
        /// The dimensions, in elements; `None` for one that varies.
        shape: Option<Vec<Option<usize>>>,
        /// A name for each dimension.
        dimension_names: Option<Vec<String>>,
    },
    /// A list of values of one type.
    List(Box<Self>),
    /// A map from text to any value.
    Map,
    /// Another schema, by its reference.
    Ref(String),
    /// Any value.
    Any,
}

impl FieldType {
    /// An array of which nothing is known.
    #[must_use]
    pub fn array() -> Self {
        Self::Array { dtype: None, shape: None, dimension_names: None }
    }

    /// A list of values of this type.
    #[must_use]
    pub fn list(self) -> Self {
        Self::List(Box::new(self))
    }
}

impl fmt::Display for FieldType {
    /// In words: `str`, `list[float]`, `array<float32>[28, *]`, `map`.
    ///
    /// ```
    /// use atdata_format::schema::FieldType;
    /// assert_eq!(FieldType::Float.list().to_string(), "list[float]");
    /// let array = FieldType::Array {
    ///     dtype: Some("float32".into()),
    ///     shape: Some(vec![Some(28), None]),
    ///     dimension_names: None,
    /// };
    /// assert_eq!(array.to_string(), "array<float32>[28, *]");
    /// ```
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Str => f.write_str("str"),
            Self::Int => f.write_str("int"),
            Self::Float => f.write_str("float"),
            Self::Bool => f.write_str("bool"),
            Self::Bytes => f.write_str("bytes"),
            Self::Array { dtype, shape, .. } => array_words(f, dtype.as_deref(), shape.as_deref()),
            Self::List(items) => write!(f, "list[{items}]"),
            Self::Map => f.write_str("map"),
            Self::Ref(target) => write!(f, "ref({target})"),
            Self::Any => f.write_str("any"),
        }
    }
}

/// `array<float32>[28, *]`, as far as it is known.
fn array_words(
    f: &mut fmt::Formatter<'_>,
    dtype: Option<&str>,
    shape: Option<&[Option<usize>]>,
) -> fmt::Result {
    f.write_str("array")?;
    if let Some(dtype) = dtype {
        write!(f, "<{dtype}>")?;
    }
    let Some(shape) = shape else { return Ok(()) };
    let dims = shape.iter().map(|dim| dim.map_or("*".to_owned(), |dim| dim.to_string()));
    write!(f, "[{}]", dims.collect::<Vec<_>>().join(", "))
}

impl fmt::Display for Field {
    /// `note: str | None`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let none = if self.optional { " | None" } else { "" };
        write!(f, "{}: {}{none}", self.name, self.ty)
    }
}
