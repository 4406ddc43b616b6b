//! Single elements of arrays as values.

use atdata_format::Value;
use atdata_format::dtype::{ByteOrder, Class, Dtype, Element, Scalar};

/// One number or text as a value; none for what only arrays have.
pub(super) fn single(dtype: &Dtype, scalar: Scalar, data: &[u8]) -> Option<Value> {
    let order = scalar.order();
    macro_rules! read {
        ($type:ty, $make:expr) => {
            <$type>::read(order, data).first().map(|value| $make(*value))
        };
    }
    macro_rules! int {
        ($type:ty) => {
            read!($type, |value| Value::Int(i64::from(value)))
        };
    }
    let uint = |value: u64| i64::try_from(value).map_or(Value::UInt(value), Value::Int);
    match (scalar.class(), dtype.item_size()) {
        (Class::Bool, _) => read!(bool, Value::Bool),
        (Class::Int, 1) => int!(i8),
        (Class::Int, 2) => int!(i16),
        (Class::Int, 4) => int!(i32),
        (Class::Int, _) => int!(i64),
        (Class::Uint, 1) => int!(u8),
        (Class::Uint, 2) => int!(u16),
        (Class::Uint, 4) => int!(u32),
        (Class::Uint, _) => read!(u64, uint),
        (Class::Float, 2) => read!(half::f16, |value: half::f16| Value::Float(value.to_f64())),
        (Class::Float, 4) => read!(f32, |value| Value::Float(f64::from(value))),
        (Class::Float, 8) => read!(f64, Value::Float),
        (Class::Unicode, _) => text(order, data).map(Value::Str),
        (Class::Bytes, _) => {
            let end = data.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
            data.get(..end).map(|bytes| Value::Bytes(bytes.to_vec()))
        }
        _ => None,
    }
}

/// numpy's text: four bytes a character, zeros at the end left out.
fn text(order: ByteOrder, data: &[u8]) -> Option<String> {
    let characters = u32::read(order, data);
    let end = characters.iter().rposition(|character| *character != 0).map_or(0, |last| last + 1);
    characters.iter().take(end).map(|character| char::from_u32(*character)).collect()
}
