//! Remote shards, kept in a folder of this machine.

use super::cache_folder::{CacheFolder, Known, is_sha256};
use super::{DataSource, LocalSource, ShardInput, ShardStat, is_remote};
use crate::error::{Error, Result};
use crate::index::hex;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::Arc;

/// A source that fetches each remote shard once, as a whole, and reads it from a folder from then
/// on. Several processes may share the folder.
#[derive(Debug)]
pub struct Cached {
    inner: Arc<dyn DataSource>,
    folder: CacheFolder,
    /// SHA-256 in hex, by shard, as far as they are known.
    checksums: HashMap<String, String>,
}

impl Cached {
    /// A source that keeps shards in a folder. A shard with a known hash is kept under that, and
    /// refused where it does not have it.
    #[must_use]
    pub fn new(
        inner: Arc<dyn DataSource>,
        folder: CacheFolder,
        checksums: HashMap<String, String>,
    ) -> Self {
        Self { inner, folder, checksums }
    }

    /// What the shard is called in the folder, and what is known of it: by its hash, else by address,
    /// size and version. One of which neither is known cannot be told from a newer one, and is not
    /// kept.
    fn file_name(&self, shard: &str) -> Result<Option<(String, Known<'_>)>> {
        let sha256 = self.checksums.get(shard).map(String::as_str);
        if let Some(name) = sha256.filter(|text| is_sha256(text)) {
            return Ok(Some((format!("{name}.tar"), Known { sha256, size: None })));
        }
        let ShardStat { size: Some(size), version: Some(version) } = self.inner.stat(shard)? else {
            return Ok(None);
        };
        let hash = Sha256::digest(format!("{shard}\n{size}\n{version}"));
        Ok(Some((format!("{}.tar", hex(&hash)), Known { sha256, size: Some(size) })))
    }
}

impl DataSource for Cached {
    fn shards(&self) -> Result<Vec<String>> {
        self.inner.shards()
    }

    /// Where the hash is known and there is a copy, nobody far away is asked.
    fn stat(&self, shard: &str) -> Result<ShardStat> {
        let sha256 = self.checksums.get(shard).filter(|text| is_remote(shard) && is_sha256(text));
        let copy = sha256.and_then(|sha256| self.folder.size_of(&format!("{sha256}.tar")));
        match copy {
            Some(size) => Ok(ShardStat { size: Some(size), version: sha256.cloned() }),
            None => self.inner.stat(shard),
        }
    }

    fn open(&self, shard: &str) -> Result<Box<dyn ShardInput>> {
        if !is_remote(shard) {
            return self.inner.open(shard);
        }
        let Some((name, known)) = self.file_name(shard)? else { return self.inner.open(shard) };
        let copy = self.folder.get(&name, shard, known, || self.inner.open(shard))?;
        let opened = copy.map(|path| LocalSource::new([""]).open(&path.to_string_lossy()));
        match opened {
            // There is no room for it, or somebody has needed that room since.
            None | Some(Err(Error::NotFound(_))) => self.inner.open(shard),
            Some(opened) => opened,
        }
    }

    fn sidecar(&self, address: &str) -> Result<Option<Vec<u8>>> {
        self.inner.sidecar(address)
    }

    fn opens_ahead(&self) -> usize {
        self.inner.opens_ahead()
    }
}
