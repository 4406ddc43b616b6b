//! A store that does not answer, or loses what it was given.

use super::{Here, refused};
use atdata::Error;
use atdata::index::{Index, IndexWrite};
use atdata::source::{DataSource, ShardInput, ShardStat};
use atdata::store::{DataStore, Found, LocalDiskStore, ShardSink};
use std::sync::Arc;
use std::time::Duration;

/// A folder whose shards cannot be asked for.
#[derive(Debug, Clone)]
struct Unsteady {
    store: LocalDiskStore,
    /// Whether they are gone, or only cannot be reached.
    gone: bool,
}

impl DataStore for Unsteady {
    fn address(&self) -> String {
        self.store.address()
    }

    fn check(&self) -> atdata::Result<()> {
        self.store.check()
    }

    fn create(&self, prefix: &str) -> atdata::Result<Box<dyn ShardSink>> {
        self.store.create(prefix)
    }

    fn put_beside(&self, url: &str, bytes: &[u8]) -> atdata::Result<()> {
        self.store.put_beside(url, bytes)
    }

    fn source(&self, _: Vec<String>) -> Arc<dyn DataSource> {
        Arc::new(self.clone())
    }

    fn holds(&self, url: &str) -> bool {
        self.store.holds(url)
    }

    fn list(&self, tell: &mut dyn FnMut(Found) -> atdata::Result<()>) -> atdata::Result<()> {
        self.store.list(tell)
    }

    fn list_unfinished(
        &self,
        tell: &mut dyn FnMut(Found) -> atdata::Result<()>,
    ) -> atdata::Result<()> {
        self.store.list_unfinished(tell)
    }

    fn remove(&self, url: &str) -> atdata::Result<()> {
        self.store.remove(url)
    }

    fn read_url(&self, url: &str, signed_for: Option<Duration>) -> atdata::Result<String> {
        self.store.read_url(url, signed_for)
    }

    fn max_shard_bytes(&self) -> Option<u64> {
        Some(4096)
    }
}

impl DataSource for Unsteady {
    fn shards(&self) -> atdata::Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn stat(&self, shard: &str) -> atdata::Result<ShardStat> {
        if self.gone {
            return Err(Error::NotFound(format!("{shard}: it is gone")));
        }
        let message = "it is down; try again".to_owned();
        Err(Error::Unreachable { address: self.store.address(), message })
    }

    fn open(&self, shard: &str) -> atdata::Result<Box<dyn ShardInput>> {
        Err(self.stat(shard).unwrap_err())
    }

    fn sidecar(&self, _: &str) -> atdata::Result<Option<Vec<u8>>> {
        Ok(None)
    }

    fn opens_ahead(&self) -> usize {
        0
    }
}

fn unsteady(here: &Here, gone: bool) -> Index {
    let store = LocalDiskStore::new(here.root()).unwrap();
    here.index.clone().with_store(Arc::new(Unsteady { store, gone }))
}

#[test]
fn no_entry_names_a_shard_that_is_gone_when_it_is_written() {
    let here = Here::new();
    let written = unsteady(&here, true).write(super::numbers(0..10), "set", IndexWrite::new());
    assert_eq!(refused(written).0, "not_found");
    assert_eq!(here.index.entries().count(), 0);
}

#[test]
fn an_entry_is_not_lost_for_a_store_that_does_not_answer() {
    let here = Here::new();
    let write = |index: &Index| index.write(super::numbers(0..10), "set", IndexWrite::new());
    let entry = write(&unsteady(&here, false)).unwrap();
    here.index.label(&entry.cid, "set", "v1", None).unwrap();
    // Again, over an entry that others rely on.
    let again = write(&unsteady(&here, false));
    assert_eq!(again.unwrap(), entry);
    assert_eq!(here.index.find("set@v1").unwrap().cid, entry.cid);
    // The store says how large a shard may be.
    assert_eq!(entry.data_urls.len(), 4);
    assert!(entry.facts.bytes.unwrap() <= 4 * 4096);
}
