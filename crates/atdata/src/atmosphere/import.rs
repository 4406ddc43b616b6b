//! Data sets of the network, put into an index.

use super::{Atmosphere, DatasetRecord, Found};
use crate::error::Result;
use crate::index::{Index, IndexWrite, SchemaOf, Watcher};
use crate::open::SourceOptions;
use crate::provider::Entry;
use crate::shards::Shards;
use atdata_format::Value as Packed;

/// Where an imported entry came from, under this key of its metadata.
const ORIGIN: &str = "imported_from";

impl Atmosphere {
    /// Puts a data set of the network into an index, under its name or another one: its schema, what
    /// is said of it, and its shards, which stay where they are or, where `copy` says so, are copied
    /// into the index's store.
    ///
    /// # Errors
    /// As [`Atmosphere::dataset`]; what the index and its store meet.
    pub fn import(
        &self,
        index: &Index,
        text: &str,
        name: Option<&str>,
        copy: bool,
    ) -> Result<Entry> {
        self.import_found(index, &self.dataset(text)?, name, copy.then_some(None))
    }

    /// The same for a data set that was found. `copy` is what watches the copying; without it the
    /// shards stay where they are.
    ///
    /// # Errors
    /// As [`Atmosphere::import`].
    pub fn import_found(
        &self,
        index: &Index,
        found: &Found<DatasetRecord>,
        name: Option<&str>,
        copy: Option<Watcher>,
    ) -> Result<Entry> {
        let schema = self.follow::<super::SchemaRecord>(&found.record.schema)?.record.schema;
        let mut entry = found.entry()?;
        let name = name.unwrap_or(&entry.name).to_owned();
        let mut options = IndexWrite::new();
        options.metadata = Some(with_origin(entry.metadata.take(), &found.uri.to_string()));
        // A stranger's record is not to have files or commands of this machine read, now or later.
        let source = self.source(found, &SourceOptions::default())?;
        if let Some(watcher) = copy {
            options.progress = watcher;
            let shards = Shards::new(source);
            return Ok(index.insert(&shards, &name, SchemaOf::Type(&schema), options)?.0);
        }
        let (urls, schema) = (entry.data_urls, SchemaOf::Type(&schema));
        Ok(index.add_known(&name, urls, schema, &options, entry.facts)?.0)
    }
}

fn with_origin(metadata: Option<Packed>, uri: &str) -> Packed {
    let mut pairs = match metadata {
        Some(Packed::Map(pairs)) => pairs,
        _ => Vec::new(),
    };
    let key = Packed::Str(ORIGIN.to_owned());
    pairs.retain(|(name, _)| *name != key);
    pairs.push((key, Packed::Str(uri.to_owned())));
    Packed::Map(pairs)
}
