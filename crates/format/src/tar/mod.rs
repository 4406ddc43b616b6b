//! Shards: tar archives read sample by sample and written so that the same samples give the same
//! bytes.

mod header;
mod input;
mod member;
mod member_reader;
mod reader;
mod writer;

pub use input::{Input, Streamed, Window};
pub use member_reader::MemberReader;
pub use reader::{RawSample, ShardReader};
pub use writer::{ShardSummary, ShardWriter, TarWriter};

/// Tar's unit: headers are one block, payloads are padded to whole ones.
pub const BLOCK: usize = 512;

/// The longest member name, and PAX header, that is read.
pub const MAX_NAME: u64 = 1 << 20;

pub use header::payload_at;
