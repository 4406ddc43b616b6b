//! Record batches, one after the other or all at once.

use super::arrow;
use super::shape::Shape;
use super::source::{ExportSource, Rows};
use crate::error::{Error, Result};
use arrow_array::{RecordBatch, RecordBatchIterator, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use std::fmt;

/// Gives record batches of one schema, in constant memory.
///
/// A stream tells its schema before its first batch, and types are not guessed: unless the first
/// batch is all there is, the samples are gone through once before.
pub struct ExportReader {
    shape: Shape,
    rows: Box<dyn Iterator<Item = Result<Rows>> + Send>,
}

impl fmt::Debug for ExportReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExportReader").field("shape", &self.shape).finish_non_exhaustive()
    }
}

impl ExportReader {
    /// A reader of these samples.
    ///
    /// # Errors
    /// What is wrong with a sample.
    pub fn new(source: &mut ExportSource) -> Result<Self> {
        let mut shape = Shape::declared(&source.fields);
        let mut pass = source.pass()?;
        let first = pass.next().transpose()?;
        first.iter().for_each(|rows| {
            shape.absorb(rows);
        });
        let Some(second) = pass.next().transpose()? else {
            return Ok(Self { shape, rows: Box::new(first.into_iter().map(Ok)) });
        };
        drop(first);
        shape.absorb(&second);
        drop(second);
        for rows in pass {
            shape.absorb(&rows?);
        }
        Ok(Self { shape, rows: source.pass()? })
    }

    fn read(&mut self) -> Result<Option<RecordBatch>> {
        let Some(rows) = self.rows.next().transpose()? else { return Ok(None) };
        if self.shape.absorb(&rows) {
            return Err(changed());
        }
        self.shape.batch(rows).map(Some)
    }
}

impl Iterator for ExportReader {
    type Item = std::result::Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let external = |error| ArrowError::ExternalError(Box::new(error));
        self.read().map_err(external).transpose()
    }
}

impl RecordBatchReader for ExportReader {
    fn schema(&self) -> SchemaRef {
        self.shape.schema().clone()
    }
}

/// Reads all samples into memory, as record batches of one schema.
///
/// # Errors
/// What is wrong with a sample.
pub fn read_all(source: &mut ExportSource) -> Result<impl RecordBatchReader + Send + use<>> {
    let mut kept = Kept::default();
    run(source, &mut kept)?;
    let Some(schema) = kept.schema else { return Err(changed()) };
    Ok(RecordBatchIterator::new(kept.batches.into_iter().map(Ok), schema))
}

#[derive(Default)]
struct Kept {
    schema: Option<SchemaRef>,
    batches: Vec<RecordBatch>,
}

impl Sink for Kept {
    fn begin(&mut self, schema: &SchemaRef) -> Result<()> {
        self.batches.clear();
        self.schema = Some(schema.clone());
        Ok(())
    }

    fn push(&mut self, batch: RecordBatch) -> Result<()> {
        self.batches.push(batch);
        Ok(())
    }
}

/// Takes record batches; nothing of them is visible before the end.
pub(super) trait Sink {
    /// Starts, or starts again with nothing kept.
    fn begin(&mut self, schema: &SchemaRef) -> Result<()>;

    /// Takes a batch of that schema.
    fn push(&mut self, batch: RecordBatch) -> Result<()>;
}

/// How often samples may turn out to be others than at the pass before.
const ATTEMPTS: usize = 4;

/// Gives all samples to a sink: with the schema of the first batch, or, if a later one does not
/// fit, again with one that holds all.
pub(super) fn run(source: &mut ExportSource, sink: &mut dyn Sink) -> Result<()> {
    let mut shape = Shape::declared(&source.fields);
    for _ in 0..ATTEMPTS {
        if attempt(source, &mut shape, sink)? {
            return Ok(());
        }
    }
    Err(changed())
}

/// One pass: false when something did not fit; the shape then holds all there is.
fn attempt(source: &mut ExportSource, shape: &mut Shape, sink: &mut dyn Sink) -> Result<bool> {
    let mut pass = source.pass()?;
    let first = pass.next().transpose()?;
    if let Some(rows) = &first {
        shape.absorb(rows);
    }
    sink.begin(shape.schema())?;
    if let Some(rows) = first {
        sink.push(shape.batch(rows)?)?;
    }
    while let Some(rows) = pass.next().transpose()? {
        if shape.absorb(&rows) {
            for rows in pass {
                shape.absorb(&rows?);
            }
            return Ok(false);
        }
        sink.push(shape.batch(rows)?)?;
    }
    Ok(true)
}

fn changed() -> Error {
    Error::Invalid("the samples are not the same at every pass over them".to_owned())
}

impl From<ArrowError> for Error {
    fn from(error: ArrowError) -> Self {
        arrow(error)
    }
}
