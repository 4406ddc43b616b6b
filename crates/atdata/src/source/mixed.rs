//! Shards of several kinds of places.

use super::{DataSource, ShardInput, ShardStat, is_remote, scheme, shown};
use crate::error::{Error, Result};
use std::sync::Arc;

/// Sources that together have the shards of a list; each shard goes to the one for its scheme.
#[derive(Debug)]
pub(crate) struct MixedSource {
    /// The sources of the parts of the list, in its order.
    pub(crate) parts: Vec<Arc<dyn DataSource>>,
    /// For each scheme the source that can open its shards; `""` for files.
    pub(crate) openers: Vec<(String, Arc<dyn DataSource>)>,
}

impl MixedSource {
    fn opener(&self, shard: &str) -> Result<&Arc<dyn DataSource>> {
        let scheme = if is_remote(shard) { scheme(shard).unwrap_or_default() } else { "" };
        let found = self.openers.iter().find(|(name, _)| name == scheme);
        let unknown = || Error::Invalid(format!("{} is not one of these shards", shown(shard)));
        found.map(|(_, source)| source).ok_or_else(unknown)
    }
}

impl DataSource for MixedSource {
    fn shards(&self) -> Result<Vec<String>> {
        let shards = self.parts.iter().map(|part| part.shards());
        Ok(shards.collect::<Result<Vec<_>>>()?.concat())
    }

    fn stat(&self, shard: &str) -> Result<ShardStat> {
        self.opener(shard)?.stat(shard)
    }

    fn open(&self, shard: &str) -> Result<Box<dyn ShardInput>> {
        self.opener(shard)?.open(shard)
    }

    fn sidecar(&self, address: &str) -> Result<Option<Vec<u8>>> {
        self.opener(address)?.sidecar(address)
    }

    fn open_sidecar(&self, address: &str) -> Result<Option<Box<dyn ShardInput>>> {
        self.opener(address)?.open_sidecar(address)
    }

    fn opens_ahead(&self) -> usize {
        self.parts.iter().map(|part| part.opens_ahead()).max().unwrap_or(0)
    }
}
