//! Arrays made of what other formats have instead.

use atdata_format::array::{compact_len, write_compact_header};
use atdata_format::dtype::{Dtype, Element};
use atdata_format::{Error, Kind, Result, Value, npy};

/// An array in the format's form, of its dtype's text, its shape and its elements in C order.
pub(super) fn array_bytes(dtype: &str, shape: &[usize], data: &[u8]) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(data.len() + 64);
    if dtype.starts_with('[') || dtype.get(1..2) == Some("V") || dtype.starts_with('\'') {
        npy::write_header(dtype, shape, &mut out)?;
    } else {
        let dtype = Dtype::parse(dtype)?;
        let len = compact_len(&dtype, shape)?;
        write_compact_header(&dtype, shape, &mut out)?;
        if len != out.len() + data.len() {
            return Err(Error::new(Kind::BadArray, "the data is not as long as the shape says"));
        }
    }
    out.extend_from_slice(data);
    Ok(out)
}

/// An array of nested lists of numbers that are all of one shape; of the dtype of this name, else
/// of the one that they have.
pub(super) fn array_of(value: &Value, dtype: Option<&str>) -> Option<Vec<u8>> {
    let mut shape = Vec::new();
    let mut inner = value;
    while let Value::List(items) = inner {
        shape.push(items.len());
        let Some(first) = items.first() else { break };
        inner = first;
    }
    let mut flat = Vec::new();
    flatten(value, &shape, &mut flat)?;
    let dtype = dtype.unwrap_or_else(|| natural(&flat));
    let mut out = Vec::new();
    write_as(dtype, &shape, &flat, &mut out)?;
    Some(out)
}

fn flatten<'a>(value: &'a Value, shape: &[usize], out: &mut Vec<&'a Value>) -> Option<()> {
    match (value, shape.split_first()) {
        (Value::List(items), Some((len, rest))) if items.len() == *len => {
            items.iter().try_for_each(|item| flatten(item, rest, out))
        }
        (Value::Bool(_) | Value::Int(_) | Value::UInt(_) | Value::Float(_), None) => {
            out.push(value);
            Some(())
        }
        _ => None,
    }
}

fn natural(flat: &[&Value]) -> &'static str {
    let all = |fits: fn(&Value) -> bool| !flat.is_empty() && flat.iter().all(|value| fits(value));
    if all(|value| matches!(value, Value::Bool(_))) {
        "bool"
    } else if all(|value| matches!(value, Value::Int(_))) {
        "int64"
    } else {
        "float64"
    }
}

fn write_as(dtype: &str, shape: &[usize], flat: &[&Value], out: &mut Vec<u8>) -> Option<()> {
    macro_rules! elements {
        ($type:ty, $convert:expr) => {{
            let values =
                flat.iter().map(|value| $convert(value)).collect::<Option<Vec<$type>>>()?;
            write_compact_header(&Dtype::from(<$type>::SCALAR), shape, out).ok()?;
            <$type>::write(&values, out);
        }};
    }
    macro_rules! whole {
        ($type:ty) => {
            elements!($type, |value: &Value| match value {
                Value::Int(value) => <$type>::try_from(*value).ok(),
                Value::UInt(value) => <$type>::try_from(*value).ok(),
                _ => None,
            })
        };
    }
    match dtype {
        "bool" => elements!(bool, |value: &Value| match value {
            Value::Bool(value) => Some(*value),
            _ => None,
        }),
        "int8" => whole!(i8),
        "int16" => whole!(i16),
        "int32" => whole!(i32),
        "int64" => whole!(i64),
        "uint8" => whole!(u8),
        "uint16" => whole!(u16),
        "uint32" => whole!(u32),
        "uint64" => whole!(u64),
        "float16" => elements!(half::f16, |value: &Value| float(value).map(half::f16::from_f64)),
        "float32" => elements!(f32, |value: &Value| float(value).map(|value| value as f32)),
        "float64" => elements!(f64, float),
        _ => return None,
    }
    Some(())
}

const fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Int(value) => Some(*value as f64),
        Value::UInt(value) => Some(*value as f64),
        Value::Float(value) => Some(*value),
        _ => None,
    }
}
