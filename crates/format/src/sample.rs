//! Rust types as samples.

use crate::array::{ArrayView, encode_ndarray};
use crate::batch::ColumnSpec;
use crate::dtype::Element;
use crate::error::{Error, Kind, Result};
use crate::msgpack::{self, Token, Walker};
use crate::schema::{Field, FieldType, Schema};
use crate::value::Value;
use ndarray::{Array, Dimension};
use std::collections::{BTreeMap, HashMap};

/// A type whose values are samples. `#[derive(Sample)]` implements it for a struct.
pub trait Sample: Sized {
    /// The type's name and fields.
    fn schema() -> Schema;

    /// How the fields are decoded into the columns of a batch.
    #[must_use]
    fn columns() -> Vec<ColumnSpec> {
        Self::schema().fields.iter().map(ColumnSpec::from).collect()
    }

    /// Reads a sample, field by field.
    ///
    /// # Errors
    /// A field that is missing or holds another type, or a broken payload.
    fn from_record(record: &mut Record<'_>) -> Result<Self>;

    /// Appends the sample as a payload.
    ///
    /// # Errors
    /// A value that the format cannot hold.
    fn to_record(&self, record: &mut RecordWriter<'_>) -> Result<()>;

    /// Reads a sample from a payload.
    ///
    /// # Errors
    /// As [`Sample::from_record`]; also when bytes follow the payload.
    fn from_bytes(payload: &[u8]) -> Result<Self> {
        let mut record = Record::new(payload)?;
        let sample = Self::from_record(&mut record)?;
        record.finish()?;
        Ok(sample)
    }

    /// The sample as a payload.
    ///
    /// # Errors
    /// As [`Sample::to_record`].
    fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        self.to_record(&mut RecordWriter::new(&mut out))?;
        Ok(out)
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

/// A payload that is read field by field.
#[derive(Debug)]
pub struct Record<'a> {
    walker: Walker<'a>,
    left: usize,
    extra_fields: u64,
}

impl<'a> Record<'a> {
    /// A record at its first field.
    ///
    /// # Errors
    /// [`Kind::NotAMap`] and what else is wrong with the first bytes.
    pub fn new(payload: &'a [u8]) -> Result<Self> {
        let mut walker = Walker::new(payload);
        let left = walker.map_header()?;
        Ok(Self { walker, left, extra_fields: 0 })
    }

    /// The next field's name; its value is then read or skipped.
    ///
    /// # Errors
    /// A broken payload.
    pub fn next_field(&mut self) -> Result<Option<&'a str>> {
        match self.left.checked_sub(1) {
            None => Ok(None),
            Some(left) => {
                self.left = left;
                self.walker.field_name().map(Some)
            }
        }
    }

    /// The current field's value.
    ///
    /// # Errors
    /// [`Kind::WrongType`] when it is of another type; a broken payload.
    pub fn read<T: FieldValue>(&mut self, field: &str) -> Result<T> {
        T::read(&mut self.walker).map_err(|error| error.in_field(field))
    }

    /// Passes over the current field, which the type does not have.
    ///
    /// # Errors
    /// A broken payload.
    pub fn skip_extra(&mut self, field: &str) -> Result<()> {
        self.extra_fields += 1;
        self.walker.skip().map_err(|error| error.in_field(field))
    }

    /// How many fields were passed over.
    #[must_use]
    pub const fn extra_fields(&self) -> u64 {
        self.extra_fields
    }

    /// What a field that did not come stands for.
    ///
    /// # Errors
    /// [`Kind::MissingField`] unless the type is an `Option`.
    pub fn missing<T: FieldValue>(&self, field: &str) -> Result<T> {
        T::missing().ok_or_else(|| {
            let message = format!("the sample has no field '{field}', which its type requires");
            Error::new(Kind::MissingField, message).in_field(field)
        })
    }

    /// Checks that the payload ends here.
    ///
    /// # Errors
    /// [`Kind::TrailingBytes`].
    pub fn finish(&self) -> Result<()> {
        self.walker.finish()
    }
}

/// A payload that is written field by field.
#[derive(Debug)]
pub struct RecordWriter<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> RecordWriter<'a> {
    /// A writer that appends to `out`.
    pub const fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out }
    }

    /// Starts a record of so many fields.
    ///
    /// # Errors
    /// [`Kind::TooLarge`] at 2^32 fields.
    pub fn start(&mut self, fields: usize) -> Result<()> {
        msgpack::write_map_header(fields, self.out)
    }

    /// Appends a field.
    ///
    /// # Errors
    /// A value that the format cannot hold, with the field's name.
    pub fn field<T: FieldValue>(&mut self, name: &str, value: &T) -> Result<()> {
        msgpack::write_str(name, self.out)?;
        value.write(self.out).map_err(|error| error.in_field(name))
    }
}

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

/// Takes the next token if it is of the wanted kind, and says what it is otherwise.
fn expect<'a, T>(
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

impl<T: FieldValue> FieldValue for Vec<T> {
    fn field_type() -> FieldType {
        T::vec_type()
    }

    fn read(walker: &mut Walker<'_>) -> Result<Self> {
        T::read_vec(walker)
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        T::write_vec(self, out)
    }
}

impl<T: FieldValue> FieldValue for Option<T> {
    const OPTIONAL: bool = true;

    fn field_type() -> FieldType {
        T::field_type()
    }

    fn read(walker: &mut Walker<'_>) -> Result<Self> {
        let mut ahead = walker.clone();
        if ahead.token()? == Token::Nil {
            *walker = ahead;
            return Ok(None);
        }
        T::read(walker).map(Some)
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        match self {
            Some(value) => value.write(out),
            None => {
                msgpack::write_nil(out);
                Ok(())
            }
        }
    }

    fn missing() -> Option<Self> {
        Some(None)
    }
}

impl<T: Element, D: Dimension> FieldValue for Array<T, D> {
    fn field_type() -> FieldType {
        let dtype = Some(T::SCALAR.name());
        FieldType::Array { dtype, shape: None, dimension_names: None }
    }

    fn read(walker: &mut Walker<'_>) -> Result<Self> {
        let at = walker.position() as u64;
        let bytes = expect(walker, "an array", |token| match token {
            Token::Bin(bytes) => Some(bytes),
            _ => None,
        })?;
        let array = ArrayView::parse(bytes).and_then(|view| view.to_ndarray::<T>());
        let array = array.map_err(|error| error.shifted(at))?;
        let shape = array.shape().to_vec();
        array.into_dimensionality::<D>().map_err(|_| {
            let message = format!("an array of shape {shape:?} has another number of axes");
            Error::new(Kind::WrongType, message).at(at)
        })
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        let mut bytes = Vec::new();
        encode_ndarray(self, &mut bytes)?;
        msgpack::write_bin(&bytes, out)
    }
}

impl<V: FieldValue> FieldValue for BTreeMap<String, V> {
    fn field_type() -> FieldType {
        FieldType::Map
    }

    fn read(walker: &mut Walker<'_>) -> Result<Self> {
        let pairs = expect(walker, "a map", |token| match token {
            Token::Map(pairs) => Some(pairs),
            _ => None,
        })?;
        (0..pairs).map(|_| Ok((String::read(walker)?, V::read(walker)?))).collect()
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        msgpack::write_map_header(self.len(), out)?;
        self.iter().try_for_each(|(key, value)| {
            key.write(out)?;
            value.write(out)
        })
    }
}

impl<V: FieldValue, H: std::hash::BuildHasher + Default> FieldValue for HashMap<String, V, H> {
    fn field_type() -> FieldType {
        FieldType::Map
    }

    fn read(walker: &mut Walker<'_>) -> Result<Self> {
        BTreeMap::read(walker).map(|sorted| sorted.into_iter().collect())
    }

    /// Writes the pairs in the order of their keys, so that equal maps give equal bytes.
    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        msgpack::write_map_header(self.len(), out)?;
        let mut keys: Vec<&String> = self.keys().collect();
        keys.sort();
        keys.into_iter().try_for_each(|key| {
            key.write(out)?;
            self.get(key).map_or(Ok(()), |value| value.write(out))
        })
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

/// A sample of any type: its fields by name, in the order they were written. Arrays are bytes.
///
/// ```
/// use atdata_format::{DictSample, Sample, Value};
/// let sample = DictSample::from([("label", Value::Int(7))]);
/// let back = DictSample::from_bytes(&sample.to_bytes()?)?;
/// assert_eq!(back.get("label"), Some(&Value::Int(7)));
/// # Ok::<(), atdata_format::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DictSample {
    fields: Vec<(String, Value)>,
}

impl DictSample {
    /// A field's value.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    /// All fields, in order.
    #[must_use]
    pub fn fields(&self) -> &[(String, Value)] {
        &self.fields
    }
}

impl<N: Into<String>, const COUNT: usize> From<[(N, Value); COUNT]> for DictSample {
    fn from(fields: [(N, Value); COUNT]) -> Self {
        fields.into_iter().collect()
    }
}

impl<N: Into<String>> FromIterator<(N, Value)> for DictSample {
    fn from_iter<I: IntoIterator<Item = (N, Value)>>(fields: I) -> Self {
        let fields = fields.into_iter().map(|(name, value)| (name.into(), value)).collect();
        Self { fields }
    }
}

impl Sample for DictSample {
    /// A schema without fields: any are taken.
    fn schema() -> Schema {
        Schema::new("DictSample")
    }

    fn from_record(record: &mut Record<'_>) -> Result<Self> {
        let mut fields = Vec::new();
        while let Some(name) = record.next_field()? {
            fields.push((name.to_owned(), record.read(name)?));
        }
        Ok(Self { fields })
    }

    fn to_record(&self, record: &mut RecordWriter<'_>) -> Result<()> {
        record.start(self.fields.len())?;
        self.fields.iter().try_for_each(|(name, value)| record.field(name, value))
    }
}
