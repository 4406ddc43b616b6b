//! The elements of arrays as Arrow values.

use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, DurationMicrosecondType, DurationMillisecondType,
    DurationNanosecondType, DurationSecondType, Float16Type, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    ArrayRef, BooleanArray, FixedSizeBinaryArray, PrimitiveArray, StringArray, new_null_array,
};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field, FieldRef};
use atdata_format::dtype::{ByteOrder, Class, Dtype, Scalar};
use std::sync::Arc;

/// How the elements of a dtype are stored.
#[derive(Debug, Clone)]
pub(super) struct Elements {
    as_type: As,
    order: ByteOrder,
    size: usize,
}

#[derive(Debug, Clone, PartialEq)]
enum As {
    Bool,
    /// The same number in Arrow.
    Number(DataType),
    /// Days that fit into 32 bits.
    Days,
    /// Seconds, as milliseconds: Parquet has none.
    Seconds,
    /// Another time with `NaT` among its values, which is null.
    Time(DataType),
    Text,
    /// The bytes of each element.
    Raw,
}

impl Elements {
    pub(super) fn new(dtype: &Dtype, raw: bool) -> Self {
        let (scalar, size) = (dtype.scalar(), dtype.item_size());
        let as_type = scalar.filter(|_| !raw).map_or(As::Raw, as_type);
        Self { as_type, order: scalar.map_or(ByteOrder::Little, Scalar::order), size }
    }

    /// The bytes of one element.
    pub(super) const fn size(&self) -> usize {
        self.size
    }

    pub(super) fn data_type(&self) -> DataType {
        use arrow_schema::TimeUnit::Millisecond;
        match &self.as_type {
            As::Bool => DataType::Boolean,
            As::Number(found) | As::Time(found) => found.clone(),
            As::Days => DataType::Date32,
            As::Seconds => DataType::Timestamp(Millisecond, None),
            As::Text => DataType::Utf8,
            As::Raw => DataType::FixedSizeBinary(self.size as i32),
        }
    }

    /// The field of a list of elements, or of lists of them.
    pub(super) fn field(&self, data_type: DataType, innermost: bool) -> FieldRef {
        let times = matches!(self.as_type, As::Days | As::Seconds | As::Time(_));
        Arc::new(Field::new("element", data_type, innermost && times))
    }

    /// The array of these elements; with `nulls` some of them are none.
    pub(super) fn array(&self, data: Vec<u8>, nulls: Option<NullBuffer>) -> ArrayRef {
        let len = data.len() / self.size;
        match &self.as_type {
            As::Bool => {
                let values = BooleanBuffer::collect_bool(len, |at| data[at] != 0);
                Arc::new(BooleanArray::new(values, nulls))
            }
            As::Number(found) => number(found, self.ordered(data), nulls),
            As::Days => self.time::<Date32Type>(&data, nulls.as_ref(), |days| days as i32),
            As::Seconds => {
                self.time::<TimestampMillisecondType>(&data, nulls.as_ref(), |seconds| {
                    seconds * 1000
                })
            }
            As::Time(found) => self.time_as(found, &data, nulls.as_ref()),
            As::Text => Arc::new(self.texts(&data, nulls.as_ref())),
            As::Raw => {
                let size = self.size as i32;
                match FixedSizeBinaryArray::try_new(size, data.into(), nulls) {
                    Ok(array) => Arc::new(array),
                    Err(_) => new_null_array(&self.data_type(), len),
                }
            }
        }
    }

    /// The data in this machine's order of bytes.
    fn ordered(&self, mut data: Vec<u8>) -> Vec<u8> {
        let native = if cfg!(target_endian = "big") { ByteOrder::Big } else { ByteOrder::Little };
        if self.order != native && self.size > 1 {
            data.chunks_exact_mut(self.size).for_each(<[u8]>::reverse);
        }
        data
    }

    fn time_as(&self, found: &DataType, data: &[u8], nulls: Option<&NullBuffer>) -> ArrayRef {
        use arrow_schema::TimeUnit::{Microsecond, Millisecond, Nanosecond, Second};
        match found {
            DataType::Timestamp(Millisecond, _) => {
                self.time::<TimestampMillisecondType>(data, nulls, |v| v)
            }
            DataType::Timestamp(Microsecond, _) => {
                self.time::<TimestampMicrosecondType>(data, nulls, |v| v)
            }
            DataType::Timestamp(..) => self.time::<TimestampNanosecondType>(data, nulls, |v| v),
            DataType::Duration(Second) => self.time::<DurationSecondType>(data, nulls, |v| v),
            DataType::Duration(Millisecond) => {
                self.time::<DurationMillisecondType>(data, nulls, |v| v)
            }
            DataType::Duration(Microsecond) => {
                self.time::<DurationMicrosecondType>(data, nulls, |v| v)
            }
            DataType::Duration(Nanosecond) => {
                self.time::<DurationNanosecondType>(data, nulls, |v| v)
            }
            _ => new_null_array(found, data.len() / self.size),
        }
    }

    fn time<T: ArrowPrimitiveType>(
        &self,
        data: &[u8],
        nulls: Option<&NullBuffer>,
        convert: impl Fn(i64) -> T::Native,
    ) -> ArrayRef {
        let times = || times(self.order, data);
        let known = NullBuffer::from_iter(times().map(|time| time != NAT));
        let known = NullBuffer::union(nulls, Some(&known).filter(|k| k.null_count() > 0));
        let values =
            times().map(|time| if time == NAT { T::Native::default() } else { convert(time) });
        Arc::new(PrimitiveArray::<T>::new(values.collect(), known))
    }

    fn texts(&self, data: &[u8], nulls: Option<&NullBuffer>) -> StringArray {
        let items = data.chunks_exact(self.size).enumerate();
        items
            .map(|(row, item)| {
                let is_null = nulls.is_some_and(|nulls| nulls.is_null(row));
                if is_null { None } else { text(self.order, item) }
            })
            .collect()
    }
}

/// numpy's "not a time".
const NAT: i64 = i64::MIN;

fn as_type(scalar: Scalar) -> As {
    use arrow_schema::TimeUnit::{Microsecond, Millisecond, Nanosecond, Second};
    let name = scalar.name();
    let text = name.trim_start_matches(['<', '>']);
    match (scalar.class(), text) {
        (Class::Bool, _) => As::Bool,
        (Class::Int | Class::Uint | Class::Float, name) => {
            number_type(name).map_or(As::Raw, As::Number)
        }
        (Class::Unicode, _) => As::Text,
        (_, "M8[D]") => As::Days,
        (_, "M8[s]") => As::Seconds,
        (_, "M8[ms]") => As::Time(DataType::Timestamp(Millisecond, None)),
        (_, "M8[us]") => As::Time(DataType::Timestamp(Microsecond, None)),
        (_, "M8[ns]") => As::Time(DataType::Timestamp(Nanosecond, None)),
        (_, "m8[s]") => As::Time(DataType::Duration(Second)),
        (_, "m8[ms]") => As::Time(DataType::Duration(Millisecond)),
        (_, "m8[us]") => As::Time(DataType::Duration(Microsecond)),
        (_, "m8[ns]") => As::Time(DataType::Duration(Nanosecond)),
        _ => As::Raw,
    }
}

fn number_type(name: &str) -> Option<DataType> {
    Some(match name {
        "int8" => DataType::Int8,
        "int16" => DataType::Int16,
        "int32" => DataType::Int32,
        "int64" => DataType::Int64,
        "uint8" => DataType::UInt8,
        "uint16" => DataType::UInt16,
        "uint32" => DataType::UInt32,
        "uint64" => DataType::UInt64,
        "float16" => DataType::Float16,
        "float32" => DataType::Float32,
        "float64" => DataType::Float64,
        _ => return None,
    })
}

fn number(found: &DataType, data: Vec<u8>, nulls: Option<NullBuffer>) -> ArrayRef {
    match found {
        DataType::Int8 => primitive::<Int8Type>(data, nulls),
        DataType::Int16 => primitive::<Int16Type>(data, nulls),
        DataType::Int32 => primitive::<Int32Type>(data, nulls),
        DataType::Int64 => primitive::<Int64Type>(data, nulls),
        DataType::UInt8 => primitive::<UInt8Type>(data, nulls),
        DataType::UInt16 => primitive::<UInt16Type>(data, nulls),
        DataType::UInt32 => primitive::<UInt32Type>(data, nulls),
        DataType::UInt64 => primitive::<UInt64Type>(data, nulls),
        DataType::Float16 => primitive::<Float16Type>(data, nulls),
        DataType::Float32 => primitive::<Float32Type>(data, nulls),
        _ => primitive::<Float64Type>(data, nulls),
    }
}

/// The bytes as they are, copied only where they do not lie as numbers must.
fn primitive<T: ArrowPrimitiveType>(data: Vec<u8>, nulls: Option<NullBuffer>) -> ArrayRef {
    let len = data.len() / size_of::<T::Native>();
    let mut buffer = Buffer::from_vec(data);
    if buffer.as_ptr().align_offset(align_of::<T::Native>()) != 0 {
        buffer = Buffer::from_slice_ref(buffer.as_slice());
    }
    Arc::new(PrimitiveArray::<T>::new(ScalarBuffer::new(buffer, 0, len), nulls))
}

/// Whether all elements are values of the Arrow type that their dtype has.
pub(super) fn fits_arrow(dtype: &Dtype, data: &[u8]) -> bool {
    let Some(scalar) = dtype.scalar() else { return true };
    let order = scalar.order();
    let all = |fits: fn(i64) -> bool| times(order, data).all(|time| time == NAT || fits(time));
    match as_type(scalar) {
        As::Days => all(|days| i32::try_from(days).is_ok()),
        As::Seconds => all(|seconds| seconds.checked_mul(1000).is_some_and(|ms| ms != NAT)),
        As::Text => data.chunks_exact(scalar.size()).all(|item| text(order, item).is_some()),
        _ => true,
    }
}

/// Whether some of the elements are "not a time".
pub(super) fn has_nat(dtype: &Dtype, data: &[u8]) -> bool {
    let scalar = dtype.scalar().filter(|s| matches!(s.class(), Class::Datetime | Class::Timedelta));
    scalar.is_some_and(|scalar| times(scalar.order(), data).any(|time| time == NAT))
}

fn times(order: ByteOrder, data: &[u8]) -> impl Iterator<Item = i64> {
    data.as_chunks::<8>().0.iter().map(move |bytes| match order {
        ByteOrder::Little => i64::from_le_bytes(*bytes),
        ByteOrder::Big => i64::from_be_bytes(*bytes),
    })
}

/// numpy's text: four bytes a character, zeros at the end left out.
fn text(order: ByteOrder, item: &[u8]) -> Option<String> {
    let characters = item.as_chunks::<4>().0.iter().map(|bytes| match order {
        ByteOrder::Little => u32::from_le_bytes(*bytes),
        ByteOrder::Big => u32::from_be_bytes(*bytes),
    });
    let mut text = characters.map(char::from_u32).collect::<Option<String>>()?;
    text.truncate(text.trim_end_matches('\0').len());
    Some(text)
}
