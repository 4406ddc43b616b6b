//! What atdata keeps on disk, bytes in and bytes out.
//!
//! A data set is a row of **shards**. A shard is a tar archive; a **sample** is the member
//! `{key}.msgpack` in it, one msgpack map of field names to values; an **array** is a binary value
//! with a small header. Beside a shard may lie its **index**: where each sample's payload starts.
//!
//! ```text
//! data-000000.tar        000000000.msgpack   {"image": <array f4 28x28>, "label": 7}
//!                        000000001.msgpack   {"image": <array f4 28x28>, "label": 2}
//! data-000000.tar.idx    000000000 @ 512 + 3170, 000000001 @ 4608 + 3170
//! ```
//!
//! `docs/format.md` is the normative text. This crate opens no file and no socket: readers take
//! anything that implements [`tar::Input`], writers anything that implements [`std::io::Write`].
//! All input is taken to be hostile: limits come first, arithmetic is checked, and every error
//! says what is wrong and at which byte.

pub mod array;
pub mod batch;
pub mod cid;
pub mod dtype;
mod error;
pub mod expression;
pub mod key;
pub mod manifest;
pub mod msgpack;
pub mod npy;
pub mod pattern;
mod sample;
pub mod schema;
pub mod shard_index;
pub mod similar;
pub mod tar;
pub mod uri;
mod value;

pub use error::{Error, Kind, Place, Result};
pub use sample::{DictSample, FieldValue, Record, RecordWriter, Sample};
pub use shard_index::{Extent, ShardIndex};
pub use value::Value;
