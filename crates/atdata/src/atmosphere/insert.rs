//! Shards that no index has, published.

use super::promote::{Placed, copied, into_blobs, watcher};
use super::reachable::check_readable;
use super::records::{DatasetRecord, ExternalShard, Size, Storage};
use super::{Atmosphere, Found, Publishing, SchemaFor};
use crate::error::Result;
use crate::index::{Watcher, content_cid, hex, look_through};
use crate::shards::Shards;
use crate::store::{DataStore, PdsStore, prefix_of};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Where shards are put for others to read them.
#[derive(Debug, Clone)]
pub enum Place {
    /// On the account's own server.
    Blobs(PdsStore),
    /// In a store of any other kind.
    Store(Arc<dyn DataStore>),
}

impl Place {
    /// Copies shards there, cut anew where they are larger than it takes; gives their URLs.
    ///
    /// # Errors
    /// A prefix that cannot be one; what the shards' source and the store meet.
    pub fn put(&self, shards: &Shards, prefix: &str, progress: Watcher) -> Result<Vec<String>> {
        let copied = copied(shards, &self.store(), &prefix_of(prefix)?, progress)?;
        Ok(copied.shards.into_iter().map(|shard| shard.url).collect())
    }

    fn store(&self) -> Arc<dyn DataStore> {
        match self {
            Self::Blobs(store) => Arc::new(store.clone()),
            Self::Store(store) => Arc::clone(store),
        }
    }

    fn placed(&self, shards: &Shards, prefix: &str, progress: Watcher) -> Result<Placed> {
        match self {
            Self::Blobs(store) => into_blobs(shards, store, progress),
            Self::Store(store) => {
                Ok(copied(shards, store, &prefix_of(prefix)?, progress)?.external())
            }
        }
    }
}

impl Atmosphere {
    /// Copies shards to where others can read them, and publishes them there; storage, size and what
    /// is made of the shards' bytes are found out on the way.
    ///
    /// # Errors
    /// As [`Atmosphere::publish_dataset`] and [`Place::put`].
    pub fn insert(
        &self,
        shards: &Shards,
        place: &Place,
        new: &Publishing<'_>,
        progress: Watcher,
    ) -> Result<Found<DatasetRecord>> {
        let watch = Arc::new(Mutex::new(progress));
        self.with_uploads(|| {
            let placed = place.placed(shards, new.name, watcher(&watch))?;
            let content_cid = self.content_of(new.schema, &placed.storage)?;
            let (samples, bytes, shards) = (placed.samples, placed.bytes, Some(placed.shards));
            self.publish_dataset(Publishing {
                size: Size { samples, bytes, shards },
                storage: placed.storage,
                manifests: placed.manifests,
                content_cid,
                ..new.clone()
            })
        })
    }

    /// Publishes shards where they are; a warning, or strictly an error, tells of those that others
    /// may not be able to read.
    ///
    /// # Errors
    /// As [`Atmosphere::publish_dataset`].
    pub fn publish_urls(
        &self,
        urls: &[String],
        new: Publishing<'_>,
        strict: bool,
    ) -> Result<Found<DatasetRecord>> {
        check_readable(new.name, urls, strict)?;
        let storage = self.storage_of(urls, |_| None)?;
        self.publish_dataset(Publishing { storage, ..new })
    }

    /// The same, with the shards hashed and counted: each is read once, to its end.
    ///
    /// # Errors
    /// As [`Atmosphere::publish_dataset`]; shards that cannot be read, or are broken.
    pub fn publish_in_place(
        &self,
        shards: &Shards,
        new: Publishing<'_>,
        strict: bool,
        progress: Watcher,
    ) -> Result<Found<DatasetRecord>> {
        let urls = shards.names()?;
        check_readable(new.name, urls, strict)?;
        let (hashes, found) = look_through(shards, progress)?;
        let count = Some(urls.len() as u64);
        let size = Size { samples: Some(found.samples), bytes: Some(found.bytes), shards: count };
        let known: HashMap<&str, &String> = urls.iter().map(String::as_str).zip(&hashes).collect();
        let storage = self.storage_of(urls, |url| known.get(url).copied().cloned())?;
        let content_cid = self.content_of(new.schema, &storage)?;
        self.publish_dataset(Publishing { storage, size, content_cid, ..new })
    }

    /// What a record says of shards at these addresses. Blobs of one's own are referred to as such: a
    /// server keeps no others.
    pub(super) fn storage_of(
        &self,
        urls: &[String],
        sha256: impl Fn(&str) -> Option<String>,
    ) -> Result<Storage> {
        let own = self.blobs()?;
        if !urls.is_empty() && urls.iter().all(|url| own.holds(url)) {
            return Ok(Storage::Blobs(
                urls.iter().map(|url| own.blob(url)).collect::<Result<_>>()?,
            ));
        }
        let shard = |url: &String| ExternalShard { url: url.clone(), sha256: sha256(url) };
        Ok(Storage::External(urls.iter().map(shard).collect()))
    }

    /// What the samples are wherever they are stored, made of their fields and the shards' hashes.
    fn content_of(&self, schema: SchemaFor<'_>, storage: &Storage) -> Result<Option<String>> {
        let hashes: Option<Vec<String>> = match storage {
            Storage::External(shards) => shards.iter().map(|shard| shard.sha256.clone()).collect(),
            Storage::Blobs(blobs) => {
                let hash = |cid| atdata_atproto::cid::sha256(cid).map(|hash| hex(&hash));
                blobs.iter().map(|blob| hash(&blob.cid)).collect()
            }
        };
        let Some(hashes) = hashes else { return Ok(None) };
        let hashes = hashes.iter().map(String::as_str);
        Ok(Some(match schema {
            SchemaFor::Type(schema) => content_cid(schema, hashes)?,
            SchemaFor::At(reference) => content_cid(self.schema(reference)?.schema(), hashes)?,
        }))
    }
}
