//! Where shards' bytes come from.

mod address;
#[cfg(feature = "atproto")]
mod blob;
mod cache_folder;
mod cached;
mod checked;
#[cfg(feature = "cloud")]
mod http;
mod local;
mod memory_map;
#[cfg(feature = "atproto")]
mod mirrored;
mod mixed;
#[cfg(feature = "cloud")]
mod object;
mod pipe;
#[cfg(feature = "cloud")]
mod remote;
#[cfg(feature = "atproto")]
mod whole;

pub use address::{scheme, shown};
#[cfg(feature = "atproto")]
pub use blob::{BlobSource, BlobUrl};
pub use cache_folder::CacheFolder;
pub use cached::Cached;
pub use checked::Checked;
#[cfg(feature = "cloud")]
pub use http::HttpSource;
pub use local::{LocalSource, is_remote};
pub use memory_map::MappedShard;
#[cfg(feature = "atproto")]
pub use mirrored::Mirrored;
pub(crate) use mixed::MixedSource;
#[cfg(feature = "cloud")]
pub use object::ObjectSource;
pub use pipe::PipeSource;

use crate::error::Result;
use atdata_format::tar::Input;
use std::fmt::Debug;
use std::io;
use std::sync::Arc;

/// What is known of a shard without reading it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShardStat {
    /// Its size in bytes.
    pub size: Option<u64>,
    /// A text that changes when the shard does: a time or an `ETag`.
    pub version: Option<String>,
}

/// A shard's bytes, from the first to the last and, where [`can_seek`](ShardInput::can_seek), from
/// any place.
pub trait ShardInput: Input + Send {
    /// The shard's size in bytes, if known.
    fn size(&self) -> Option<u64>;

    /// Whether the two methods below work.
    fn can_seek(&self) -> bool;

    /// Makes `offset` the next byte to be read in order.
    ///
    /// # Errors
    /// What the source meets.
    fn go_to(&mut self, offset: u64) -> io::Result<()>;

    /// Fills `out` from an offset, as far as the shard goes, and says how much that was. What is
    /// read next in order is open afterwards.
    ///
    /// # Errors
    /// What the source meets.
    fn read_at(&mut self, offset: u64, out: &mut [u8]) -> io::Result<usize>;

    /// The whole shard as memory, the same at every call; `None` where it is no file of this machine,
    /// or must be read to be known to be right.
    ///
    /// # Errors
    /// A file that cannot be mapped.
    fn map(&mut self) -> io::Result<Option<Arc<MappedShard>>>;

    /// Says that the shard is about to be read in order: what is far away begins to come.
    fn fetch_ahead(&mut self);

    /// Says that all samples were read in order: what can only be judged as a whole is judged.
    ///
    /// # Errors
    /// What is wrong with the shard as a whole.
    fn finish(&mut self) -> io::Result<()>;
}

/// A set of shards. Implementations hold no open file, thread or connection themselves, so that
/// they survive a `fork`.
pub trait DataSource: Debug + Send + Sync {
    /// The shards' names, in order.
    ///
    /// # Errors
    /// A pattern that cannot be expanded; what the source meets.
    fn shards(&self) -> Result<Vec<String>>;

    /// What is known of a shard without reading it.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) and what the source meets.
    fn stat(&self, shard: &str) -> Result<ShardStat>;

    /// Opens a shard at its first byte.
    ///
    /// # Errors
    /// As [`DataSource::stat`].
    fn open(&self, shard: &str) -> Result<Box<dyn ShardInput>>;

    /// The bytes of what lies beside the shards at an address that is made of a shard's name, if
    /// it is there.
    ///
    /// # Errors
    /// What the source meets, other than that there is nothing.
    fn sidecar(&self, address: &str) -> Result<Option<Vec<u8>>>;

    /// The same, opened for one who wants a part of it; `None` also where it only comes whole.
    ///
    /// # Errors
    /// As [`DataSource::sidecar`].
    fn open_sidecar(&self, address: &str) -> Result<Option<Box<dyn ShardInput>>> {
        let _ = address;
        Ok(None)
    }

    /// How many shards are best opened ahead of the one that is being read in order: none where
    /// opening one takes no time.
    fn opens_ahead(&self) -> usize;
}
