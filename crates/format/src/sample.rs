//! Rust types as samples.

mod containers;
mod dict;
mod field;
mod primitives;
mod record;

pub use dict::DictSample;
pub use field::FieldValue;
pub use record::{Record, RecordWriter};

use crate::batch::ColumnSpec;
use crate::error::Result;
use crate::schema::Schema;

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
