//! Numbers, truth values and text.

use super::field::{FieldValue, expect};
use crate::error::{Error, Kind, Result};
use crate::msgpack::{self, Token, Walker};
use crate::schema::FieldType;
use crate::value::Value;

macro_rules! integers {
    ($($ty:ty => $write:ident as $wide:ty),* $(,)?) => { $(
        impl FieldValue for $ty {
            integers!(@body $ty, $write, $wide);
        }
    )* };
    (@body $ty:ty, $write:ident, $wide:ty) => {
        fn field_type() -> FieldType {
            FieldType::Int
        }

        fn read(walker: &mut Walker<'_>) -> Result<Self> {
            let at = walker.position();
            let whole = expect(walker, "an int", |token| match token {
                Token::Int(value) => Some(i128::from(value)),
                Token::UInt(value) => Some(i128::from(value)),
                _ => None,
            })?;
            <$ty>::try_from(whole).map_err(|_| {
                let message = format!("{whole} does not fit {}", stringify!($ty));
                Error::new(Kind::IntegerRange, message).at(at as u64)
            })
        }

        fn write(&self, out: &mut Vec<u8>) -> Result<()> {
            msgpack::$write(<$wide>::from(*self), out);
            Ok(())
        }
    };
}

integers! {
    i8 => write_int as i64,
    i16 => write_int as i64,
    i32 => write_int as i64,
    i64 => write_int as i64,
    u16 => write_uint as u64,
    u32 => write_uint as u64,
    u64 => write_uint as u64,
}

impl FieldValue for u8 {
    integers!(@body u8, write_uint, u64);

    fn vec_type() -> FieldType {
        FieldType::Bytes
    }

    fn read_vec(walker: &mut Walker<'_>) -> Result<Vec<Self>> {
        expect(walker, "bytes", |token| match token {
            Token::Bin(bytes) => Some(bytes.to_vec()),
            _ => None,
        })
    }

    fn write_vec(values: &[Self], out: &mut Vec<u8>) -> Result<()> {
        msgpack::write_bin(values, out)
    }
}

impl FieldValue for f64 {
    fn field_type() -> FieldType {
        FieldType::Float
    }

    /// Reads floats, and whole numbers, which Python code often gives for them.
    fn read(walker: &mut Walker<'_>) -> Result<Self> {
        expect(walker, "a float", |token| match token {
            Token::Float(value) => Some(value),
            Token::Int(value) => Some(value as Self),
            Token::UInt(value) => Some(value as Self),
            _ => None,
        })
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        msgpack::write_float(*self, out);
        Ok(())
    }
}

impl FieldValue for f32 {
    fn field_type() -> FieldType {
        FieldType::Float
    }

    fn read(walker: &mut Walker<'_>) -> Result<Self> {
        <f64 as FieldValue>::read(walker).map(|value| value as Self)
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        msgpack::write_float(f64::from(*self), out);
        Ok(())
    }
}

impl FieldValue for bool {
    fn field_type() -> FieldType {
        FieldType::Bool
    }

    fn read(walker: &mut Walker<'_>) -> Result<Self> {
        expect(walker, "a bool", |token| match token {
            Token::Bool(value) => Some(value),
            _ => None,
        })
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        msgpack::write_bool(*self, out);
        Ok(())
    }
}

impl FieldValue for String {
    fn field_type() -> FieldType {
        FieldType::Str
    }

    fn read(walker: &mut Walker<'_>) -> Result<Self> {
        expect(walker, "text", |token| match token {
            Token::Str(text) => Some(text.to_owned()),
            _ => None,
        })
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        msgpack::write_str(self, out)
    }
}

impl FieldValue for Value {
    fn field_type() -> FieldType {
        FieldType::Any
    }

    fn read(walker: &mut Walker<'_>) -> Result<Self> {
        Self::read(walker)
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        Self::write(self, out)
    }
}
