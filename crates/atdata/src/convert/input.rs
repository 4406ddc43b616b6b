//! What records are read from.

use crate::error::{Error, Result};
use atdata_format::schema::{FieldType, Schema};
use atdata_format::{DictSample, RecordWriter, Sample as _, Value};
use std::fmt;
use std::sync::Arc;

/// Records that can be gone through more than once: a file of another format, or a set of them.
///
/// An input whose format tells the types is read once. Others are read to see which types they have,
/// and written meanwhile where [`is_looked_at_whole`](Self::is_looked_at_whole); a second time only if
/// a record had to be changed for what came later, as a whole number in a field of floats.
pub trait Input: Send {
    /// What the format itself says of the fields; none where the records must be looked at.
    ///
    /// # Errors
    /// What is wrong with the input.
    fn told(&self) -> Result<Option<Schema>>;

    /// What a field is whose values are of several types.
    fn mixed(&self) -> FieldType;

    /// All records from the first on; with a schema, values that are only text become what it says.
    ///
    /// # Errors
    /// What is wrong with the input.
    fn records(&self, schema: Option<&Schema>) -> Result<Box<dyn Records>>;

    /// Whether records that are read without a schema have all their values, as they would be read
    /// with the schema that those values have: then they can be written while they are looked at.
    fn is_looked_at_whole(&self) -> bool {
        false
    }

    /// The bytes of all there is to read, for progress.
    fn bytes(&self) -> u64;

    /// Where it is, for messages.
    fn place(&self) -> String;
}

/// Records, one after the other.
pub trait Records: Send {
    /// Reads the next record into `row`, and says whether there was one.
    ///
    /// # Errors
    /// [`Error::Input`] with the place of what is wrong; there is no further record then.
    fn next(&mut self, row: &mut Row) -> Result<bool>;

    /// How many bytes of the input are done.
    fn done(&self) -> u64;
}

/// One record.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    /// Its key, where it has one; else its number is the key.
    pub key: Option<String>,
    /// Names and values; arrays are bytes in the format's form.
    pub fields: Vec<(String, Value)>,
    /// The same as msgpack, in place of `fields`, where the input has it so; else empty.
    pub packed: Vec<u8>,
    /// Where it was found.
    pub at: At,
}

impl Row {
    /// Empties the row for the next record.
    pub fn clear(&mut self) {
        self.key = None;
        self.fields.clear();
        self.packed.clear();
    }

    /// Makes `fields` of `packed`, where that is what there is.
    pub(super) fn unpack(&mut self) -> Result<()> {
        if !self.packed.is_empty() {
            let packed = std::mem::take(&mut self.packed);
            let sample = DictSample::from_bytes(&packed);
            self.fields.extend(sample.map_err(|error| self.at.wrong(None, error.message()))?);
        }
        Ok(())
    }

    /// Appends the record as msgpack.
    pub(super) fn pack(&self, out: &mut Vec<u8>) -> Result<()> {
        if !self.packed.is_empty() {
            out.extend_from_slice(&self.packed);
            return Ok(());
        }
        let mut record = RecordWriter::new(out);
        let mut fields = self.fields.iter();
        let written = record.start(self.fields.len());
        let written =
            written.and_then(|()| fields.try_for_each(|(name, value)| record.field(name, value)));
        written.map_err(|error| {
            self.at.wrong(error.place().field.as_deref(), error.message().to_owned())
        })
    }
}

/// A place in an input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct At {
    /// The file.
    pub file: Arc<str>,
    /// What is counted: lines or rows.
    pub unit: &'static str,
    /// Which it is, the first being 1.
    pub number: u64,
}

impl At {
    /// The start of a file whose records are counted in this unit.
    #[must_use]
    pub fn start(file: &str, unit: &'static str) -> Self {
        Self { file: file.into(), unit, number: 0 }
    }

    /// What is wrong here.
    #[must_use]
    pub fn wrong(&self, column: Option<&str>, message: impl Into<String>) -> Error {
        let column = column.map(short);
        Error::Input { place: self.to_string(), column, message: message.into() }
    }
}

impl fmt::Display for At {
    /// `data.csv, line 3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.unit.is_empty() { Ok(()) } else { write!(f, ", {} {}", self.unit, self.number) }
    }
}

/// The most fields that a record may have, and all records together.
pub(super) const MOST_FIELDS: usize = 10_000;

/// The most bytes of a record whose parts are read whole: members of a tar, rows of an array, images.
pub(super) const LARGEST: u64 = 1 << 30;

/// Says that there are too many fields.
pub(super) fn too_many(at: &At) -> Error {
    at.wrong(
        None,
        format!("there are more than {MOST_FIELDS} fields; put them into an array or a map"),
    )
}

/// Text of others, for a message.
pub(super) fn short(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
