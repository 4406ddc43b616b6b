//! Batches: samples decoded by column, with no object per sample.

mod array_column;
mod column;
mod decoder;
mod large;
mod packed;

pub use array_column::{ArrayItem, ArrayStack, Memory};
pub use column::Column;
pub use decoder::BatchDecoder;
pub use packed::Packed;

use crate::array::ArrayView;
use crate::dtype::Element;
use crate::error::{Error, Kind, Result};
use crate::schema::{Field, FieldType};
use crate::value::Value;
use ndarray::ArrayD;

/// How one column is decoded.
#[derive(Debug, Clone)]
pub struct ColumnSpec {
    /// The field's name.
    pub name: String,
    /// The type that the field is expected to hold.
    pub ty: FieldType,
    /// What a sample without the field has instead; `None` makes that an error.
    pub default: Option<Value>,
}

impl From<&Field> for ColumnSpec {
    /// An optional field that is missing is `None`.
    fn from(field: &Field) -> Self {
        let default = field.optional.then_some(Value::Nil);
        Self { name: field.name.clone(), ty: field.ty.clone(), default }
    }
}

/// Consecutive samples, one column a field.
///
/// ```
/// use atdata_format::batch::BatchDecoder;
/// let mut decoder = BatchDecoder::open(2);
/// decoder.push(b"\x81\xa5label\x07")?;
/// decoder.push(b"\x81\xa5label\x09")?;
/// let batch = decoder.finish();
/// assert_eq!((batch.len(), batch.names().collect::<Vec<_>>()), (2, vec!["label"]));
/// # Ok::<(), atdata_format::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    rows: usize,
    columns: Vec<(String, Column)>,
    extra_fields: u64,
}

impl Batch {
    /// The number of samples.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are no samples.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// How many bytes the values take: of texts, bytes and stacked arrays what they hold, and eight for
    /// every other value.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.columns.iter().map(|(_, column)| column.bytes()).sum()
    }

    /// The names of the columns, in the order of the fields.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(name, _)| name.as_str())
    }

    /// A column by its field's name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|(own, _)| own == name).map(|(_, column)| column)
    }

    /// A column to be changed, or to be replaced by one of as many rows.
    pub fn column_mut(&mut self, name: &str) -> Option<&mut Column> {
        self.columns.iter_mut().find(|(own, _)| own == name).map(|(_, column)| column)
    }

    /// Adds a column beside the others, of as many rows.
    pub fn add_column(&mut self, name: String, column: Column) {
        self.columns.push((name, column));
    }

    /// Leaves out the rows that are not marked; `kept` has a mark for each.
    pub fn keep(&mut self, kept: &[bool]) {
        self.columns.iter_mut().for_each(|(_, column)| column.keep(kept));
        self.rows = kept.iter().take(self.rows).filter(|kept| **kept).count();
    }

    /// All columns with their names.
    #[must_use]
    pub fn into_columns(self) -> Vec<(String, Column)> {
        self.columns
    }

    /// Takes the columns out, for a batch that is read into again and again.
    pub fn take_columns(&mut self) -> Vec<(String, Column)> {
        std::mem::take(&mut self.columns)
    }

    /// How many values were passed over because no field of the sample type has their name.
    #[must_use]
    pub const fn extra_fields(&self) -> u64 {
        self.extra_fields
    }

    /// An array field as one array with a new first axis of [`len`](Batch::len).
    ///
    /// # Errors
    /// [`Kind::MissingField`] for a name that is no column; [`Kind::WrongType`] when the column
    /// holds no arrays, arrays of several shapes, or another dtype.
    pub fn array<T: Element>(&self, name: &str) -> Result<ArrayD<T>> {
        match self.get(name)? {
            Column::Stack(stack) => stack.to_ndarray(),
            Column::Arrays(_) => {
                let message = "the arrays have different shapes or dtypes, or some are None";
                Err(Error::new(Kind::WrongType, message).in_field(name))
            }
            other => Err(wrong(name, other, "arrays")),
        }
    }

    /// A field of integers.
    ///
    /// # Errors
    /// [`Kind::MissingField`] and [`Kind::WrongType`], as [`Batch::array`].
    pub fn ints(&self, name: &str) -> Result<&[i64]> {
        match self.get(name)? {
            Column::Ints(values) => Ok(values),
            other => Err(wrong(name, other, "ints")),
        }
    }

    /// A field of floats.
    ///
    /// # Errors
    /// As [`Batch::ints`].
    pub fn floats(&self, name: &str) -> Result<&[f64]> {
        match self.get(name)? {
            Column::Floats(values) => Ok(values),
            other => Err(wrong(name, other, "floats")),
        }
    }

    /// A field of text.
    ///
    /// # Errors
    /// As [`Batch::ints`].
    pub fn texts(&self, name: &str) -> Result<Vec<&str>> {
        match self.get(name)? {
            Column::Texts(packed) => Ok(packed.texts().collect()),
            other => Err(wrong(name, other, "texts")),
        }
    }

    fn get(&self, name: &str) -> Result<&Column> {
        self.column(name).ok_or_else(|| {
            let has = self.names().collect::<Vec<_>>().join(", ");
            let message = format!("the batch has no such column; it has {has}");
            Error::new(Kind::MissingField, message).in_field(name)
        })
    }
}

fn wrong(name: &str, column: &Column, wanted: &str) -> Error {
    let message = format!("the column holds {}, not {wanted}", column.describe());
    Error::new(Kind::WrongType, message).in_field(name)
}

/// An array as a value of its own, its data in C order.
pub(crate) fn owned(view: &ArrayView<'_>) -> ArrayItem {
    let shape = view.header.shape.to_vec();
    ArrayItem { dtype: view.header.dtype.clone(), shape, data: view.to_c_order().into_owned() }
}
