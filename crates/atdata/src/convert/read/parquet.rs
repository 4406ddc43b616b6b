//! Parquet files, a few MiB of rows at a time.

use super::columns::{Batch, Columns};
use super::guard::guarded;
use crate::convert::files::{Chain, SourceFile, by_split};
use crate::convert::format::Format;
use crate::convert::input::{At, Input, Records, Row};
use crate::convert::look::told_by_all;
use crate::error::{Error, Result};
use atdata_format::schema::{FieldType, Schema};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::file::metadata::ParquetMetaData;
use std::fmt::Display;
use std::fs::File;
use std::path::Path;

/// The rows of a batch take about so many bytes, and are at most so many.
const BATCH_BYTES: i64 = 4 << 20;
const BATCH_ROWS: i64 = 4096;

/// The files at a path.
pub(super) fn open(path: &Path) -> Result<Vec<(String, Box<dyn Input>)>> {
    let splits = by_split(path, Format::Parquet.endings())?;
    let place = path.display().to_string();
    let input = |files| Box::new(Parquet { files, place: place.clone() }) as Box<dyn Input>;
    Ok(splits.into_iter().map(|(split, files)| (split, input(files))).collect())
}

struct Parquet {
    files: Vec<SourceFile>,
    place: String,
}

type Builder = ParquetRecordBatchReaderBuilder<File>;

fn builder(file: &SourceFile) -> Result<Builder> {
    let at = At::start(&file.path, "");
    let opened = file.open()?;
    guarded(&at, || Builder::try_new(opened).map_err(|error| broken(&at, &error)))
}

/// What is wrong with a file, in the words of its reader.
fn broken(at: &At, error: &dyn Display) -> Error {
    at.wrong(None, format!("the Parquet file is broken or not of a kind that is read: {error}"))
}

impl Input for Parquet {
    /// A field is optional where the statistics do not say that it has no nulls.
    fn told(&self) -> Result<Option<Schema>> {
        told_by_all(&self.files, |file| {
            let builder = builder(file)?;
            let columns = Columns::new(builder.schema(), None, &At::start(&file.path, ""))?;
            let metadata = builder.metadata();
            Ok(columns.schema(|column, member| may_be_null(metadata, column, member)))
        })
    }

    fn mixed(&self) -> FieldType {
        FieldType::Any
    }

    fn records(&self, schema: Option<&Schema>) -> Result<Box<dyn Records>> {
        let schema = schema.cloned();
        Ok(Chain::boxed(&self.files, move |file| Ok(Box::new(Rows::open(file, schema.as_ref())?))))
    }

    fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    fn place(&self) -> String {
        self.place.clone()
    }
}

/// Whether a top-level column, or this member of it, may have nulls; the columns below it are found
/// by their root.
fn may_be_null(metadata: &ParquetMetaData, column: usize, member: Option<&str>) -> bool {
    let descriptor = metadata.file_metadata().schema_descr();
    let named = |leaf: usize| descriptor.column(leaf).path().parts().get(1).cloned();
    let leaves = (0..descriptor.num_columns())
        .filter(|leaf| descriptor.get_column_root_idx(*leaf) == column)
        .filter(|leaf| member.is_none() || named(*leaf).as_deref() == member);
    let mut leaves =
        leaves.flat_map(|leaf| metadata.row_groups().iter().map(move |g| g.column(leaf)));
    leaves.any(|chunk| {
        let nulls =
            chunk.statistics().and_then(parquet::file::statistics::Statistics::null_count_opt);
        nulls != Some(0)
    })
}

struct Rows {
    reader: ParquetRecordBatchReader,
    columns: Columns,
    batch: Batch,
    at: At,
    rows: u64,
    bytes: u64,
}

impl Rows {
    fn open(file: &SourceFile, schema: Option<&Schema>) -> Result<Self> {
        let builder = builder(file)?;
        let at = At::start(&file.path, "row");
        let columns = Columns::new(builder.schema(), schema, &at)?;
        let groups = builder.metadata().row_groups();
        let bytes: i64 = groups.iter().map(|group| group.total_byte_size().max(0)).sum();
        let rows: i64 = groups.iter().map(|group| group.num_rows().max(0)).sum();
        let each = bytes.checked_div(rows).unwrap_or(0).max(1);
        let batch = (BATCH_BYTES / each).clamp(1, BATCH_ROWS);
        let builder = builder.with_batch_size(batch as usize);
        let reader = guarded(&at, || builder.build().map_err(|error| broken(&at, &error)))?;
        let (rows, bytes) = (rows.unsigned_abs(), file.bytes);
        Ok(Self { reader, columns, batch: Batch::default(), at, rows, bytes })
    }
}

impl Records for Rows {
    fn next(&mut self, row: &mut Row) -> Result<bool> {
        while !self.batch.next(row) {
            let first = At { number: self.at.number + 1, ..self.at.clone() };
            let read = guarded(&first, || match self.reader.next().transpose() {
                Ok(batch) => batch.map(|batch| self.columns.values(&batch, &first)).transpose(),
                Err(error) => Err(broken(&first, &error)),
            });
            let Some(batch) = read? else { return Ok(false) };
            self.batch = batch;
        }
        self.at.number += 1;
        row.at = self.at.clone();
        Ok(true)
    }

    fn done(&self) -> u64 {
        (self.bytes as f64 * (self.at.number as f64 / self.rows.max(1) as f64)) as u64
    }
}
