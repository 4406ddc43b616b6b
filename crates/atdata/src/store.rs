//! Where shards are written to: bytes in, a stored shard out.

mod hashed;
mod local;
mod names;
#[cfg(feature = "cloud")]
mod object;
#[cfg(feature = "atproto")]
mod pds;
#[cfg(any(feature = "atproto", feature = "cloud"))]
mod spool;

pub(crate) use hashed::Hashed;
pub use local::LocalDiskStore;
pub use names::{
    MAX_NAME, check_name, is_ours, prefix_of, shard_name, shard_stem, upload_of, upload_url,
};
#[cfg(feature = "cloud")]
pub use object::ObjectStoreStore;
#[cfg(feature = "atproto")]
pub(crate) use pds::Uploads;
#[cfg(feature = "atproto")]
pub use pds::{MAX_SHARD, PdsStore, Upload, UploadJournal};
#[cfg(feature = "atproto")]
pub(crate) use spool::spool;

use crate::error::Result;
use crate::source::DataSource;
use std::fmt::Debug;
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A shard in a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredShard {
    /// Where it is: what entries name and [`DataStore::source`] reads.
    pub url: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// The SHA-256 of its bytes.
    pub sha256: [u8; 32],
}

/// Something that lies in a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it is; of an unfinished upload what [`upload_url`] makes of it.
    pub url: String,
    /// Its size in bytes; 0 for an unfinished upload, whose size no list tells.
    pub bytes: u64,
    /// When it was written, or the upload begun.
    pub modified: SystemTime,
}

impl Found {
    /// Whether it is an unfinished upload.
    #[must_use]
    pub fn is_upload(&self) -> bool {
        upload_of(&self.url).is_some()
    }
}

/// A place for shards. It is shared by threads and survives a `fork`: connections are made on first
/// use, and made again in another process.
pub trait DataStore: Debug + Send + Sync {
    /// Where the shards go, as a URL or path without secrets.
    fn address(&self) -> String;

    /// Reaches the store, and sees that it may be read.
    ///
    /// # Errors
    /// [`Error::Unreachable`](crate::Error::Unreachable), [`Error::Denied`](crate::Error::Denied),
    /// [`Error::NotFound`](crate::Error::NotFound) for a bucket that is not there; those of all methods.
    fn check(&self) -> Result<()>;

    /// Begins a shard under a prefix, which is a relative path that names may be made of.
    ///
    /// # Errors
    /// What the store meets.
    fn create(&self, prefix: &str) -> Result<Box<dyn ShardSink>>;

    /// Writes a small file beside a stored shard, whole or not at all.
    ///
    /// # Errors
    /// What the store meets.
    fn put_beside(&self, url: &str, bytes: &[u8]) -> Result<()>;

    /// Reads shards of this store, with its credentials.
    fn source(&self, urls: Vec<String>) -> Arc<dyn DataSource>;

    /// Whether a URL lies within this store.
    fn holds(&self, url: &str) -> bool;

    /// Tells of everything in the store that we have written, temporary files included, in no order.
    ///
    /// # Errors
    /// What the store meets; what `tell` returns.
    fn list(&self, tell: &mut dyn FnMut(Found) -> Result<()>) -> Result<()>;

    /// Tells of uploads of ours that were begun and never finished, which are no files: those are in
    /// [`DataStore::list`].
    ///
    /// # Errors
    /// [`Error::Unsupported`](crate::Error::Unsupported) where the server cannot tell; what the store
    /// meets; what `tell` returns.
    fn list_unfinished(&self, tell: &mut dyn FnMut(Found) -> Result<()>) -> Result<()>;

    /// Removes what lies at a URL of this store, or ends an unfinished upload; nothing there is no
    /// error.
    ///
    /// # Errors
    /// What the store meets; a URL that is not within the store.
    fn remove(&self, url: &str) -> Result<()>;

    /// A URL by which others can read a shard: over HTTP where the store has that, signed and valid
    /// for so long where that is asked for, else the shard's own.
    ///
    /// # Errors
    /// A signature that this store cannot make.
    fn read_url(&self, url: &str, signed_for: Option<Duration>) -> Result<String>;

    /// The most bytes a shard may have here.
    fn max_shard_bytes(&self) -> Option<u64>;
}

/// A shard on its way into a store; dropped, nothing of it is visible.
pub trait ShardSink: Write + Send {
    /// Makes the shard visible as number `number`, under a name made of its SHA-256:
    /// `data--{32 hex}--{number in six digits}.tar`. A shard of that name and size is left as it is.
    ///
    /// # Errors
    /// What the store meets; nothing is visible then.
    fn commit(self: Box<Self>, number: usize) -> Result<StoredShard>;
}
