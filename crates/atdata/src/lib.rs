//! Typed machine-learning datasets.
//!
//! - A **sample type** is a struct with `#[derive(Sample)]`; [`DictSample`] takes any fields.
//! - **Shards** are tar archives of samples; [`write_samples`] writes them.
//! - A [`Dataset<T>`](Dataset) reads them: in order or shuffled, one by one or in batches whose
//!   array fields are stacked.
//! - A [`Lens`](lens::Lens) views one sample type as another.
//!
//! ```text
//! DataSource ── Shards (names, indexes) ── Plan (an order) ── Cursor (bytes) ── samples, batches
//! ```
//!
//! ```
//! use atdata::{Dataset, Sample, WriteOptions, ndarray::Array2};
//!
//! #[derive(Sample, Debug, PartialEq)]
//! struct Image {
//!     image: Array2<f32>,
//!     label: String,
//! }
//!
//! # fn main() -> atdata::Result<()> {
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("cats.tar");
//! let cats = (0..8).map(|i| Image { image: Array2::zeros((28, 28)), label: format!("cat {i}") });
//! let dataset = atdata::write_samples(cats, &path, WriteOptions::new().max_count(4))?;
//!
//! assert_eq!(dataset.len()?, 8);
//! for batch in dataset.shuffled().seed(7).batches(4) {
//!     assert_eq!(batch?.array::<f32>("image")?.shape(), [4, 28, 28]);
//! }
//! # Ok(())
//! # }
//! ```

// Lets the derive's `::atdata` paths work in this crate too.
extern crate self as atdata;

#[cfg(feature = "atproto")]
pub mod atmosphere;
pub mod config;
#[cfg(feature = "convert")]
pub mod convert;
mod cursor;
mod dataset;
mod error;
#[cfg(feature = "parquet")]
pub mod export;
#[cfg(any(feature = "convert", feature = "media"))]
mod guarded;
pub mod index;
pub mod infer;
pub mod lens;
pub mod load;
pub mod manifest;
#[cfg(feature = "media")]
pub mod media;
mod memory;
pub mod open;
pub mod plan;
pub mod provider;
pub mod reindex;
#[cfg(feature = "cloud")]
pub mod remote;
mod report;
mod shards;
pub mod source;
pub mod store;
pub mod testing;
pub mod verify;
mod write;

#[cfg(feature = "atproto")]
pub use atdata_atproto as atproto;
pub use atdata_derive::Sample;
pub use atdata_format as format;
pub use atdata_format::batch::{self, Batch, Column};
pub use atdata_format::expression::{self, Expr};
pub use atdata_format::schema;
pub use atdata_format::{DictSample, FieldValue, Record, RecordWriter, Sample, Value};
pub use atdata_waiting as waiting;
pub use cursor::{Chunk, ChunkSample, Cursor};
pub use dataset::{Batches, BatchesAhead, Dataset, Mapped, READ_AHEAD_BYTES, Reading, Samples};
pub use error::{Error, Result};
pub use memory::Recycled;
pub use ndarray;
pub use open::{SourceOptions, open_source, open_store};
pub use report::{OnError, Report};
pub use shards::Shards;
pub use write::{InFolder, InStore, Progress, ShardSet, WriteOptions, Written, write_samples};

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
