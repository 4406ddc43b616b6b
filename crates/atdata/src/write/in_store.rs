//! Shards that go into a store.

use super::destination::Destination;
use super::{Finished, Limits, Progress, ShardSet};
use crate::error::Result;
use crate::shards::index_of;
use crate::store::{DataStore, ShardSink, StoredShard};
use atdata_format::manifest::beside;
use std::sync::Arc;

/// Shards under a prefix of a store, each visible under its content's name once it is whole.
#[derive(Debug)]
pub struct InStore {
    store: Arc<dyn DataStore>,
    prefix: String,
    stored: Vec<StoredShard>,
}

impl Destination for InStore {
    type Sink = Box<dyn ShardSink>;

    fn begin(&mut self, _: usize) -> Result<Self::Sink> {
        self.store.create(&self.prefix)
    }

    fn end(&mut self, sink: Self::Sink, shard: Finished<'_>) -> Result<()> {
        let stored = sink.commit(shard.number)?;
        self.store.put_beside(&index_of(&stored.url), &shard.summary.index.encode())?;
        if let Some(manifest) = shard.manifest {
            let files = manifest.finish(&stored.url, shard.summary)?;
            self.store.put_beside(&beside(&stored.url, "json"), &files.json)?;
            self.store.put_beside(&beside(&stored.url, "parquet"), &files.parquet)?;
        }
        self.stored.push(stored);
        Ok(())
    }

    fn name(&self, number: usize) -> String {
        format!("{number} of {}", self.prefix)
    }
}

impl ShardSet<InStore> {
    /// Starts a set of shards under a prefix of a store; limits are samples and bytes a shard.
    ///
    /// Each shard is in the store as soon as it is whole. Nothing names it before an entry does, so
    /// what a set leaves that is not committed, garbage collection finds.
    ///
    /// # Errors
    /// A limit of nothing.
    pub fn in_store(
        store: Arc<dyn DataStore>,
        prefix: &str,
        max_count: Option<u64>,
        max_size: Option<u64>,
    ) -> Result<Self> {
        let most = store.max_shard_bytes();
        let bytes = max_size.map_or(most, |size| Some(most.map_or(size, |most| most.min(size))));
        let limits = Limits { samples: max_count, bytes };
        let place = InStore { store, prefix: prefix.to_owned(), stored: Vec::new() };
        Self::new(place, limits)
    }

    /// Ends the last shard, and tells what is in the store now.
    ///
    /// # Errors
    /// What the store meets.
    pub fn commit(mut self) -> Result<(Vec<StoredShard>, Progress)> {
        self.finish_all()?;
        Ok((self.place.stored, self.progress))
    }
}
