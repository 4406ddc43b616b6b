//! What a Rust type needs to be that of a field.

use crate::batch::ColumnSpec;
use crate::error::{Error, Kind, Result};
use crate::msgpack::{self, Token, Walker};
use crate::schema::{Field, FieldType, Schema};
use crate::value::Value;

/// A Rust type that a field can have.
pub trait FieldValue: Sized {
    /// What the schema says of such a field.
    fn field_type() -> FieldType;

    /// Whether the schema says that the field may be `None`.
    const OPTIONAL: bool = false;

    /// Reads a value.
    ///
    /// # Errors
    /// [`Kind::WrongType`] for a value of another type, and what is wrong with the bytes.
    fn read(walker: &mut Walker<'_>) -> Result<Self>;

    /// Appends the value as msgpack.
    ///
    /// # Errors
    /// A value that the format cannot hold.
    fn write(&self, out: &mut Vec<u8>) -> Result<()>;

    /// The value of a field that did not come.
    #[must_use]
    fn missing() -> Option<Self> {
        None
    }

    /// What `Vec<Self>` is in the schema: a list, but for `u8`, whose vectors are bytes.
    #[doc(hidden)]
    fn vec_type() -> FieldType {
        FieldType::List(Box::new(Self::field_type()))
    }

    #[doc(hidden)]
    fn read_vec(walker: &mut Walker<'_>) -> Result<Vec<Self>> {
        expect(walker, "a list", |token| match token {
            Token::List(items) => Some(items),
            _ => None,
        })
        .and_then(|items| (0..items).map(|_| Self::read(walker)).collect())
    }

    #[doc(hidden)]
    fn write_vec(values: &[Self], out: &mut Vec<u8>) -> Result<()> {
        msgpack::write_list_header(values.len(), out)?;
        values.iter().try_for_each(|value| value.write(out))
    }
}

impl Schema {
    /// The same schema with one more field, of a Rust type.
    #[must_use]
    pub fn with_field<T: FieldValue>(mut self, name: &str, has_default: bool) -> Self {
        let field = Field::new(name, T::field_type());
        self.fields.push(Field { optional: T::OPTIONAL, has_default, ..field });
        self
    }
}

impl ColumnSpec {
    /// The column of a field of a Rust type, with what a sample without the field has instead.
    #[must_use]
    pub fn of<T: FieldValue>(name: &str, default: Option<T>) -> Self {
        let default = default.or_else(T::missing).and_then(|value| {
            let mut bytes = Vec::new();
            value.write(&mut bytes).ok()?;
            Value::read(&mut Walker::new(&bytes)).ok()
        });
        Self { name: name.to_owned(), ty: T::field_type(), default }
    }
}

/// Takes the next token if it is of the wanted kind, and says what it is otherwise.
pub(super) fn expect<'a, T>(
    walker: &mut Walker<'a>,
    wanted: &str,
    take: impl FnOnce(Token<'a>) -> Option<T>,
) -> Result<T> {
    let at = walker.position();
    let token = walker.token()?;
    take(token).ok_or_else(|| wrong(wanted, &token, at))
}

fn wrong(wanted: &str, found: &Token<'_>, at: usize) -> Error {
    let message = format!("the field is not {wanted} but {}", found.describe());
    Error::new(Kind::WrongType, message).at(at as u64)
}
