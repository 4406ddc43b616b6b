//! What is exported: columns, batch by batch, as often as they are asked for.

use crate::dataset::Reading;
use crate::error::Result;
use atdata_format::Sample;
use atdata_format::batch::{Batch, Column, ColumnSpec};
use std::fmt;
use std::sync::Arc;

/// Consecutive samples by column.
#[derive(Debug)]
pub struct Rows {
    /// The number of samples.
    pub len: usize,
    /// The columns, each with a value for every sample.
    pub columns: Vec<(String, Column)>,
}

impl From<Batch> for Rows {
    fn from(batch: Batch) -> Self {
        Self { len: batch.len(), columns: batch.into_columns() }
    }
}

pub(crate) type Pass = Box<dyn Iterator<Item = Result<Rows>> + Send>;

/// What is exported: samples that can be gone through more than once.
pub struct ExportSource {
    pub(crate) fields: Arc<[ColumnSpec]>,
    pass: Box<dyn FnMut() -> Result<Pass> + Send>,
}

impl fmt::Debug for ExportSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExportSource").field("fields", &self.fields).finish_non_exhaustive()
    }
}

/// A batch is full after so many samples, or after so many bytes of them. What Parquet's writer
/// needs beside an array of small numbers is many times its size.
const ROWS: usize = 4096;
const BYTES: u64 = 1 << 20;

impl ExportSource {
    /// Columns that are given as data; without any, every field that comes is one.
    pub fn of_columns<T: Sample + 'static>(reading: Reading<T>, fields: Arc<[ColumnSpec]>) -> Self {
        let columns = Arc::clone(&fields);
        Self::of_rows(fields, move || {
            let batches = dealt_alike(reading.clone(), Arc::clone(&columns), ROWS);
            Ok(batches.limit_bytes(BYTES).map(|batch| batch.map(Rows::from)))
        })
    }

    /// The same in batches of so many samples, however large they are.
    pub fn of_batches<T: Sample + 'static>(
        reading: Reading<T>,
        fields: Arc<[ColumnSpec]>,
        rows: usize,
    ) -> Self {
        let columns = Arc::clone(&fields);
        Self::of_rows(fields, move || {
            let batches = dealt_alike(reading.clone(), Arc::clone(&columns), rows);
            Ok(batches.map(|batch| batch.map(Rows::from)))
        })
    }

    /// Columns made by a function; each of its passes must give the same.
    pub fn of_rows<I>(
        fields: Arc<[ColumnSpec]>,
        mut pass: impl FnMut() -> Result<I> + Send + 'static,
    ) -> Self
    where
        I: Iterator<Item = Result<Rows>> + Send + 'static,
    {
        Self { fields, pass: Box::new(move || pass().map(|rows| Box::new(rows) as Pass)) }
    }

    /// The same, with a call before every batch; its error ends the export.
    #[must_use]
    pub fn watched(mut self, watch: impl Fn() -> Result<()> + Clone + Send + 'static) -> Self {
        let fields = Arc::clone(&self.fields);
        Self::of_rows(fields, move || {
            let watch = watch.clone();
            Ok(self.pass()?.map(move |rows| watch().and(rows)))
        })
    }

    /// The same, with a call behind every batch that is told the samples of the pass so far. Where a
    /// pass has to be made again, it begins at 0 again.
    #[must_use]
    pub fn counted(mut self, watch: impl Fn(u64) -> Result<()> + Clone + Send + 'static) -> Self {
        let fields = Arc::clone(&self.fields);
        Self::of_rows(fields, move || {
            let (watch, mut done) = (watch.clone(), 0);
            Ok(self.pass()?.map(move |rows| {
                let rows = rows?;
                done += rows.len as u64;
                watch(done).map(|()| rows)
            }))
        })
    }

    pub(crate) fn pass(&mut self) -> Result<Pass> {
        (self.pass)()
    }
}

/// Batches of the samples that the reading itself gives: its parts are dealt out as they were.
fn dealt_alike<T: Sample>(
    reading: Reading<T>,
    columns: Arc<[ColumnSpec]>,
    rows: usize,
) -> crate::dataset::Batches {
    let samples = reading.dealt_in();
    reading.batches_of(columns, rows).dealt_in(samples)
}

impl<T: Sample + 'static> From<Reading<T>> for ExportSource {
    fn from(reading: Reading<T>) -> Self {
        Self::of_columns(reading, T::columns().into())
    }
}
