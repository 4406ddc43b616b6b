//! Export: samples as Parquet and Arrow files and as streams of Arrow record batches.
//!
//! Samples are decoded by column, and each column becomes an Arrow array of the narrowest type
//! that holds all of its values:
//!
//! | field | Arrow type |
//! |---|---|
//! | `str`, `bytes`, `bool`, `float` | `Utf8`, `Binary`, `Boolean`, `Float64` |
//! | `int` | `Int64`; `UInt64` or `Decimal128(20, 0)` where values need it |
//! | arrays of one shape | `FixedSizeList`, nested by axis; metadata `atdata.shape`, `atdata.dtype` |
//! | arrays of one rank, several shapes | `List`, nested by axis |
//! | arrays of several ranks | flat `List`, the shapes in a column `{name}.shape` |
//! | arrays of several dtypes | `Binary`, with columns `{name}.shape` and `{name}.dtype` |
//! | lists | `List` of what they hold |
//! | maps, and values of several types | JSON text; metadata `atdata.encoding` = `json` |
//!
//! The first batch decides. When a later one does not fit, the rest is surveyed and the export
//! starts again with types that hold everything; nothing of the first try can be seen.
//!
//! ```
//! use atdata::export::{ExportSource, ParquetOptions, write_parquet};
//! use atdata::{DictSample, Value, WriteOptions, write_samples};
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("data.tar");
//! let numbers = (0..5).map(|i| DictSample::from([("number", Value::Int(i))]));
//! let dataset = write_samples(numbers, &path, WriteOptions::new())?;
//!
//! let mut source = ExportSource::from(dataset.ordered());
//! let options = ParquetOptions::new().max_count(3);
//! let files = write_parquet(&mut source, &folder.path().join("numbers.parquet"), options)?;
//! assert!(files[1].ends_with("numbers-000001.parquet"));
//! # Ok::<(), atdata::Error>(())
//! ```

mod array_form;
mod arrays;
mod batches;
mod build;
pub(crate) mod cells;
mod elements;
pub(crate) mod files;
mod form;
#[cfg(feature = "convert")]
mod ipc;
pub(crate) mod json;
mod options;
mod parquet;
mod reader;
mod shape;
mod source;

#[cfg(feature = "convert")]
pub use self::ipc::write_arrow;
pub use self::options::{Compression, ParquetOptions};
pub use self::parquet::write_parquet;
pub use self::reader::{ExportReader, read_all};
pub use self::source::{ExportSource, Rows};
pub use arrow_array;
pub use arrow_schema::{self, SchemaRef};

use crate::error::Error;
use arrow_schema::ArrowError;

/// An error of Arrow's: our own one where it carries one.
fn arrow(error: ArrowError) -> Error {
    match error {
        ArrowError::ExternalError(inner) => match inner.downcast::<Error>() {
            Ok(own) => *own,
            Err(other) => Error::Unsupported(format!("the samples cannot be exported: {other}")),
        },
        other => Error::Unsupported(format!("the samples cannot be exported: {other}")),
    }
}

/// More in one column of one batch than 32-bit offsets reach.
fn too_large(what: &str) -> Error {
    Error::Unsupported(format!("a sample is too large to be exported: it has 2^31 {what} or more"))
}
