//! Shards as blobs of one's own repository.

mod journal;
mod uploads;

pub use journal::{Upload, UploadJournal};
pub(crate) use uploads::Uploads;

use super::spool::spool;
use super::{DataStore, Found, Hashed, ShardSink, StoredShard};
use crate::error::{Error, Result};
use crate::source::{BlobSource, BlobUrl, DataSource};
use atdata_atproto::{BlobBody, BlobRef, Client, cid};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use uploads::GoingUp;

/// The most bytes of a shard, even where a server takes more: what is fetched whole should be small.
pub const MAX_SHARD: u64 = 50_000_000;

/// What the reference server takes unless it is told otherwise.
const USUAL_LIMIT: u64 = 5 << 20;

const SHARD_TYPE: &str = "application/x-tar";

/// The blobs of an account. A server keeps a blob only while a record refers to it, so what is
/// stored here is to be published next; what never is, the server removes by itself.
#[derive(Debug, Clone)]
pub struct PdsStore {
    client: Arc<Client>,
    journal: UploadJournal,
    /// What was uploaded to lie beside shards, by the address that it stands for.
    beside: Arc<Mutex<HashMap<String, BlobRef>>>,
    /// The sizes of the shards that were uploaded.
    sizes: Arc<Mutex<HashMap<String, u64>>>,
    /// Told of what goes up.
    uploads: Option<Uploads>,
}

impl PdsStore {
    /// The store of an account that is logged in.
    #[must_use]
    pub fn new(client: Arc<Client>) -> Self {
        let journal = UploadJournal::at_home();
        let (beside, sizes, uploads) = (Arc::default(), Arc::default(), None);
        Self { client, journal, beside, sizes, uploads }
    }

    /// The same store, with uploads that somebody watches.
    pub(crate) fn telling(&self, uploads: &Uploads) -> Self {
        Self { uploads: Some(uploads.clone()), ..self.clone() }
    }

    /// The same, which keeps what was uploaded in another journal.
    #[must_use]
    pub fn with_journal(mut self, journal: UploadJournal) -> Self {
        self.journal = journal;
        self
    }

    /// The account.
    #[must_use]
    pub const fn client(&self) -> &Arc<Client> {
        &self.client
    }

    /// What a record says of a shard that was stored here, or on the same server before.
    ///
    /// # Errors
    /// A URL of another account, or of nothing that was stored.
    pub fn blob(&self, url: &str) -> Result<BlobRef> {
        let BlobUrl { cid, .. } = self.own(url)?;
        let size = match self.size(url, &cid) {
            Some(size) => size,
            None => self.client.repo()?.blob(&cid)?.size().unwrap_or_default(),
        };
        Ok(BlobRef { cid, mime: SHARD_TYPE.to_owned(), size })
    }

    /// The size of a shard that was uploaded from this machine of late.
    fn size(&self, url: &str, cid: &cid::Cid) -> Option<u64> {
        let sizes = self.sizes.lock().unwrap_or_else(PoisonError::into_inner);
        let name = cid.to_string();
        let pending = || self.journal.pending(self.client.did()).into_iter();
        let noted = || pending().find(|upload| upload.cid == name).map(|upload| upload.bytes);
        sizes.get(url).copied().or_else(noted)
    }

    /// What was uploaded to stand at an address beside a shard.
    #[must_use]
    pub fn beside(&self, address: &str) -> Option<BlobRef> {
        self.beside.lock().unwrap_or_else(PoisonError::into_inner).get(address).cloned()
    }

    /// Uploads bytes as they are.
    ///
    /// # Errors
    /// [`Error::Network`].
    pub fn upload(&self, bytes: Vec<u8>, mime: &str) -> Result<BlobRef> {
        Ok(self.client.upload(BlobBody::bytes(bytes, mime))?)
    }

    fn own(&self, url: &str) -> Result<BlobUrl> {
        let blob = BlobUrl::parse(url)?;
        if &blob.did == self.client.did() {
            return Ok(blob);
        }
        let message = format!("{url} is a blob of another account than {}", self.client.did());
        Err(Error::Invalid(message))
    }

    fn url(&self, cid: &cid::Cid) -> String {
        BlobUrl { did: self.client.did().clone(), cid: *cid }.to_string()
    }

    fn keep(&self, file: File, bytes: u64, sha256: [u8; 32]) -> Result<StoredShard> {
        let cid = cid::of_blob_hash(&sha256);
        if !self.journal.has(self.client.did(), &cid) {
            self.client
                .upload(BlobBody { cid: Some(cid), ..body(file, bytes, self.uploads.clone()) })?;
            self.journal.add(self.client.did(), &cid, bytes)?;
        } else if let Some(uploads) = &self.uploads {
            uploads.add(bytes);
        }
        let url = self.url(&cid);
        self.sizes.lock().unwrap_or_else(PoisonError::into_inner).insert(url.clone(), bytes);
        Ok(StoredShard { url, bytes, sha256 })
    }
}

/// A spooled shard as what is uploaded: it is read from its start for each try.
fn body(file: File, length: u64, uploads: Option<Uploads>) -> BlobBody {
    let file = Arc::new(file);
    let open = move || -> io::Result<Box<dyn Read + Send>> {
        let mut file = file.try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(match &uploads {
            Some(uploads) => Box::new(GoingUp::new(file, length, uploads)),
            None => Box::new(file),
        })
    };
    BlobBody { length, open: Arc::new(open), mime: SHARD_TYPE.to_owned(), cid: None }
}

impl DataStore for PdsStore {
    fn address(&self) -> String {
        format!("at://{}/blob", self.client.did())
    }

    fn check(&self) -> Result<()> {
        Ok(self.client.limits().map(|_| ())?)
    }

    fn create(&self, _: &str) -> Result<Box<dyn ShardSink>> {
        Ok(Box::new(BlobSink { store: self.clone(), spool: spool()? }))
    }

    fn put_beside(&self, url: &str, bytes: &[u8]) -> Result<()> {
        // An index is made quickly from a shard that is fetched whole anyway.
        let mime = match url.rsplit('.').next() {
            Some("json") => "application/json",
            Some("parquet") => "application/vnd.apache.parquet",
            _ => return Ok(()),
        };
        let blob = self.upload(bytes.to_vec(), mime)?;
        self.beside.lock().unwrap_or_else(PoisonError::into_inner).insert(url.to_owned(), blob);
        Ok(())
    }

    fn source(&self, urls: Vec<String>) -> Arc<dyn DataSource> {
        let known = self.beside.lock().unwrap_or_else(PoisonError::into_inner);
        let beside = known.iter().map(|(address, blob)| (address.clone(), self.url(&blob.cid)));
        let beside = beside.collect();
        Arc::new(BlobSource::new(Arc::clone(self.client.network()), urls).with_beside(beside))
    }

    fn holds(&self, url: &str) -> bool {
        self.own(url).is_ok()
    }

    fn list(&self, _: &mut dyn FnMut(Found) -> Result<()>) -> Result<()> {
        // The server itself removes what no record refers to.
        Ok(())
    }

    fn list_unfinished(&self, _: &mut dyn FnMut(Found) -> Result<()>) -> Result<()> {
        // A blob is there when it is whole.
        Ok(())
    }

    fn remove(&self, url: &str) -> Result<()> {
        self.own(url)?;
        let message = "a blob goes when no record refers to it any more: delete the records";
        Err(Error::Unsupported(format!("{url}: {message}")))
    }

    fn read_url(&self, url: &str, signed_for: Option<Duration>) -> Result<String> {
        if signed_for.is_some() {
            return Err(Error::Unsupported(format!(
                "{url}: blobs are public; there is no signature"
            )));
        }
        let blob = BlobUrl::parse(url)?;
        Ok(self.client.network().repo(blob.did.as_str())?.blob_url(&blob.cid))
    }

    fn max_shard_bytes(&self) -> Option<u64> {
        let limit = self.client.limits().map_or(USUAL_LIMIT, |limits| limits.blob_bytes);
        Some(limit.min(MAX_SHARD))
    }
}

/// A shard on its way to a server.
struct BlobSink {
    store: PdsStore,
    spool: Hashed<File>,
}

impl Write for BlobSink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.spool.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.spool.flush()
    }
}

impl ShardSink for BlobSink {
    fn commit(self: Box<Self>, _: usize) -> Result<StoredShard> {
        let (file, bytes, sha256) = self.spool.finish();
        self.store.keep(file, bytes, sha256)
    }
}
