//! Data sets of an index, published.

use super::datasets::{About, Publishing, SchemaFor};
use super::reachable::{check_readable, is_local};
use super::records::{DatasetRecord, ExternalShard, Size, Storage};
use super::{Atmosphere, Found};
use crate::error::{Error, Result};
use crate::index::{Index, Watcher, copy_shards, recut_shards};
use crate::open::SourceOptions;
use crate::provider::Entry;
use crate::shards::Shards;
use crate::store::{DataStore, PdsStore, StoredShard, Uploads, prefix_of};
use atdata_atproto::Error as Network;
use atdata_format::Value as Packed;
use atdata_format::manifest::beside;
use atdata_format::schema::Schema;
use serde_json::{Map, Value};
use std::fmt;
use std::sync::{Arc, Mutex};

/// What an entry keeps under keys of its metadata, and a record in members of its own.
const SAID: [&str; 4] = ["description", "tags", "license", "checksums"];

/// How an entry is published.
#[derive(Default)]
pub struct Promotion {
    /// What it is called on the network; its name in the index if none is given.
    pub name: Option<String>,
    /// What is said of it; what is left out here is as the entry says it.
    pub about: About,
    /// A store that the shards are copied into. Without one, shards that others can reach stay where
    /// they are, and those on this machine become blobs of the account.
    pub store: Option<Arc<dyn DataStore>>,
    /// Whether, without a store, all shards become blobs of the account, wherever they are.
    pub blobs: bool,
    /// Whether shards that others may not be able to read are an error rather than a warning.
    pub strict: bool,
    /// Told how far the copying is; false stops.
    pub progress: Watcher,
}

impl fmt::Debug for Promotion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Promotion").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Atmosphere {
    /// Publishes an entry of an index, with its schema. One that was published just like this before
    /// is not published again; what an attempt that was cut short has uploaded is used.
    ///
    /// # Errors
    /// [`Error::UnknownName`] where the index does not have the schema, [`Error::Invalid`] for an
    /// entry without shards or, strictly, with shards that others cannot read; [`Error::Network`].
    pub fn promote(
        &self,
        index: &Index,
        entry: &Entry,
        mut promotion: Promotion,
    ) -> Result<Found<DatasetRecord>> {
        let schema = index.schema(&entry.schema_ref)?.schema()?;
        if entry.data_urls.is_empty() {
            return Err(Error::Invalid(format!("{}: the entry has no data URLs", entry.name)));
        }
        let watch = Arc::new(Mutex::new(promotion.progress.take()));
        self.with_uploads(|| self.promote_once(index, entry, &schema, &promotion, watcher(&watch)))
    }

    /// Does what may rely on earlier uploads; once more, from the start, if those are gone.
    pub(super) fn with_uploads<T>(&self, publish: impl Fn() -> Result<T>) -> Result<T> {
        match publish() {
            Err(Error::Network(Network::NotFound(why))) if why.contains("lob") => {
                self.journal.forget(self.client()?.did(), None);
                publish()
            }
            done => done,
        }
    }

    fn promote_once(
        &self,
        index: &Index,
        entry: &Entry,
        schema: &Schema,
        promotion: &Promotion,
        watcher: Watcher,
    ) -> Result<Found<DatasetRecord>> {
        let name = promotion.name.as_deref().unwrap_or(&entry.name);
        let placed = self.place(index, entry, name, promotion, watcher)?;
        let size = Size {
            samples: placed.samples.or(entry.facts.samples),
            bytes: placed.bytes.or(entry.facts.bytes),
            shards: Some(placed.shards),
        };
        let mut new = Publishing::new(name, SchemaFor::Type(schema), placed.storage);
        new.about = said(entry, &promotion.about);
        new.content_cid = if placed.recut { None } else { entry.facts.content_cid.clone() };
        (new.size, new.manifests) = (size, placed.manifests);
        self.publish_dataset(new)
    }

    /// Puts the shards where others can read them.
    fn place(
        &self,
        index: &Index,
        entry: &Entry,
        name: &str,
        promotion: &Promotion,
        watcher: Watcher,
    ) -> Result<Placed> {
        let shards =
            || Ok::<_, Error>(Shards::new(index.source(entry, &SourceOptions::default())?));
        match &promotion.store {
            Some(store) => {
                let prefix = prefix_of(name)?;
                Ok(copied(&shards()?, store, &prefix, watcher)?.external())
            }
            None if promotion.blobs || entry.data_urls.iter().any(|url| is_local(url)) => {
                into_blobs(&shards()?, &self.blobs()?, watcher)
            }
            None => {
                check_readable(&entry.name, &entry.data_urls, promotion.strict)?;
                let sha256 = |url: &str| entry.checksum(url).map(str::to_owned);
                let storage = self.storage_of(&entry.data_urls, sha256)?;
                Ok(Placed::of(storage, entry.data_urls.len()))
            }
        }
    }
}

/// A watcher that is lent to one attempt after another.
pub(super) fn watcher(watch: &Arc<Mutex<Watcher>>) -> Watcher {
    let watch = Arc::clone(watch);
    Some(Box::new(move |so_far| {
        let Ok(mut watch) = watch.lock() else { return false };
        watch.as_mut().is_none_or(|watch| watch(so_far))
    }))
}

/// Shards where others can read them.
pub(super) struct Placed {
    pub(super) storage: Storage,
    pub(super) samples: Option<u64>,
    pub(super) bytes: Option<u64>,
    pub(super) shards: u64,
    pub(super) manifests: Option<Value>,
    pub(super) recut: bool,
}

impl Placed {
    fn of(storage: Storage, shards: usize) -> Self {
        let (samples, bytes, manifests, recut) = (None, None, None, false);
        Self { storage, samples, bytes, shards: shards as u64, manifests, recut }
    }
}

/// Shards that were copied.
pub(super) struct Copied {
    pub(super) shards: Vec<StoredShard>,
    samples: u64,
    recut: bool,
}

pub(super) fn copied(
    shards: &Shards,
    store: &Arc<dyn DataStore>,
    prefix: &str,
    watcher: Watcher,
) -> Result<Copied> {
    let recut = match store.max_shard_bytes() {
        Some(most) => any_larger(shards, most)?,
        None => false,
    };
    let (shards, samples) = if recut {
        recut_shards(shards, store, prefix, watcher)?
    } else {
        copy_shards(shards, &**store, prefix, watcher)?
    };
    Ok(Copied { shards, samples, recut })
}

/// Uploads shards. What watches hears of what has gone up, not of what was read.
pub(super) fn into_blobs(shards: &Shards, store: &PdsStore, watcher: Watcher) -> Result<Placed> {
    let uploads = Uploads::new(watcher);
    let telling: Arc<dyn DataStore> = Arc::new(store.telling(&uploads));
    copied(shards, &telling, "", uploads.watcher())?.blobs(store)
}

fn any_larger(shards: &Shards, most: u64) -> Result<bool> {
    for name in shards.names()? {
        if shards.source().stat(name)?.size.is_some_and(|size| size > most) {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Copied {
    fn placed(&self, storage: Storage, manifests: Option<Value>) -> Placed {
        let bytes = self.shards.iter().map(|shard| shard.bytes).sum();
        let (samples, shards) = (Some(self.samples), self.shards.len() as u64);
        Placed { storage, samples, bytes: Some(bytes), shards, manifests, recut: self.recut }
    }

    pub(super) fn external(&self) -> Placed {
        let shard = |shard: &StoredShard| ExternalShard {
            url: shard.url.clone(),
            sha256: Some(crate::index::hex(&shard.sha256)),
        };
        self.placed(Storage::External(self.shards.iter().map(shard).collect()), None)
    }

    fn blobs(&self, store: &PdsStore) -> Result<Placed> {
        let blobs = self.shards.iter().map(|shard| store.blob(&shard.url));
        let storage = Storage::Blobs(blobs.collect::<Result<_>>()?);
        let urls = self.shards.iter().map(|shard| shard.url.as_str());
        Ok(self.placed(storage, manifests(store, urls)))
    }
}

/// What a record says of the manifests that were uploaded, if any were: one item a shard.
pub(super) fn manifests<'a>(
    store: &PdsStore,
    urls: impl Iterator<Item = &'a str>,
) -> Option<Value> {
    let item = |url: &str| {
        let blob = |extension: &str| {
            let blob = store.beside(&beside(url, extension))?;
            Some((extension.to_owned(), blob.to_value()))
        };
        Value::Object(["json", "parquet"].into_iter().filter_map(blob).collect::<Map<_, _>>())
    };
    let items: Vec<Value> = urls.map(item).collect();
    items.iter().any(|item| item != &Value::Object(Map::new())).then_some(Value::Array(items))
}

/// What is said of a data set: what was given, else what the entry has.
fn said(entry: &Entry, given: &About) -> About {
    let text = |key: &str| match entry.about(key) {
        Some(Packed::Str(text)) => Some(text.clone()),
        _ => None,
    };
    let tags = || match entry.about("tags") {
        Some(Packed::List(tags)) => {
            let text = |tag: &Packed| matches!(tag, Packed::Str(_)).then(|| tag.clone());
            let tags = tags.iter().filter_map(text);
            tags.filter_map(|tag| if let Packed::Str(tag) = tag { Some(tag) } else { None })
                .collect()
        }
        _ => Vec::new(),
    };
    About {
        description: given.description.clone().or_else(|| text("description")),
        tags: if given.tags.is_empty() { tags() } else { given.tags.clone() },
        license: given.license.clone().or_else(|| text("license")),
        metadata: given.metadata.clone().or_else(|| rest(entry)),
    }
}

/// The metadata that no member of a record stands for.
fn rest(entry: &Entry) -> Option<Packed> {
    let Some(Packed::Map(pairs)) = &entry.metadata else { return None };
    let is_said = |key: &Packed| matches!(key, Packed::Str(key) if SAID.contains(&key.as_str()));
    let rest: Vec<_> = pairs.iter().filter(|(key, _)| !is_said(key)).cloned().collect();
    (!rest.is_empty()).then_some(Packed::Map(rest))
}
