//! Manifests: written beside shards, and read from there.

use crate::error::Result;
use crate::shards::Shards;
use atdata_format::manifest::{Aggregate, Manifest, beside};
use std::collections::BTreeMap;

#[cfg(feature = "parquet")]
mod build;
mod fresh;
#[cfg(not(feature = "parquet"))]
mod never;

#[cfg(feature = "parquet")]
pub(crate) use build::ManifestBuilder;
#[cfg(feature = "parquet")]
pub use build::{ManifestField, ManifestSpec};
#[cfg(not(feature = "parquet"))]
pub(crate) use never::ManifestBuilder;

/// The files beside a shard.
pub(crate) struct ManifestFiles {
    /// What the shard holds as a whole.
    pub(crate) json: Vec<u8>,
    /// A row a sample.
    pub(crate) parquet: Vec<u8>,
}

/// What the fields of several shards hold, as far as manifests say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Statistics {
    /// How many shards there are.
    pub shards: usize,
    /// How many of them have a manifest with samples in it.
    pub described: usize,
    /// What the fields of those hold, by name.
    pub fields: BTreeMap<String, Aggregate>,
}

impl Shards {
    /// The manifest beside a shard, if there is one that can be read. A broken one is as good as
    /// none: everything in it can be had from the shard.
    ///
    /// # Errors
    /// What the source meets.
    pub fn manifest(&self, shard: usize) -> Result<Option<Manifest>> {
        let Some(name) = self.names()?.get(shard) else { return Ok(None) };
        let bytes = self.source().sidecar(&beside(name, "json"))?;
        Ok(bytes.and_then(|bytes| Manifest::from_json(&bytes).ok()))
    }

    /// What the fields hold, by the manifests of all shards.
    ///
    /// # Errors
    /// What the source meets.
    pub fn statistics(&self) -> Result<Statistics> {
        let shards = self.names()?.len();
        let mut found = Statistics { shards, ..Statistics::default() };
        for shard in 0..shards {
            // The original leaves the last shard's manifest empty.
            let Some(manifest) = self.manifest(shard)?.filter(|m| m.num_samples > 0) else {
                continue;
            };
            found.described += 1;
            for (name, aggregate) in manifest.aggregates {
                let merged = match found.fields.get(&name) {
                    Some(known) => known.merged(&aggregate),
                    None => Some(aggregate),
                };
                found.fields.extend(merged.map(|merged| (name, merged)));
            }
        }
        Ok(found)
    }
}
