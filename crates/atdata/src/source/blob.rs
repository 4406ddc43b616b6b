//! Shards that are blobs of a repository: `at://{did}/blob/{cid}`.

use super::whole::Wholes;
use super::{DataSource, ShardInput, ShardStat};
use crate::config;
use crate::error::{Error, Result};
use atdata_atproto::cid::{self, Cid};
use atdata_atproto::{Did, Network};
use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

/// How many blobs are fetched ahead of the one that is being read.
const AHEAD: usize = 2;

/// A blob's address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BlobUrl {
    /// Whose it is.
    pub did: Did,
    /// What it is.
    pub cid: Cid,
}

impl BlobUrl {
    /// Checks a text of the form `at://{did}/blob/{cid}`.
    ///
    /// # Errors
    /// [`Error::Invalid`] for every other text.
    pub fn parse(url: &str) -> Result<Self> {
        let parts: Vec<&str> = url.strip_prefix("at://").unwrap_or_default().split('/').collect();
        let [did, "blob", cid] = parts.as_slice() else {
            let message =
                format!("{url:.300} is not the address of a blob: at://{{did}}/blob/{{cid}}");
            return Err(Error::Invalid(message));
        };
        Ok(Self { did: Did::parse(did)?, cid: cid::parse(cid)? })
    }
}

impl fmt::Display for BlobUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at://{}/blob/{}", self.did, self.cid)
    }
}

/// Blobs as shards. Servers give them only from the first byte on, so each is fetched whole into a
/// temporary file, and nothing of it is used before its bytes are known to be those of its CID.
#[derive(Debug)]
pub struct BlobSource {
    urls: Vec<String>,
    network: Arc<Network>,
    beside: HashMap<String, String>,
    wholes: Wholes,
}

impl BlobSource {
    /// The blobs of these addresses. Nothing is reached yet.
    #[must_use]
    pub fn new(network: Arc<Network>, urls: Vec<String>) -> Self {
        let (beside, wholes) = (HashMap::new(), Wholes::default());
        Self { urls, network, beside, wholes }
    }

    /// The same, with what lies beside the shards: blobs by the addresses that they stand for.
    #[must_use]
    pub fn with_beside(mut self, beside: HashMap<String, String>) -> Self {
        self.beside = beside;
        self
    }
}

impl BlobSource {
    /// A blob, all of it, whose bytes are right.
    fn fetch(&self, shard: &str) -> Result<File> {
        let url = BlobUrl::parse(shard)?;
        let folder = config::temporary_folder();
        let failed = |error| Error::io("fetch a blob into", &folder, error);
        let mut file = tempfile::tempfile_in(&folder).map_err(failed)?;
        let mut blob = self.network.repo(url.did.as_str())?.blob(&url.cid)?;
        io::copy(&mut blob, &mut file)
            .map_err(|error| passed_through(error).unwrap_or_else(failed))?;
        Ok(file)
    }
}

impl DataSource for BlobSource {
    fn shards(&self) -> Result<Vec<String>> {
        for url in &self.urls {
            BlobUrl::parse(url)?;
        }
        Ok(self.urls.clone())
    }

    fn stat(&self, shard: &str) -> Result<ShardStat> {
        let url = BlobUrl::parse(shard)?;
        let size = self.network.repo(url.did.as_str())?.blob(&url.cid)?.size();
        Ok(ShardStat { size, version: Some(url.cid.to_string()) })
    }

    fn open(&self, shard: &str) -> Result<Box<dyn ShardInput>> {
        self.wholes.open(shard, || self.fetch(shard))
    }

    fn sidecar(&self, address: &str) -> Result<Option<Vec<u8>>> {
        let Some(url) = self.beside.get(address) else { return Ok(None) };
        let url = BlobUrl::parse(url)?;
        let mut blob = self.network.repo(url.did.as_str())?.blob(&url.cid)?;
        if blob.size().is_some_and(|size| size > SIDECAR_CAP) {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        let read = blob.by_ref().take(SIDECAR_CAP).read_to_end(&mut bytes);
        // One byte more than the cap is not read, and what was is not judged.
        let read = read.and_then(|_| blob.read(&mut [0]));
        read.map_err(|error| passed_through(error).unwrap_or_else(failed(address)))?;
        Ok(Some(bytes))
    }

    fn opens_ahead(&self) -> usize {
        AHEAD
    }
}

/// The most bytes of what lies beside a shard.
const SIDECAR_CAP: u64 = 64 << 20;

/// A read that failed for a reason of this machine.
fn failed(address: &str) -> impl Fn(io::Error) -> Error {
    move |error| Error::io("read", address.as_ref(), error)
}

/// An error of the network that came through a reader is itself again.
fn passed_through(error: io::Error) -> std::result::Result<Error, io::Error> {
    error.downcast::<atdata_atproto::Error>().map(Error::from)
}
