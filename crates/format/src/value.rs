//! A value of any type that a field can hold.

use crate::array::ArrayView;
use crate::error::{Error, Kind, Result};
use crate::msgpack::{self, Token, Walker};

/// A value of any type that a field can hold.
///
/// Arrays are [`Value::Bytes`] here; [`Value::as_array`] reads them.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `None`.
    Nil,
    /// A truth value.
    Bool(bool),
    /// An integer from `i64::MIN` to `i64::MAX`.
    Int(i64),
    /// An integer above `i64::MAX`.
    UInt(u64),
    /// A 64-bit float.
    Float(f64),
    /// Text.
    Str(String),
    /// Bytes, or an array.
    Bytes(Vec<u8>),
    /// A list.
    List(Vec<Value>),
    /// A map, its pairs in the order they were written.
    Map(Vec<(Value, Value)>),
}

impl Value {
    /// Reads the next value.
    ///
    /// # Errors
    /// As [`Walker::token`] and [`Walker::skip`].
    pub fn read(walker: &mut Walker<'_>) -> Result<Self> {
        Self::read_nested(walker, 0)
    }

    fn read_nested(walker: &mut Walker<'_>, depth: usize) -> Result<Self> {
        let start = walker.position();
        Ok(match walker.token()? {
            Token::Nil => Self::Nil,
            Token::Bool(value) => Self::Bool(value),
            Token::Int(value) => Self::Int(value),
            Token::UInt(value) => Self::UInt(value),
            Token::Float(value) => Self::Float(value),
            Token::Str(text) => Self::Str(text.to_owned()),
            Token::Bin(bytes) => Self::Bytes(bytes.to_vec()),
            Token::List(items) => {
                walker.check_depth(depth, start)?;
                let read = |_| Self::read_nested(walker, depth + 1);
                Self::List((0..items).map(read).collect::<Result<_>>()?)
            }
            Token::Map(pairs) => {
                walker.check_depth(depth, start)?;
                let mut read = || Self::read_nested(walker, depth + 1);
                Self::Map((0..pairs).map(|_| Ok((read()?, read()?))).collect::<Result<_>>()?)
            }
        })
    }

    /// Appends the value as msgpack.
    ///
    /// # Errors
    /// [`Kind::TooLarge`] for text, bytes, lists or maps of 4 GiB; [`Kind::TooDeep`] for what no
    /// reader would take.
    pub fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        self.write_nested(out, 0)
    }

    fn write_nested(&self, out: &mut Vec<u8>, depth: usize) -> Result<()> {
        match self {
            Self::Nil => msgpack::write_nil(out),
            Self::Bool(value) => msgpack::write_bool(*value, out),
            Self::Int(value) => msgpack::write_int(*value, out),
            Self::UInt(value) => msgpack::write_uint(*value, out),
            Self::Float(value) => msgpack::write_float(*value, out),
            Self::Str(text) => msgpack::write_str(text, out)?,
            Self::Bytes(bytes) => msgpack::write_bin(bytes, out)?,
            Self::List(items) => {
                msgpack::check_depth(depth)?;
                msgpack::write_list_header(items.len(), out)?;
                items.iter().try_for_each(|item| item.write_nested(out, depth + 1))?;
            }
            Self::Map(pairs) => {
                msgpack::check_depth(depth)?;
                msgpack::write_map_header(pairs.len(), out)?;
                for (key, value) in pairs {
                    key.write_nested(out, depth + 1)?;
                    value.write_nested(out, depth + 1)?;
                }
            }
        }
        Ok(())
    }

    /// The array that these bytes hold.
    ///
    /// # Errors
    /// [`Kind::WrongType`] when the value is not bytes, else as [`ArrayView::parse`].
    pub fn as_array(&self) -> Result<ArrayView<'_>> {
        match self {
            Self::Bytes(bytes) => ArrayView::parse(bytes),
            _ => Err(Error::new(Kind::WrongType, "the value is not an array")),
        }
    }
}
