//! Arrow's numbers, times and texts as the elements of arrays: the way back of the export's.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Float16Type, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, PrimitiveArray};
use arrow_schema::DataType;
use atdata_format::dtype::{ByteOrder, Class, Dtype};

/// The dtype of numbers; of other types none.
pub(super) const fn dtype_of(found: &DataType) -> Option<&'static str> {
    Some(match found {
        DataType::Boolean => "|b1",
        DataType::Int8 => "|i1",
        DataType::Int16 => "<i2",
        DataType::Int32 => "<i4",
        DataType::Int64 => "<i8",
        DataType::UInt8 => "|u1",
        DataType::UInt16 => "<u2",
        DataType::UInt32 => "<u4",
        DataType::UInt64 => "<u8",
        DataType::Float16 => "<f2",
        DataType::Float32 => "<f4",
        DataType::Float64 => "<f8",
        _ => return None,
    })
}

/// The elements of an array of this dtype; none where they are not such.
pub(super) fn element_bytes(leaf: &dyn Array, dtype: &Dtype) -> Option<Vec<u8>> {
    let Some(scalar) = dtype.scalar() else { return raw(leaf, dtype.item_size()) };
    let times = matches!(scalar.class(), Class::Datetime | Class::Timedelta);
    let mut bytes = match leaf.data_type() {
        DataType::FixedSizeBinary(_) => return raw(leaf, dtype.item_size()),
        DataType::Boolean => leaf.as_boolean().values().iter().map(u8::from).collect(),
        DataType::Utf8 => return texts(leaf, dtype.item_size(), scalar.order()),
        _ if times => time_bytes(leaf, dtype)?,
        _ => number_bytes(leaf)?,
    };
    if bytes.len() != leaf.len() * dtype.item_size() {
        return None;
    }
    if scalar.order() == ByteOrder::Big {
        bytes
            .chunks_exact_mut(swapped(scalar.class(), dtype.item_size()))
            .for_each(<[u8]>::reverse);
    }
    Some(bytes)
}

/// The bytes that are turned round together: a complex number is two.
const fn swapped(class: Class, size: usize) -> usize {
    if matches!(class, Class::Complex) { size / 2 } else { size }
}

fn number_bytes(leaf: &dyn Array) -> Option<Vec<u8>> {
    fn all<T: ArrowPrimitiveType, const N: usize>(
        leaf: &dyn Array,
        bytes: impl Fn(T::Native) -> [u8; N],
    ) -> Option<Vec<u8>> {
        let values: &PrimitiveArray<T> = leaf.as_primitive_opt()?;
        Some(values.values().iter().flat_map(|value| bytes(*value)).collect())
    }
    match leaf.data_type() {
        DataType::Int8 => all::<Int8Type, 1>(leaf, i8::to_le_bytes),
        DataType::Int16 => all::<Int16Type, 2>(leaf, i16::to_le_bytes),
        DataType::Int32 => all::<Int32Type, 4>(leaf, i32::to_le_bytes),
        DataType::Int64 => all::<Int64Type, 8>(leaf, i64::to_le_bytes),
        DataType::UInt8 => all::<UInt8Type, 1>(leaf, u8::to_le_bytes),
        DataType::UInt16 => all::<UInt16Type, 2>(leaf, u16::to_le_bytes),
        DataType::UInt32 => all::<UInt32Type, 4>(leaf, u32::to_le_bytes),
        DataType::UInt64 => all::<UInt64Type, 8>(leaf, u64::to_le_bytes),
        DataType::Float16 => all::<Float16Type, 2>(leaf, half::f16::to_le_bytes),
        DataType::Float32 => all::<Float32Type, 4>(leaf, f32::to_le_bytes),
        DataType::Float64 => all::<Float64Type, 8>(leaf, f64::to_le_bytes),
        _ => None,
    }
}

/// numpy's "not a time".
const NAT: i64 = i64::MIN;

/// A day in milliseconds.
const DAY: i64 = 24 * 3600 * 1000;

fn time_bytes(leaf: &dyn Array, dtype: &Dtype) -> Option<Vec<u8>> {
    let seconds = dtype.as_str().ends_with("M8[s]");
    let mut out = Vec::with_capacity(leaf.len() * 8);
    for (row, time) in times(leaf, seconds)?.into_iter().enumerate() {
        let time = if leaf.is_null(row) { NAT } else { time };
        out.extend_from_slice(&time.to_le_bytes());
    }
    Some(out)
}

/// Times as numbers of their own unit; seconds are written as milliseconds.
fn times(leaf: &dyn Array, seconds: bool) -> Option<Vec<i64>> {
    use arrow_schema::TimeUnit::{Millisecond, Second};
    let whole = |leaf: &dyn Array| {
        let data = leaf.to_data();
        let values = data.buffers().first()?.typed_data::<i64>();
        values.get(data.offset()..data.offset() + data.len()).map(<[i64]>::to_vec)
    };
    Some(match leaf.data_type() {
        DataType::Date32 => {
            leaf.as_primitive::<Date32Type>().values().iter().map(|days| (*days).into()).collect()
        }
        DataType::Date64 => {
            let values = leaf.as_primitive::<Date64Type>().values();
            values.iter().map(|milliseconds| milliseconds.div_euclid(DAY)).collect()
        }
        DataType::Time32(_) => {
            let data = leaf.to_data();
            let values = data.buffers().first()?.typed_data::<i32>();
            let values = values.get(data.offset()..data.offset() + data.len())?;
            values.iter().map(|time| (*time).into()).collect()
        }
        DataType::Timestamp(Millisecond, _) if seconds => {
            whole(leaf)?.into_iter().map(|time| time.div_euclid(1000)).collect()
        }
        DataType::Timestamp(Second, _)
        | DataType::Timestamp(..)
        | DataType::Duration(_)
        | DataType::Time64(_)
        | DataType::Int64 => whole(leaf)?,
        _ => return None,
    })
}

fn raw(leaf: &dyn Array, size: usize) -> Option<Vec<u8>> {
    let values = leaf.as_fixed_size_binary_opt()?;
    if usize::try_from(values.value_length()).ok()? != size {
        return None;
    }
    Some((0..values.len()).flat_map(|row| values.value(row).iter().copied()).collect())
}

/// numpy's texts: four bytes a character, filled up with zeros.
fn texts(leaf: &dyn Array, size: usize, order: ByteOrder) -> Option<Vec<u8>> {
    let values = leaf.as_string_opt::<i32>()?;
    let mut out = Vec::with_capacity(values.len() * size);
    for row in 0..values.len() {
        let start = out.len();
        for character in values.value(row).chars() {
            let character = u32::from(character);
            out.extend_from_slice(&match order {
                ByteOrder::Little => character.to_le_bytes(),
                ByteOrder::Big => character.to_be_bytes(),
            });
        }
        if out.len() - start > size {
            return None;
        }
        out.resize(start + size, 0);
    }
    Some(out)
}
