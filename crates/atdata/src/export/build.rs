//! Columns as Arrow arrays of a form that holds them.

use super::arrays::{arrays, offsets};
use super::form::{Form, Kind, element};
use super::{arrow, json, too_large};
use crate::error::{Error, Result};
use arrow_array::OffsetSizeTrait;
use arrow_array::types::ByteArrayType;
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Decimal128Array, Float64Array, GenericByteArray,
    Int64Array, LargeBinaryArray, LargeStringArray, ListArray, StringArray, UInt64Array,
    new_null_array,
};
use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer};
use arrow_schema::DataType;
use atdata_format::Value;
use atdata_format::batch::{Column, Packed};
use std::sync::Arc;

/// A column, and those beside it.
pub(super) fn build(form: &Form, column: Column) -> Result<Vec<ArrayRef>> {
    let array: ArrayRef = match (&form.kind, column) {
        (Kind::Json, column) => Arc::new(json::texts(&column)?),
        (Kind::Array(Some(form)), column @ (Column::Stack(_) | Column::Arrays(_))) => {
            return arrays(form, column);
        }
        (Kind::Bool, Column::Bools(values)) => Arc::new(BooleanArray::from(values)),
        (Kind::Number(numbers), Column::Ints(values)) => ints(&numbers.data_type(), values),
        (Kind::Number(_), Column::Floats(values)) => Arc::new(Float64Array::from(values)),
        (Kind::Text { large: false }, Column::Texts(packed)) => {
            Arc::new(joined::<StringArray, _>(packed)?)
        }
        (Kind::Text { large: true }, Column::Texts(packed)) => {
            Arc::new(joined::<LargeStringArray, _>(packed)?)
        }
        (Kind::Bytes { large: false }, Column::Bytes(packed)) => {
            Arc::new(joined::<BinaryArray, _>(packed)?)
        }
        (Kind::Bytes { large: true }, Column::Bytes(packed)) => {
            Arc::new(joined::<LargeBinaryArray, _>(packed)?)
        }
        (kind, Column::Values(values)) => values_of(kind, &values.iter().collect::<Vec<_>>())?,
        (kind, column) => return all_none(kind, &column),
    };
    Ok(vec![array])
}

/// A column of which it is only known that nothing is in it.
fn all_none(kind: &Kind, column: &Column) -> Result<Vec<ArrayRef>> {
    match column {
        Column::Arrays(items) if items.iter().all(Option::is_none) => {
            Ok(vec![new_null_array(&kind.data_type(), items.len())])
        }
        other => Err(Error::Invalid(format!("{} do not fit {kind:?}", other.describe()))),
    }
}

fn ints(data_type: &DataType, values: Vec<i64>) -> ArrayRef {
    match data_type {
        DataType::UInt64 => {
            Arc::new(values.iter().map(|&v| Some(v as u64)).collect::<UInt64Array>())
        }
        DataType::Float64 => {
            Arc::new(Float64Array::from_iter_values(values.iter().map(|&v| v as f64)))
        }
        DataType::Decimal128(..) => decimals(values.iter().map(|&v| Some(v.into())).collect()),
        _ => Arc::new(Int64Array::from(values)),
    }
}

fn decimals(values: Decimal128Array) -> ArrayRef {
    Arc::new(values.with_data_type(DataType::Decimal128(20, 0)))
}

/// Items that lie end to end already.
fn joined<A: FromPacked<O>, O: OffsetSizeTrait>(packed: Packed) -> Result<A> {
    let (data, ends) = packed.into_parts();
    let starts = std::iter::once(0).chain(ends);
    let ends = starts.map(|end| O::from_usize(end).ok_or_else(|| too_large("bytes")));
    let ends = ends.collect::<Result<Vec<O>>>()?;
    A::from_parts(OffsetBuffer::new(ends.into()), Buffer::from_vec(data))
}

trait FromPacked<O: OffsetSizeTrait>: Sized {
    fn from_parts(offsets: OffsetBuffer<O>, data: Buffer) -> Result<Self>;
}

impl<T: ByteArrayType> FromPacked<T::Offset> for GenericByteArray<T> {
    fn from_parts(offsets: OffsetBuffer<T::Offset>, data: Buffer) -> Result<Self> {
        Self::try_new(offsets, data, None).map_err(arrow)
    }
}

/// Values of a form that holds them all.
fn values_of(kind: &Kind, values: &[&Value]) -> Result<ArrayRef> {
    let array: ArrayRef = match kind {
        Kind::Bool => Arc::new(values.iter().map(|v| truth(v)).collect::<BooleanArray>()),
        Kind::Number(numbers) => number_values(&numbers.data_type(), values),
        Kind::Text { large } => {
            check_size(values, *large)?;
            let texts = values.iter().map(|v| text(v));
            if *large {
                Arc::new(texts.collect::<LargeStringArray>())
            } else {
                Arc::new(texts.collect::<StringArray>())
            }
        }
        Kind::Bytes { large } => {
            check_size(values, *large)?;
            let items = values.iter().map(|v| bytes(v));
            if *large {
                Arc::new(items.collect::<LargeBinaryArray>())
            } else {
                Arc::new(items.collect::<BinaryArray>())
            }
        }
        Kind::List(items) => lists(items, values)?,
        Kind::Json | Kind::Unknown | Kind::Array(_) => {
            new_null_array(&kind.data_type(), values.len())
        }
    };
    Ok(array)
}

fn number_values(data_type: &DataType, values: &[&Value]) -> ArrayRef {
    let whole = || values.iter().map(|value| int(value));
    match data_type {
        DataType::Int64 => {
            Arc::new(whole().map(|v| v.and_then(|v| i64::try_from(v).ok())).collect::<Int64Array>())
        }
        DataType::UInt64 => Arc::new(
            whole().map(|v| v.and_then(|v| u64::try_from(v).ok())).collect::<UInt64Array>(),
        ),
        DataType::Decimal128(..) => decimals(whole().collect()),
        _ => Arc::new(values.iter().map(|value| float(value)).collect::<Float64Array>()),
    }
}

fn lists(items: &Form, values: &[&Value]) -> Result<ArrayRef> {
    let flat: Vec<&Value> = values.iter().flat_map(|value| list(value)).collect();
    let inner = values_of(&items.kind, &flat)?;
    let offsets = offsets(values.iter().map(|value| list(value).len()), "items")?;
    let present = NullBuffer::from_iter(values.iter().map(|value| **value != Value::Nil));
    let nulls = Some(present).filter(|present| present.null_count() > 0);
    let list = ListArray::try_new(Arc::new(element(items)), offsets, inner, nulls);
    Ok(Arc::new(list.map_err(arrow)?))
}

/// Texts and bytes of lists are together in one buffer, however many there are.
fn check_size(values: &[&Value], large: bool) -> Result<()> {
    let size: usize =
        values.iter().map(|v| text(v).map_or(0, str::len) + bytes(v).map_or(0, <[u8]>::len)).sum();
    if large || size <= i32::MAX as usize { Ok(()) } else { Err(too_large("bytes")) }
}

const fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        _ => None,
    }
}

fn int(value: &Value) -> Option<i128> {
    match value {
        Value::Int(value) => Some((*value).into()),
        Value::UInt(value) => Some((*value).into()),
        _ => None,
    }
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Float(value) => Some(*value),
        other => int(other).map(|value| value as f64),
    }
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Str(text) => Some(text),
        _ => None,
    }
}

fn bytes(value: &Value) -> Option<&[u8]> {
    match value {
        Value::Bytes(bytes) => Some(bytes),
        _ => None,
    }
}

fn list(value: &Value) -> &[Value] {
    match value {
        Value::List(items) => items,
        _ => &[],
    }
}
