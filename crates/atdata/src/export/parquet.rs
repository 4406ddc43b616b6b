//! Parquet files.

use super::batches::{Batches, HasSchema};
use super::files::{Encode, Files};
use super::options::{Compression, ParquetOptions};
use super::reader::run;
use super::source::ExportSource;
use super::too_large;
use crate::error::{Error, Result};
use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::{ArrowSchemaConverter, ArrowWriter};
use parquet::basic::{Compression as Codec, ConvertedType, GzipLevel, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use std::fs::File;
use std::io::{self, BufWriter};
use std::ops::Range;
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
    let files = Files::new(path, "data.parquet", options.max_count)?;
    let encode = Parquet { options, schema: Arc::new(Schema::empty()) };
    let mut sink = Batches { files, encode };
    run(source, &mut sink)?;
    sink.publish()
}

/// How record batches become a Parquet file.
struct Parquet {
    options: ParquetOptions,
    schema: SchemaRef,
}

impl HasSchema for Parquet {
    fn set_schema(&mut self, schema: &SchemaRef) {
        self.schema = Arc::clone(schema);
    }
}

impl Encode for Parquet {
    type Rows<'a> = RecordBatch;
    type Writer = ArrowWriter<BufWriter<File>>;

    fn begin(&self, out: BufWriter<File>) -> io::Result<Self::Writer> {
        let properties = properties(&self.schema, self.options).map_err(failed)?;
        let schema = Arc::clone(&self.schema);
        ArrowWriter::try_new(out, schema, Some(properties)).map_err(failed)
    }

    fn write(
        &self,
        writer: &mut Self::Writer,
        rows: &RecordBatch,
        range: Range<usize>,
    ) -> io::Result<()> {
        let rows = rows.slice(range.start, range.len());
        check_values(&rows).map_err(io::Error::other)?;
        writer.write(&rows).map_err(failed)?;
        let full = writer.memory_size() >= GROUP_BYTES;
        if full { writer.flush().map_err(failed) } else { Ok(()) }
    }

    fn end(&self, writer: Self::Writer) -> io::Result<BufWriter<File>> {
        writer.into_inner().map_err(failed)
    }
}

fn failed(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(other) => refused(&*other),
        },
        other => refused(&other),
    }
}

fn refused(error: &dyn std::error::Error) -> io::Error {
    io::Error::other(Error::Unsupported(format!("cannot write Parquet: {error}")))
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
