//! Arrow files and streams, a record batch at a time.

use super::columns::{Batch, Columns};
use super::guard::guarded;
use super::hugging_face::{Vectors, is_cache};
use crate::convert::files::{Chain, SourceFile, by_split};
use crate::convert::input::{At, Input, Records, Row};
use crate::convert::look::told_by_all;
use crate::error::{Error, Result};
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_schema::{ArrowError, SchemaRef};
use atdata_format::schema::{FieldType, Schema};
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The files at a path.
pub(super) fn open(path: &Path) -> Result<Vec<(String, Box<dyn Input>)>> {
    let splits = by_split(path, &[".arrow", ".feather", ".ipc", ".arrows"])?;
    let place = path.display().to_string();
    let splits = splits.into_iter().map(|(split, mut files)| {
        files.retain(|file| !is_cache(file.path()));
        (split, files)
    });
    let input = |files| Box::new(Ipc { files, place: place.clone() }) as Box<dyn Input>;
    Ok(splits.map(|(split, files)| (split, input(files))).collect())
}

struct Ipc {
    files: Vec<SourceFile>,
    place: String,
}

impl Input for Ipc {
    /// Most writers say of every column that it may have nulls, so they are counted.
    fn told(&self) -> Result<Option<Schema>> {
        told_by_all(&self.files, |file| {
            let at = At::start(&file.path, "");
            let mut batches = Batches::open(file)?;
            let columns = Columns::new(&batches.schema, None, &at)?;
            let mut vectors = Vectors::of(&batches.schema);
            let mut nulls = vec![false; batches.schema.fields().len()];
            while let Some(batch) = batches.next(&at)? {
                guarded(&at, || {
                    vectors.look(&batch);
                    for (seen, column) in nulls.iter_mut().zip(batch.columns()) {
                        *seen |= column.logical_null_count() > 0 || has_null_bytes(column);
                    }
                    Ok(())
                })?;
            }
            let schema = columns.schema(|column, _| nulls.get(column).copied().unwrap_or(true));
            Ok(vectors.in_schema(&batches.schema, schema))
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

/// Whether a file's bytes are null in a struct that is not.
fn has_null_bytes(column: &ArrayRef) -> bool {
    let bytes = column.as_struct_opt().and_then(|found| found.column_by_name("bytes"));
    bytes.is_some_and(|bytes| bytes.null_count() > 0)
}

/// Counts what is read.
struct Counted {
    inner: File,
    count: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buf)?;
        self.count.fetch_add(read as u64, Relaxed);
        Ok(read)
    }
}

impl Seek for Counted {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        self.inner.seek(to)
    }
}

enum Reader {
    File(Box<FileReader<BufReader<Counted>>>),
    Stream(Box<StreamReader<BufReader<Counted>>>),
}

struct Batches {
    reader: Reader,
    schema: SchemaRef,
    count: Arc<AtomicU64>,
}

impl Batches {
    fn open(file: &SourceFile) -> Result<Self> {
        let at = At::start(&file.path, "");
        let mut magic = Vec::new();
        let read = file.open()?.take(6).read_to_end(&mut magic);
        read.map_err(|error| file.failed(error))?;
        let count = Arc::new(AtomicU64::new(0));
        let input = BufReader::new(Counted { inner: file.open()?, count: Arc::clone(&count) });
        if magic.starts_with(b"FEA1") {
            let message = "this is the old Feather format; write it anew with pyarrow.feather";
            return Err(at.wrong(None, message));
        }
        let reader = guarded(&at, || {
            let opened = if magic == b"ARROW1" {
                FileReader::try_new(input, None).map(|reader| Reader::File(Box::new(reader)))
            } else {
                StreamReader::try_new(input, None).map(|reader| Reader::Stream(Box::new(reader)))
            };
            opened.map_err(|error| broken(&at, &error))
        })?;
        let schema = match &reader {
            Reader::File(reader) => reader.schema(),
            Reader::Stream(reader) => reader.schema(),
        };
        Ok(Self { reader, schema, count })
    }

    fn next(&mut self, at: &At) -> Result<Option<RecordBatch>> {
        let reader = &mut self.reader;
        guarded(at, || {
            let batch = match reader {
                Reader::File(reader) => reader.next(),
                Reader::Stream(reader) => reader.next(),
            };
            batch.transpose().map_err(|error| broken(at, &error))
        })
    }
}

fn broken(at: &At, error: &ArrowError) -> Error {
    at.wrong(None, format!("the Arrow file is broken or not of a kind that is read: {error}"))
}

struct Rows {
    batches: Batches,
    columns: Columns,
    batch: Batch,
    at: At,
}

impl Rows {
    fn open(file: &SourceFile, schema: Option<&Schema>) -> Result<Self> {
        let batches = Batches::open(file)?;
        let at = At::start(&file.path, "row");
        let columns = Columns::new(&batches.schema, schema, &at)?;
        Ok(Self { batches, columns, batch: Batch::default(), at })
    }
}

impl Records for Rows {
    fn next(&mut self, row: &mut Row) -> Result<bool> {
        while !self.batch.next(row) {
            let first = At { number: self.at.number + 1, ..self.at.clone() };
            let Some(batch) = self.batches.next(&first)? else { return Ok(false) };
            self.batch = guarded(&first, || self.columns.values(&batch, &first))?;
        }
        self.at.number += 1;
        row.at = self.at.clone();
        Ok(true)
    }

    fn done(&self) -> u64 {
        self.batches.count.load(Relaxed)
    }
}
