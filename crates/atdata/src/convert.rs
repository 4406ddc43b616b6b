//! Conversion: data of other formats into shards, and shards into those.
//!
//! An input is gone through twice: first to see which types its fields have, over all of it and not
//! only its first rows, and then to write the shards. Where the format tells the types (Parquet, Arrow,
//! `NumPy`), once. Either way in constant memory: a record at a time, or a batch of a few MiB.
//!
//! ```text
//! Input ── Records ── Row ── (held against the schema) ── payload ── shards
//! shards ── ExportSource (columns) ── files
//! ```
//!
//! ```
//! use atdata::convert::{ConvertOptions, from_path};
//! # let folder = tempfile::tempdir().unwrap();
//! # let (csv, target) = (folder.path().join("cats.csv"), folder.path().join("cats.tar"));
//! std::fs::write(&csv, "name,weight\nTom,4\nFelix,3.5\nMiez,\n").unwrap();
//! let converted = from_path(&csv, &target, ConvertOptions::new())?;
//! let fields: Vec<_> = converted.schema.fields.iter().map(ToString::to_string).collect();
//! assert_eq!(fields, ["name: str", "weight: float | None"]);
//! assert_eq!(converted.samples(), 3);
//! # Ok::<(), atdata::Error>(())
//! ```

mod arrays;
mod conform;
mod draft;
mod files;
mod format;
mod input;
mod json_value;
mod look;
mod once;
mod options;
mod out;
mod packed;
mod peek;
mod read;
mod run;
mod suffix;
mod write;

pub use self::format::Format;
pub use self::input::{At, Input, Records, Row};
pub use self::once::Once;
pub use self::options::{ConvertOptions, Done};
pub use self::out::{OutOptions, Outgoing, to_path};
pub use self::run::{Converted, from_inputs, from_path};
