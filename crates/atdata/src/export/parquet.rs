//! Parquet files.

use super::options::{Compression, ParquetOptions};
use super::reader::{Sink, run};
use super::source::ExportSource;
use super::too_large;
use crate::error::{Error, Result};
use crate::write::staged::{Staged, writable};
use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::{ArrowSchemaConverter, ArrowWriter};
use parquet::basic::{Compression as Codec, ConvertedType, GzipLevel, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use std::ffi::OsString;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A row group is ended when it takes so much memory.
const GROUP_BYTES: usize = 64 << 20;

/// The most rows of a row group, unless told otherwise.
const GROUP_ROWS: usize = 1 << 20;

/// Writes all samples into a Parquet file at `path`, or, with a limit, into several with numbers
/// before the extension (`data-000000.parquet`, …), and says which. Nothing is visible before all
/// is written. Memory does not grow with the number of samples.
///
/// # Errors
/// What is wrong with a sample; a path that is a URL or a folder; a full disk.
pub fn write_parquet(
    source: &mut ExportSource,
    path: &Path,
    options: ParquetOptions,
) -> Result<Vec<PathBuf>> {
    options.check()?;
    let path = writable(path, "data.parquet")?;
    let mut files =
        Files { path, options, schema: Arc::new(Schema::empty()), open: None, staged: Vec::new() };
    run(source, &mut files)?;
    files.publish()
}

/// Files under temporary names.
struct Files {
    path: PathBuf,
    options: ParquetOptions,
    schema: SchemaRef,
    open: Option<Open>,
    staged: Vec<Staged>,
}

struct Open {
    writer: ArrowWriter<BufWriter<File>>,
    rows: u64,
}

impl Sink for Files {
    fn begin(&mut self, schema: &SchemaRef) -> Result<()> {
        self.open = None;
        self.staged.clear();
        self.schema = Arc::clone(schema);
        Ok(())
    }

    fn push(&mut self, batch: RecordBatch) -> Result<()> {
        check_values(&batch)?;
        let mut start = 0;
        while start < batch.num_rows() {
            let mut open = match self.open.take() {
                Some(open) => open,
                None => self.create()?,
            };
            let room = self.options.max_count.map_or(u64::MAX, |max| max - open.rows);
            let rows = usize::try_from(room).unwrap_or(usize::MAX).min(batch.num_rows() - start);
            self.write(&mut open, &batch.slice(start, rows))?;
            start += rows;
            let full = self.options.max_count.is_some_and(|max| open.rows >= max);
            if full { self.close(open)? } else { self.open = Some(open) }
        }
        Ok(())
    }
}

impl Files {
    fn write(&self, open: &mut Open, batch: &RecordBatch) -> Result<()> {
        let written = open.writer.write(batch).and_then(|()| {
            let full = open.writer.memory_size() >= GROUP_BYTES;
            if full { open.writer.flush() } else { Ok(()) }
        });
        open.rows += batch.num_rows() as u64;
        written.map_err(|error| self.failed(error))
    }

    fn create(&mut self) -> Result<Open> {
        let staged = Staged::beside(self.next_path());
        let file = File::create_new(&staged.temporary)
            .map_err(|error| Error::io("write", &staged.path, error))?;
        self.staged.push(staged);
        let properties = properties(&self.schema, self.options).map_err(|e| self.failed(e))?;
        let schema = Arc::clone(&self.schema);
        let writer = ArrowWriter::try_new(BufWriter::new(file), schema, Some(properties));
        Ok(Open { writer: writer.map_err(|error| self.failed(error))?, rows: 0 })
    }

    fn next_path(&self) -> PathBuf {
        if self.options.max_count.is_none() {
            return self.path.clone();
        }
        let mut name = OsString::from(self.path.file_stem().unwrap_or_default());
        name.push(format!("-{:06}", self.staged.len()));
        if let Some(extension) = self.path.extension() {
            name.push(".");
            name.push(extension);
        }
        self.path.with_file_name(name)
    }

    fn close(&self, open: Open) -> Result<()> {
        let path = self.staged.last().map_or(&self.path, |staged| &staged.path);
        let file = open.writer.into_inner().map_err(|error| self.failed(error))?;
        let synced = file.into_inner().map_err(std::io::IntoInnerError::into_error);
        synced.and_then(|file| file.sync_all()).map_err(|error| Error::io("write", path, error))
    }

    fn publish(mut self) -> Result<Vec<PathBuf>> {
        match self.open.take() {
            Some(open) => self.close(open)?,
            None if self.staged.is_empty() => {
                let open = self.create()?;
                self.close(open)?;
            }
            None => {}
        }
        let mut paths = Vec::new();
        for mut file in std::mem::take(&mut self.staged) {
            file.publish()?;
            paths.push(file.path.clone());
        }
        Ok(paths)
    }

    fn failed(&self, error: ParquetError) -> Error {
        match error {
            ParquetError::External(inner) => match inner.downcast::<std::io::Error>() {
                Ok(error) => Error::io("write", &self.path, *error),
                Err(other) => Error::Unsupported(format!("cannot write Parquet: {other}")),
            },
            other => Error::Unsupported(format!("cannot write Parquet: {other}")),
        }
    }
}

/// Dictionaries pay for texts and for numbers of one byte, which Parquet would store in four; others
/// seldom repeat, and looking costs more than writing.
/// Statistics say nothing about the elements of arrays.
fn properties(
    schema: &Schema,
    options: ParquetOptions,
) -> std::result::Result<WriterProperties, ParquetError> {
    let codec = match options.compression {
        Compression::None => Codec::UNCOMPRESSED,
        Compression::Snappy => Codec::SNAPPY,
        Compression::Gzip => Codec::GZIP(GzipLevel::default()),
        Compression::Zstd => Codec::ZSTD(ZstdLevel::default()),
    };
    let mut properties = WriterProperties::builder()
        .set_compression(codec)
        .set_dictionary_enabled(false)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_max_row_group_row_count(Some(options.row_group_rows.unwrap_or(GROUP_ROWS)));
    let columns = ArrowSchemaConverter::new().convert(schema)?;
    for column in columns.columns() {
        let field =
            schema.field_with_name(column.path().parts().first().map_or("", String::as_str));
        let Ok(field) = field else { continue };
        if is_text(field) || is_one_byte(column.converted_type()) {
            properties = properties.set_column_dictionary_enabled(column.path().clone(), true);
        }
        if field.metadata().contains_key("atdata.dtype") || is_bytes(field) {
            let none = EnabledStatistics::None;
            properties = properties.set_column_statistics_enabled(column.path().clone(), none);
        }
    }
    Ok(properties.build())
}

fn is_text(field: &Field) -> bool {
    match field.data_type() {
        DataType::List(items) => is_text(items),
        found => matches!(found, DataType::Utf8 | DataType::LargeUtf8),
    }
}

const fn is_one_byte(found: ConvertedType) -> bool {
    matches!(found, ConvertedType::INT_8 | ConvertedType::UINT_8)
}

fn is_bytes(field: &Field) -> bool {
    matches!(field.data_type(), DataType::Binary | DataType::LargeBinary)
}

/// Parquet counts the bytes of a value in 32 bits.
fn check_values(batch: &RecordBatch) -> Result<()> {
    let longest = |array: &dyn Array| -> usize {
        match array.data_type() {
            DataType::LargeUtf8 => array.as_string::<i64>().offsets().lengths().max(),
            DataType::LargeBinary => array.as_binary::<i64>().offsets().lengths().max(),
            _ => None,
        }
        .unwrap_or(0)
    };
    let fits = batch.columns().iter().all(|array| longest(array) < i32::MAX as usize);
    if fits { Ok(()) } else { Err(too_large("bytes")) }
}
