//! Writes samples into the store and the index: shards first, then schema, entry, label.

use super::content::{content_cid, hex};
use super::{Index, Published, metadata};
use crate::error::{Error, Result};
use crate::provider::{Entry, Facts, Label};
use crate::store::{StoredShard, check_name, prefix_of};
use crate::write::{InStore, Progress, ShardSet, numbered};
use atdata_format::cid::entry_cid;
use atdata_format::schema::Schema;
use atdata_format::{RecordWriter, Sample, Value};
use std::fmt;

/// How a data set is written, and what is said of it.
#[derive(Default)]
pub struct IndexWrite {
    /// The most samples of a shard.
    pub max_count: Option<u64>,
    /// The most bytes of a shard.
    pub max_size: Option<u64>,
    /// Whether a manifest goes beside every shard.
    pub manifest: bool,
    /// What it is, in words.
    pub description: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// The licence, best as an SPDX identifier.
    pub license: Option<String>,
    /// What else is known: a map from text to any value.
    pub metadata: Option<Value>,
    /// The folder in the store; without one, made of the name.
    pub prefix: Option<String>,
    /// Told how far it is; false stops.
    pub progress: Option<Box<dyn FnMut(Progress) -> bool + Send>>,
}

impl fmt::Debug for IndexWrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IndexWrite").field("tags", &self.tags).finish_non_exhaustive()
    }
}

impl IndexWrite {
    /// One shard, nothing said of it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A new shard after so many samples.
    #[must_use]
    pub const fn max_count(mut self, samples: u64) -> Self {
        self.max_count = Some(samples);
        self
    }

    /// A new shard before one would have more than so many bytes.
    #[must_use]
    pub const fn max_size(mut self, bytes: u64) -> Self {
        self.max_size = Some(bytes);
        self
    }

    /// What it is, in words.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Words to find it by.
    #[must_use]
    pub fn tags<T: Into<String>>(mut self, tags: impl IntoIterator<Item = T>) -> Self {
        self.tags = tags.into_iter().map(Into::into).collect();
        self
    }

    /// All that is said of the data set, as its entry keeps it.
    pub(super) fn about(&self) -> Result<Option<Value>> {
        let mut pairs = match &self.metadata {
            None | Some(Value::Nil) => Vec::new(),
            Some(Value::Map(pairs)) => pairs.clone(),
            Some(_) => return Err(Error::Invalid("metadata must be a map".to_owned())),
        };
        let text = |text: &String| Value::Str(text.clone());
        for (key, said) in [("description", &self.description), ("license", &self.license)] {
            if let Some(said) = said {
                metadata::set(&mut pairs, key, text(said));
            }
        }
        if !self.tags.is_empty() {
            let tags = self.tags.iter().map(text).collect();
            metadata::set(&mut pairs, "tags", Value::List(tags));
        }
        Ok(if pairs.is_empty() && self.metadata.is_none() { None } else { Some(Value::Map(pairs)) })
    }
}

/// A data set on its way into an index: payloads are appended, and nothing names them before
/// [`Writing::commit`].
#[derive(Debug)]
pub struct Writing {
    index: Index,
    name: String,
    about: Option<Value>,
    set: ShardSet<InStore>,
}

impl Writing {
    /// The shards that are being written.
    pub const fn set(&mut self) -> &mut ShardSet<InStore> {
        &mut self.set
    }

    /// The same, with a manifest beside every shard.
    #[cfg(feature = "parquet")]
    #[must_use]
    pub fn with_manifest(mut self, spec: crate::manifest::ManifestSpec) -> Self {
        self.set = self.set.with_manifest(spec);
        self
    }

    /// Puts what was written into the index, as samples of this schema.
    ///
    /// # Errors
    /// What the store and the provider meet.
    pub fn commit(self, schema: &Schema) -> Result<(Entry, Published)> {
        let (shards, progress) = self.set.commit()?;
        let published = self.index.ensure_schema(schema)?;
        let reference = published.reference.to_string();
        let facts = Facts { samples: Some(progress.samples), ..Facts::default() };
        let stored = Stored { reference, schema, shards, facts };
        Ok((self.index.record(&self.name, stored, self.about)?, published))
    }
}

/// Shards in the store, and what they hold.
pub(super) struct Stored<'a> {
    pub(super) reference: String,
    pub(super) schema: &'a Schema,
    pub(super) shards: Vec<StoredShard>,
    pub(super) facts: Facts,
}

impl Index {
    /// Begins a data set of this name in the index's store.
    ///
    /// # Errors
    /// An index without a store, a name that cannot be one, a limit of nothing.
    pub fn begin(&self, name: &str, options: &IndexWrite) -> Result<Writing> {
        check_name(name)?;
        let prefix = prefix_of(options.prefix.as_deref().unwrap_or(name).trim_end_matches('/'))?;
        let store = std::sync::Arc::clone(self.needs_store()?);
        let set = ShardSet::in_store(store, &prefix, options.max_count, options.max_size)?;
        Ok(Writing { index: self.clone(), name: name.to_owned(), about: options.about()?, set })
    }

    /// Writes samples into the store as shards, and puts them under a name. Writing the same
    /// samples again stores nothing new and gives the same entry.
    ///
    /// # Errors
    /// As [`Index::begin`]; a sample that the format cannot hold, a full disk, [`Error::Stopped`].
    pub fn write<T: Sample>(
        &self,
        samples: impl IntoIterator<Item = T>,
        name: &str,
        mut options: IndexWrite,
    ) -> Result<Entry> {
        let mut writing = self.begin(name, &options)?;
        #[cfg(feature = "parquet")]
        if options.manifest {
            writing = writing.with_manifest(crate::manifest::ManifestSpec::of::<T>());
        }
        let mut payload = Vec::new();
        for (number, sample) in (0..).zip(samples) {
            payload.clear();
            let encoded = sample.to_record(&mut RecordWriter::new(&mut payload));
            encoded.map_err(|error| error.in_key(numbered(number)))?;
            writing.set.append(None, &payload)?;
            if writing.set.is_time_to_tell() {
                tell(&mut options, writing.set.progress())?;
            }
        }
        // After this nobody can stop it: once there is an entry, it stays.
        tell(&mut options, writing.set.progress())?;
        let schema = T::schema();
        let (entry, published) = writing.commit(&schema)?;
        if let Some(warning) = published.warning() {
            tracing::warn!("{warning}");
        }
        Ok(entry)
    }

    /// Puts stored shards under a name: the entry, and the label that makes it current.
    pub(super) fn record(
        &self,
        name: &str,
        stored: Stored<'_>,
        about: Option<Value>,
    ) -> Result<Entry> {
        let Stored { reference, schema, shards, mut facts } = stored;
        let data_urls: Vec<String> = shards.iter().map(|shard| shard.url.clone()).collect();
        let checksums: Vec<String> = shards.iter().map(|shard| hex(&shard.sha256)).collect();
        facts.bytes = Some(shards.iter().map(|shard| shard.bytes).sum());
        facts.content_cid = Some(content_cid(schema, checksums.iter().map(String::as_str))?);
        let cid = entry_cid(&reference, &data_urls)?.to_string();
        let mut entry = Entry {
            cid,
            name: name.to_owned(),
            schema_ref: reference,
            data_urls,
            metadata: about,
            facts,
        };
        entry.set_checksums(entry.data_urls.clone().into_iter().zip(checksums));
        self.put(&entry)?;
        self.still_there(&entry)?;
        Ok(entry)
    }

    /// Puts an entry into the index and its name onto it.
    pub(super) fn put(&self, entry: &Entry) -> Result<()> {
        let label = Label {
            name: entry.name.clone(),
            version: String::new(),
            cid: entry.cid.clone(),
            description: None,
        };
        self.provider.put(std::slice::from_ref(entry), &[label])
    }

    /// A shard that was in the store already may have been collected as garbage between then and
    /// the moment its entry was there. An entry is taken back only for a shard that is known to be
    /// gone: what cannot be asked just now was stored a moment ago.
    fn still_there(&self, entry: &Entry) -> Result<()> {
        let source = self.needs_store()?.source(entry.data_urls.clone());
        for url in &entry.data_urls {
            if let Err(error @ Error::NotFound(_)) = source.stat(url) {
                self.provider.remove_entry(&entry.cid)?;
                return Err(error);
            }
        }
        Ok(())
    }
}

fn tell(options: &mut IndexWrite, so_far: Progress) -> Result<()> {
    let goes_on = options.progress.as_mut().is_none_or(|watch| watch(so_far));
    if goes_on { Ok(()) } else { Err(Error::Stopped) }
}
