//! Arrow files, and streams of record batches in files.

use super::batches::{Batches, HasSchema};
use super::files::{Encode, Files};
use super::reader::run;
use super::source::ExportSource;
use crate::error::{Error, Result};
use arrow_array::RecordBatch;
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_schema::{ArrowError, Schema, SchemaRef};
use std::fs::File;
use std::io::{self, BufWriter};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Writes all samples into an Arrow file at `path`, or as a stream of record batches; with a limit
/// into several with numbers before the extension. Nothing is visible before all is written.
///
/// # Errors
/// As [`write_parquet`](super::write_parquet).
pub fn write_arrow(
    source: &mut ExportSource,
    path: &Path,
    stream: bool,
    max_count: Option<u64>,
) -> Result<Vec<PathBuf>> {
    let example = if stream { "data.arrows" } else { "data.arrow" };
    let files = Files::new(path, example, max_count)?;
    let encode = Ipc { stream, schema: Arc::new(Schema::empty()) };
    let mut sink = Batches { files, encode };
    run(source, &mut sink)?;
    sink.publish()
}

struct Ipc {
    stream: bool,
    schema: SchemaRef,
}

enum Writer {
    File(FileWriter<BufWriter<File>>),
    Stream(StreamWriter<BufWriter<File>>),
}

impl HasSchema for Ipc {
    fn set_schema(&mut self, schema: &SchemaRef) {
        self.schema = Arc::clone(schema);
    }
}

impl Encode for Ipc {
    type Rows<'a> = RecordBatch;
    type Writer = Writer;

    fn begin(&self, out: BufWriter<File>) -> io::Result<Writer> {
        if self.stream {
            StreamWriter::try_new(out, &self.schema).map(Writer::Stream).map_err(failed)
        } else {
            FileWriter::try_new(out, &self.schema).map(Writer::File).map_err(failed)
        }
    }

    fn write(
        &self,
        writer: &mut Writer,
        rows: &RecordBatch,
        range: Range<usize>,
    ) -> io::Result<()> {
        let rows = rows.slice(range.start, range.len());
        match writer {
            Writer::File(writer) => writer.write(&rows),
            Writer::Stream(writer) => writer.write(&rows),
        }
        .map_err(failed)
    }

    fn end(&self, writer: Writer) -> io::Result<BufWriter<File>> {
        match writer {
            Writer::File(mut writer) => writer.finish().and_then(|()| writer.into_inner()),
            Writer::Stream(mut writer) => writer.finish().and_then(|()| writer.into_inner()),
        }
        .map_err(failed)
    }
}

fn failed(error: ArrowError) -> io::Error {
    match error {
        ArrowError::IoError(_, error) => error,
        other => io::Error::other(Error::Unsupported(format!("cannot write Arrow: {other}"))),
    }
}
