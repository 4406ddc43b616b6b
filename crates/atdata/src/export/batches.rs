//! Record batches as files.

use super::files::{Encode, Files};
use super::reader::Sink;
use crate::error::Result;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use std::path::PathBuf;

/// What writes files of one schema.
pub(super) trait HasSchema {
    /// The schema of the files that are started from now on.
    fn set_schema(&mut self, schema: &SchemaRef);
}

/// Takes record batches into files.
pub(super) struct Batches<E: Encode> {
    pub(super) files: Files<E::Writer>,
    pub(super) encode: E,
}

impl<E: Encode> Batches<E> {
    pub(super) fn publish(self) -> Result<Vec<PathBuf>> {
        self.files.publish(&self.encode)
    }
}

impl<E: HasSchema + for<'a> Encode<Rows<'a> = RecordBatch>> Sink for Batches<E> {
    fn begin(&mut self, schema: &SchemaRef) -> Result<()> {
        self.files.clear();
        self.encode.set_schema(schema);
        Ok(())
    }

    fn push(&mut self, batch: RecordBatch) -> Result<()> {
        self.files.push(&self.encode, &batch, batch.num_rows())
    }
}
