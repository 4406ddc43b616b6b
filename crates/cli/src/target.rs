//! What a target means: files, URLs, or a data set of the index.

use crate::args::Common;
use crate::error::Failure;
use crate::network::{self, is_published};
use crate::team::{self, LOCAL};
use atdata::atmosphere::{Atmosphere, DatasetRecord, Found};
use atdata::index::Index;
use atdata::load::{self, Split, split_of};
use atdata::provider::Entry;
use atdata::source::{DataSource, LocalSource, is_remote};
use atdata::{Shards, SourceOptions, open_source};
use std::sync::Arc;

/// Shards, and where they are from.
pub(crate) struct Target {
    pub(crate) splits: Vec<Split>,
    pub(crate) source: Arc<dyn DataSource>,
    pub(crate) dataset: Dataset,
}

/// The data set that a target is.
pub(crate) enum Dataset {
    /// Files or URLs, which no one has named.
    None,
    /// An entry of an index.
    Of(Index, Box<Entry>),
    /// A record that somebody has published.
    Published(Atmosphere, Box<Found<DatasetRecord>>),
}

impl Target {
    /// Finds out what is meant. Data sets have one split, whatever their shards are called.
    pub(crate) fn find(text: &str, common: &Common) -> Result<Self, Failure> {
        let data = |error| Failure::data(&error, text);
        if is_published(text) {
            return Self::published(text);
        }
        if text.starts_with(LOCAL) {
            let index = common.team.open()?;
            let entry = team::find(&index, text)?;
            let source = index.source(&entry, &SourceOptions::default()).map_err(data)?;
            let splits = vec![("train".to_owned(), source.shards().map_err(data)?)];
            return Ok(Self { splits, source, dataset: Dataset::Of(index, Box::new(entry)) });
        }
        if is_remote(text) {
            let source = open_source(vec![text.to_owned()], &SourceOptions::default());
            let source = source.map_err(data)?;
            let splits = by_split(source.shards().map_err(data)?);
            return Ok(Self { splits, source, dataset: Dataset::None });
        }
        let splits = load::find(text).map_err(data)?;
        let files = splits.iter().flat_map(|(_, files)| files.iter().cloned());
        let source = Arc::new(LocalSource::new(files));
        Ok(Self { splits, source, dataset: Dataset::None })
    }

    fn published(text: &str) -> Result<Self, Failure> {
        let (atmosphere, found) = network::find(text)?;
        let met = |error| network::failure(error, text);
        let source = atmosphere.source(&found, &SourceOptions::default()).map_err(met)?;
        let splits = vec![("train".to_owned(), source.shards().map_err(met)?)];
        Ok(Self { splits, source, dataset: Dataset::Published(atmosphere, Box::new(found)) })
    }

    /// The shards in the order of their splits.
    pub(crate) fn shards(&self) -> Shards {
        Shards::new(Arc::clone(&self.source))
    }
}

/// The size of a shard in bytes, nothing where it is not known.
pub(crate) fn size_of(source: &dyn DataSource, shard: &str) -> u64 {
    source.stat(shard).ok().and_then(|stat| stat.size).unwrap_or(0)
}

fn by_split(shards: Vec<String>) -> Vec<Split> {
    let mut splits: Vec<Split> = Vec::new();
    for shard in shards {
        let split = split_of(&shard);
        match splits.last_mut() {
            Some((last, shards)) if last == split => shards.push(shard),
            _ => splits.push((split.to_owned(), vec![shard])),
        }
    }
    splits
}
