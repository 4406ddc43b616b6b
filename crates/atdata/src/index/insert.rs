//! Puts data sets that exist into an index: as they are, or copied into its store.

use super::passing::pass;
use super::write::Stored;
use super::{Index, IndexWrite, Published};
use crate::error::{Error, Result};
use crate::provider::{Entry, Facts};
use crate::shards::{Shards, index_of};
use crate::store::{DataStore, StoredShard, check_name, prefix_of};
use crate::write::Progress;
use atdata_format::cid::entry_cid;
use atdata_format::manifest::beside;
use atdata_format::schema::Schema;
use atdata_waiting::{check, together};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many shards are copied at once.
const AT_ONCE: usize = 4;

/// The schema of a data set that is put into an index.
#[derive(Debug, Clone, Copy)]
pub enum SchemaOf<'a> {
    /// This one, which is published if it is not yet.
    Type(&'a Schema),
    /// What a reference says, which is kept as it is.
    Reference(&'a str, &'a Schema),
}

impl<'a> SchemaOf<'a> {
    const fn schema(self) -> &'a Schema {
        match self {
            Self::Type(schema) | Self::Reference(_, schema) => schema,
        }
    }
}

impl Index {
    /// Puts shards under a name where they are; URLs may be brace patterns.
    ///
    /// # Errors
    /// A name that cannot be one; what the provider meets.
    pub fn add_entry(
        &self,
        name: &str,
        data_urls: Vec<String>,
        schema: SchemaOf<'_>,
        options: &IndexWrite,
    ) -> Result<(Entry, Option<Published>)> {
        self.add_known(name, data_urls, schema, options, Facts::default())
    }

    /// The same for shards of which something is known.
    pub(crate) fn add_known(
        &self,
        name: &str,
        data_urls: Vec<String>,
        schema: SchemaOf<'_>,
        options: &IndexWrite,
        facts: Facts,
    ) -> Result<(Entry, Option<Published>)> {
        check_name(name)?;
        let (schema_ref, published) = self.reference_of(schema)?;
        let entry = Entry {
            cid: entry_cid(&schema_ref, &data_urls)?.to_string(),
            name: name.to_owned(),
            schema_ref,
            data_urls,
            metadata: options.about()?,
            facts,
        };
        self.put(&entry)?;
        Ok((entry, published))
    }

    fn reference_of(&self, schema: SchemaOf<'_>) -> Result<(String, Option<Published>)> {
        Ok(match schema {
            SchemaOf::Reference(reference, _) => (reference.to_owned(), None),
            SchemaOf::Type(schema) => {
                let published = self.ensure_schema(schema)?;
                (published.reference.to_string(), Some(published))
            }
        })
    }

    /// Copies shards into the index's store, byte for byte, several at once, and puts them under a
    /// name. What an earlier attempt has copied is not stored again.
    ///
    /// # Errors
    /// As [`Index::begin`]; a shard that is broken, or another size than its source says.
    pub fn insert(
        &self,
        shards: &Shards,
        name: &str,
        schema: SchemaOf<'_>,
        mut options: IndexWrite,
    ) -> Result<(Entry, Option<Published>)> {
        check_name(name)?;
        let prefix = prefix_of(options.prefix.as_deref().unwrap_or(name).trim_end_matches('/'))?;
        let about = options.about()?;
        let watcher = options.progress.take();
        let (stored, samples) = copy_shards(shards, &**self.needs_store()?, &prefix, watcher)?;
        let (reference, published) = self.reference_of(schema)?;
        let facts = Facts { samples: Some(samples), ..Facts::default() };
        let stored = Stored { reference, schema: schema.schema(), shards: stored, facts };
        Ok((self.record(name, stored, about)?, published))
    }
}

/// Told how far it is; false stops.
pub type Watcher = Option<Box<dyn FnMut(Progress) -> bool + Send>>;

/// Copies shards into a store, byte for byte, several at once, with what lies beside them. Gives what
/// is stored, and how many samples that is.
pub(crate) fn copy_shards(
    shards: &Shards,
    store: &dyn DataStore,
    prefix: &str,
    watcher: Watcher,
) -> Result<(Vec<StoredShard>, u64)> {
    let watch = Mutex::new((Progress { samples: 0, bytes: 0 }, watcher));
    let copy = Copy { store, shards, prefix, watch };
    let stored = copy.all()?;
    Ok((stored, copy.samples()?))
}

/// Shards on their way into a store.
struct Copy<'a> {
    store: &'a dyn DataStore,
    shards: &'a Shards,
    prefix: &'a str,
    watch: Mutex<(Progress, Watcher)>,
}

impl Copy<'_> {
    fn all(&self) -> Result<Vec<StoredShard>> {
        let count = self.shards.names()?.len();
        let next = AtomicUsize::new(0);
        let work = || -> Result<Vec<(usize, StoredShard)>> {
            let mut done = Vec::new();
            loop {
                let shard = next.fetch_add(1, Ordering::Relaxed);
                if shard >= count {
                    return Ok(done);
                }
                // After an error nobody begins another shard.
                let copied = self.one(shard).inspect_err(|_| next.store(count, Ordering::Relaxed));
                done.push((shard, copied?));
            }
        };
        let done = together(AT_ONCE.min(count), work).map_err(Error::stopped)?;
        let done = done.into_iter().collect::<Result<Vec<_>>>()?;
        let mut stored: Vec<_> = done.into_iter().flatten().collect();
        stored.sort_by_key(|(shard, _)| *shard);
        Ok(stored.into_iter().map(|(_, stored)| stored).collect())
    }

    fn one(&self, shard: usize) -> Result<StoredShard> {
        let name = self.shards.name(shard);
        let mut sink = self.store.create(self.prefix)?;
        let news = |bytes| self.tell(0, bytes).map_err(std::io::Error::other);
        let index = pass(self.shards.open(shard)?, &mut *sink, name, &news)?;
        let stored = sink.commit(shard)?;
        self.store.put_beside(&index_of(&stored.url), &index.encode())?;
        for extension in ["json", "parquet"] {
            if let Some(file) = self.shards.source().sidecar(&beside(name, extension))? {
                self.store.put_beside(&beside(&stored.url, extension), &file)?;
            }
        }
        self.tell(index.len() as u64, 0)?;
        Ok(stored)
    }

    /// How many samples have been copied.
    fn samples(&self) -> Result<u64> {
        let watch = self.watch.lock().map_err(|_| Error::Stopped)?;
        Ok(watch.0.samples)
    }

    fn tell(&self, samples: u64, bytes: u64) -> Result<()> {
        check().map_err(Error::stopped)?;
        let Ok(mut watch) = self.watch.lock() else { return Err(Error::Stopped) };
        let (so_far, watcher) = &mut *watch;
        so_far.samples += samples;
        so_far.bytes += bytes;
        let goes_on = watcher.as_mut().is_none_or(|watcher| watcher(*so_far));
        if goes_on { Ok(()) } else { Err(Error::Stopped) }
    }
}
