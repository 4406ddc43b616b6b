//! Shards that are too large for where they go, cut anew.

use super::insert::Watcher;
use crate::error::{Error, Result};
use crate::shards::Shards;
use crate::source::shown;
use crate::store::{DataStore, StoredShard};
use crate::write::{InStore, ShardSet};
use atdata_format::tar::{RawSample, ShardReader};
use std::collections::HashSet;
use std::sync::Arc;

/// Copies samples, as they are, into shards as large as the store takes. Gives what is stored, and
/// how many samples that is.
pub(crate) fn recut_shards(
    shards: &Shards,
    store: &Arc<dyn DataStore>,
    prefix: &str,
    watcher: Watcher,
) -> Result<(Vec<StoredShard>, u64)> {
    let set = ShardSet::in_store(Arc::clone(store), prefix, None, None)?;
    let mut recut = Recut { set, keys: HashSet::new(), watcher };
    for shard in 0..shards.names()?.len() {
        recut.shard(shards, shard)?;
    }
    recut.tell()?;
    let (stored, progress) = recut.set.commit()?;
    Ok((stored, progress.samples))
}

struct Recut {
    set: ShardSet<InStore>,
    keys: HashSet<String>,
    watcher: Watcher,
}

impl Recut {
    fn shard(&mut self, shards: &Shards, shard: usize) -> Result<()> {
        let input = shards.open(shard)?;
        let size = input.size();
        let mut reader = ShardReader::new(input, size);
        let mut sample = RawSample::default();
        let place = |error: atdata_format::Error| error.in_shard(shown(shards.name(shard)));
        while reader.read(&mut sample).map_err(place)? {
            let key = self.free_key(&sample.key, shard);
            self.set.append(Some(&key), &sample.payload)?;
            if self.set.is_time_to_tell() {
                self.tell()?;
            }
        }
        Ok(())
    }

    /// Shards may have keys in common that one shard cannot have twice.
    fn free_key(&mut self, key: &str, shard: usize) -> String {
        let mut free = key.to_owned();
        while !self.keys.insert(free.clone()) {
            free = format!("{free}-{shard}");
        }
        free
    }

    fn tell(&mut self) -> Result<()> {
        let progress = self.set.progress();
        let goes_on = self.watcher.as_mut().is_none_or(|watcher| watcher(progress));
        if goes_on { Ok(()) } else { Err(Error::Stopped) }
    }
}
