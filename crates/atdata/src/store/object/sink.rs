//! A shard on its way into a bucket: kept in a temporary file until its name is known.

use super::ObjectStoreStore;
use super::request::{CLEANING, Object};
use super::upload::Upload;
use crate::error::{Error, Result};
use crate::store::hashed::Hashed;
use crate::store::names::shard_name;
use crate::store::spool::spool;
use crate::store::{DataStore, ShardSink, StoredShard};
use atdata_waiting::undisturbed;
use object_store::ObjectStoreExt;
use std::fs::File;
use std::io::{self, Write};

/// A shard on its way into a bucket.
pub(super) struct ObjectSink {
    store: ObjectStoreStore,
    prefix: String,
    spool: Hashed<File>,
}

impl ObjectSink {
    pub(super) fn new(store: ObjectStoreStore, prefix: String) -> Result<Self> {
        Ok(Self { store, prefix, spool: spool()? })
    }
}

impl Write for ObjectSink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.spool.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.spool.flush()
    }
}

impl ShardSink for ObjectSink {
    fn commit(self: Box<Self>, number: usize) -> Result<StoredShard> {
        let (file, bytes, sha256) = self.spool.finish();
        let name = shard_name(&sha256, number);
        let folder = [self.store.address(), self.prefix];
        let folder = folder.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
        let url = format!("{}/{name}", folder.join("/"));
        let object = self.store.own(&url)?;
        if !object.has(bytes)? {
            Upload { object: &object, file: &file, bytes }.send()?;
            check_stored(&object, bytes)?;
        }
        Ok(StoredShard { url, bytes, sha256 })
    }
}

/// A server that says yes has not always kept everything.
fn check_stored(object: &Object, bytes: u64) -> Result<()> {
    let stored = object.size()?;
    if stored == Some(bytes) {
        return Ok(());
    }
    let delete = async || object.bucket.delete(&object.key).await;
    let _ = undisturbed(|| object.impatient().run(CLEANING, delete));
    let stored = stored.unwrap_or_default();
    let message = format!("it kept {stored} of {bytes} bytes of an upload; try again");
    Err(Error::Unreachable { address: object.blame.object.clone(), message })
}
