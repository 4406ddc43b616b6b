//! One field of a batch.

use super::array_column::{ArrayItem, ArrayStack, Room, parse_item};
use super::packed::Packed;
use crate::array::{ArrayHeader, ArrayView};
use crate::error::{Error, Kind, Result};
use crate::msgpack::{Token, Walker};
use crate::schema::FieldType;
use crate::value::Value;

/// The values of one field, in the form that fits them all.
///
/// A column starts in the form of its declared type. A value of another type turns it into
/// [`Column::Values`] (or [`Column::Arrays`]), so that nothing is lost.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Truth values.
    Bools(Vec<bool>),
    /// Integers.
    Ints(Vec<i64>),
    /// 64-bit floats.
    Floats(Vec<f64>),
    /// Texts.
    Texts(Packed),
    /// Byte strings.
    Bytes(Packed),
    /// Arrays of one shape and dtype, stacked.
    Stack(ArrayStack),
    /// Arrays of several shapes or dtypes, or `None`.
    Arrays(Vec<Option<ArrayItem>>),
    /// Anything else.
    Values(Vec<Value>),
}

impl Column {
    /// A column of texts.
    pub fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut packed = Packed::default();
        texts.into_iter().for_each(|text| packed.push(text.as_bytes()));
        Self::Texts(packed)
    }

    pub(super) fn for_type(ty: &FieldType, rows: usize) -> Self {
        match ty {
            FieldType::Bool => Self::Bools(Vec::with_capacity(rows)),
            FieldType::Int => Self::Ints(Vec::with_capacity(rows)),
            FieldType::Float => Self::Floats(Vec::with_capacity(rows)),
            FieldType::Str => Self::Texts(Packed::default()),
            FieldType::Bytes => Self::Bytes(Packed::default()),
            // The first array makes it a stack.
            FieldType::Array { .. } => Self::Arrays(Vec::new()),
            _ => Self::Values(Vec::with_capacity(rows)),
        }
    }

    /// An empty column of this type, after one of a batch that was much like the next.
    pub(super) fn after(last: &Self, ty: &FieldType, room: Room<'_>) -> Self {
        match (ty, last) {
            (FieldType::Str, Self::Texts(packed)) => Self::Texts(packed.like(room.memory)),
            (FieldType::Bytes, Self::Bytes(packed)) => Self::Bytes(packed.like(room.memory)),
            _ => Self::for_type(ty, room.rows),
        }
    }

    /// The number of values.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self {
            Self::Bools(values) => values.len(),
            Self::Ints(values) => values.len(),
            Self::Floats(values) => values.len(),
            Self::Texts(packed) | Self::Bytes(packed) => packed.len(),
            Self::Stack(stack) => stack.rows,
            Self::Arrays(items) => items.len(),
            Self::Values(values) => values.len(),
        }
    }

    /// How many bytes the values take, about.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Texts(packed) | Self::Bytes(packed) => packed.data().len(),
            Self::Stack(stack) => stack.data.len(),
            Self::Arrays(items) => items.iter().flatten().map(|item| item.data.len()).sum(),
            Self::Values(values) => values.iter().map(bytes_of).sum(),
            _ => self.len() * size_of::<u64>(),
        }
    }

    /// Whether there are no values.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the column holds, for error messages.
    #[must_use]
    pub const fn describe(&self) -> &'static str {
        match self {
            Self::Bools(_) => "bools",
            Self::Ints(_) => "ints",
            Self::Floats(_) => "floats",
            Self::Texts(_) => "texts",
            Self::Bytes(_) => "bytes",
            Self::Stack(_) | Self::Arrays(_) => "arrays",
            Self::Values(_) => "values of several types",
        }
    }

    /// Adds the next value.
    #[inline]
    pub(super) fn push(&mut self, walker: &mut Walker<'_>, room: Room<'_>) -> Result<()> {
        let before = walker.clone();
        match (&mut *self, walker.token()?) {
            (Self::Ints(values), Token::Int(value)) => values.push(value),
            (Self::Floats(values), Token::Float(value)) => values.push(value),
            (Self::Texts(packed), Token::Str(text)) => packed.push(text.as_bytes()),
            (Self::Bytes(packed), Token::Bin(bytes)) => packed.push(bytes),
            (Self::Bools(values), Token::Bool(value)) => values.push(value),
            (Self::Stack(_) | Self::Arrays(_), token) => {
                return self.push_array(&token, before.position(), room);
            }
            _ => {
                *walker = before;
                let value = Value::read(walker)?;
                self.as_values().push(value);
            }
        }
        Ok(())
    }

    fn push_array(&mut self, token: &Token<'_>, at: usize, room: Room<'_>) -> Result<()> {
        match token {
            Token::Bin(bytes) => {
                self.push_array_bytes(bytes, room).map_err(|e| e.shifted(at as u64))
            }
            Token::Nil => {
                self.as_arrays().push(None);
                Ok(())
            }
            other => {
                let message = format!("the field is not an array but {}", other.describe());
                Err(Error::new(Kind::WrongType, message).at(at as u64))
            }
        }
    }

    #[inline]
    fn push_array_bytes(&mut self, bytes: &[u8], room: Room<'_>) -> Result<()> {
        let stacked = match self {
            Self::Stack(stack) => stack.push(bytes)?,
            Self::Arrays(items) if items.is_empty() => {
                let view = ArrayView::parse(bytes)?;
                let mut stack = ArrayStack::like(&view.header, bytes, room);
                stack.push(bytes)?;
                *self = Self::Stack(stack);
                true
            }
            _ => false,
        };
        if !stacked {
            let item = parse_item(bytes)?;
            self.as_arrays().push(Some(item));
        }
        Ok(())
    }

    /// Adds an array whose data a reader appends, where it can be stacked; false leaves all as is.
    pub(super) fn stack_with(
        &mut self,
        header: &ArrayHeader,
        prefix: &[u8],
        room: Room<'_>,
        append: impl FnOnce(&mut Vec<u8>, usize) -> Result<()>,
    ) -> Result<bool> {
        if matches!(self, Self::Arrays(items) if items.is_empty()) {
            *self = Self::Stack(ArrayStack::like(header, prefix, room));
        }
        match self {
            Self::Stack(stack) if stack.fits(header) => stack.push_with(append).map(|()| true),
            _ => Ok(false),
        }
    }

    /// Adds what stands in for a missing field.
    pub(super) fn push_value(&mut self, value: &Value, room: Room<'_>) -> Result<()> {
        match (&mut *self, value) {
            (Self::Stack(_) | Self::Arrays(_), Value::Nil) => self.as_arrays().push(None),
            (Self::Stack(_) | Self::Arrays(_), Value::Bytes(bytes)) => {
                return self.push_array_bytes(bytes, room);
            }
            (Self::Ints(values), Value::Int(value)) => values.push(*value),
            (Self::Floats(values), Value::Float(value)) => values.push(*value),
            (Self::Bools(values), Value::Bool(value)) => values.push(*value),
            (Self::Texts(packed), Value::Str(text)) => packed.push(text.as_bytes()),
            (Self::Bytes(packed), Value::Bytes(bytes)) => packed.push(bytes),
            (_, value) => self.as_values().push(value.clone()),
        }
        Ok(())
    }

    pub(super) fn truncate(&mut self, rows: usize) {
        match self {
            Self::Bools(values) => values.truncate(rows),
            Self::Ints(values) => values.truncate(rows),
            Self::Floats(values) => values.truncate(rows),
            Self::Texts(packed) | Self::Bytes(packed) => packed.truncate(rows),
            Self::Stack(stack) => stack.truncate(rows),
            Self::Arrays(items) => items.truncate(rows),
            Self::Values(values) => values.truncate(rows),
        }
    }

    /// Keeps only the rows that are marked.
    pub(super) fn keep(&mut self, kept: &[bool]) {
        match self {
            Self::Bools(values) => keep(values, kept),
            Self::Ints(values) => keep(values, kept),
            Self::Floats(values) => keep(values, kept),
            Self::Texts(packed) | Self::Bytes(packed) => packed.keep(kept),
            Self::Stack(stack) => stack.keep(kept),
            Self::Arrays(items) => keep(items, kept),
            Self::Values(values) => keep(values, kept),
        }
    }

    /// This column as a list of single arrays.
    fn as_arrays(&mut self) -> &mut Vec<Option<ArrayItem>> {
        if let Self::Stack(stack) = self {
            *self = Self::Arrays(stack.items().map(Some).collect());
        }
        match self {
            Self::Arrays(items) => items,
            _ => unreachable!("only columns of arrays are taken apart into arrays"),
        }
    }

    /// This column in the form that holds anything.
    fn as_values(&mut self) -> &mut Vec<Value> {
        let values = match self {
            Self::Values(_) => None,
            Self::Bools(values) => Some(values.iter().map(|&v| Value::Bool(v)).collect()),
            Self::Ints(values) => Some(values.iter().map(|&v| Value::Int(v)).collect()),
            Self::Floats(values) => Some(values.iter().map(|&v| Value::Float(v)).collect()),
            Self::Texts(packed) => Some(packed.texts().map(|t| Value::Str(t.into())).collect()),
            Self::Bytes(packed) => Some(packed.bytes().map(|b| Value::Bytes(b.into())).collect()),
            Self::Stack(_) | Self::Arrays(_) => unreachable!("arrays stay arrays"),
        };
        if let Some(values) = values {
            *self = Self::Values(values);
        }
        match self {
            Self::Values(values) => values,
            _ => unreachable!("the column has just been made one of values"),
        }
    }
}

fn keep<T>(values: &mut Vec<T>, kept: &[bool]) {
    let mut kept = kept.iter();
    values.retain(|_| kept.next() == Some(&true));
}

fn bytes_of(value: &Value) -> usize {
    match value {
        Value::Bytes(bytes) => bytes.len(),
        Value::Str(text) => text.len(),
        _ => size_of::<u64>(),
    }
}
