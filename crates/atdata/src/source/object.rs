//! Shards in object stores: S3, Google Cloud Storage, Azure.

use super::remote::{Remote, RemoteInput, SHARDS_AHEAD, whole};
use super::{DataSource, ShardInput, ShardStat};
use crate::error::Result;
use crate::remote::{Client, Patience, S3Config};
use atdata_format::pattern;
use std::fmt;
use std::sync::Arc;

/// Objects by URL or brace pattern, of any buckets. They are reached when they are first read.
pub struct ObjectSource {
    patterns: Vec<String>,
    client: Arc<Client>,
}

impl ObjectSource {
    /// The objects of `s3://`, `gs://` and `az://` URLs, with the credentials of the environment.
    ///
    /// ```
    /// use atdata::source::{DataSource, ObjectSource};
    /// let source = ObjectSource::new(["s3://bucket/train-{0..1}.tar"]);
    /// assert_eq!(source.shards()?, ["s3://bucket/train-0.tar", "s3://bucket/train-1.tar"]);
    /// # Ok::<(), atdata::Error>(())
    /// ```
    pub fn new<P: Into<String>>(patterns: impl IntoIterator<Item = P>) -> Self {
        Self::with(patterns, None, Patience::default())
    }

    /// The same with these credentials for S3, whatever the bucket, and so much patience.
    pub fn with<P: Into<String>>(
        patterns: impl IntoIterator<Item = P>,
        s3: Option<S3Config>,
        patience: Patience,
    ) -> Self {
        Self::of(patterns.into_iter().map(Into::into).collect(), Client::new(s3, patience))
    }

    pub(crate) const fn of(patterns: Vec<String>, client: Arc<Client>) -> Self {
        Self { patterns, client }
    }
}

impl fmt::Debug for ObjectSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.patterns).finish()
    }
}

impl DataSource for ObjectSource {
    fn shards(&self) -> Result<Vec<String>> {
        expand(&self.patterns)
    }

    fn stat(&self, shard: &str) -> Result<ShardStat> {
        Remote::find(&self.client, shard).map(|(remote, _)| remote.stat())
    }

    fn open(&self, shard: &str) -> Result<Box<dyn ShardInput>> {
        Ok(Box::new(RemoteInput::open(&self.client, shard)?))
    }

    fn sidecar(&self, address: &str) -> Result<Option<Vec<u8>>> {
        whole(&self.client, address)
    }

    fn opens_ahead(&self) -> usize {
        SHARDS_AHEAD
    }
}

/// The names that patterns stand for.
pub(super) fn expand(patterns: &[String]) -> Result<Vec<String>> {
    let expanded = patterns.iter().map(|pattern| Ok(pattern::expand(pattern)?));
    Ok(expanded.collect::<Result<Vec<_>>>()?.concat())
}
