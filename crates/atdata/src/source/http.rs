//! Shards on web servers.

use super::object::expand;
use super::remote::{Remote, RemoteInput, SHARDS_AHEAD, whole};
use super::{DataSource, ShardInput, ShardStat, shown};
use crate::error::Result;
use crate::remote::{Client, Patience};
use std::fmt;
use std::sync::Arc;

/// Files by `http://` or `https://` URL or brace pattern, and by `hf://`. They are reached when they
/// are first read; redirects are followed. A server without range requests gives shards that are
/// read in order only.
pub struct HttpSource {
    patterns: Vec<String>,
    client: Arc<Client>,
}

impl HttpSource {
    /// The files of these URLs.
    ///
    /// ```
    /// use atdata::source::{DataSource, HttpSource};
    /// let source = HttpSource::new(["hf://datasets/lab/cats/train-{0..1}.tar"]);
    /// let first = "https://huggingface.co/datasets/lab/cats/resolve/main/train-0.tar";
    /// assert_eq!(source.shards()?[0], first);
    /// # Ok::<(), atdata::Error>(())
    /// ```
    pub fn new<P: Into<String>>(patterns: impl IntoIterator<Item = P>) -> Self {
        Self::with(patterns, Patience::default())
    }

    /// The same with so much patience.
    pub fn with<P: Into<String>>(
        patterns: impl IntoIterator<Item = P>,
        patience: Patience,
    ) -> Self {
        let patterns = patterns.into_iter().map(Into::into);
        Self::of(patterns, Client::new(None, patience))
    }

    pub(crate) fn of(patterns: impl IntoIterator<Item = String>, client: Arc<Client>) -> Self {
        Self { patterns: patterns.into_iter().map(hugging_face).collect(), client }
    }
}

impl fmt::Debug for HttpSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.patterns.iter().map(|pattern| shown(pattern))).finish()
    }
}

impl DataSource for HttpSource {
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
        match beside(address) {
            Some(address) => whole(&self.client, &address),
            None => Ok(None),
        }
    }

    fn opens_ahead(&self) -> usize {
        SHARDS_AHEAD
    }
}

/// The address of what lies beside a shard whose URL has a query: the query stays at the end.
fn beside(address: &str) -> Option<String> {
    let Some((path, query)) = address.split_once('?') else { return Some(address.to_owned()) };
    let query = query.strip_suffix(crate::shards::INDEX_SUFFIX)?;
    Some(format!("{path}{}?{query}", crate::shards::INDEX_SUFFIX))
}

/// `hf://datasets/owner/name@revision/path` as the web address that it stands for.
fn hugging_face(url: String) -> String {
    let Some(rest) = url.strip_prefix("hf://") else { return url };
    let rest = rest.strip_prefix("datasets/").unwrap_or(rest);
    let mut parts = rest.splitn(3, '/');
    let (Some(owner), Some(name), Some(path)) = (parts.next(), parts.next(), parts.next()) else {
        return url;
    };
    let (name, revision) = name.split_once('@').unwrap_or((name, "main"));
    format!("https://huggingface.co/datasets/{owner}/{name}/resolve/{revision}/{path}")
}
