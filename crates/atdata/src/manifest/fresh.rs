//! Whether a manifest is known to be that of its shard as it is now.
//!
//! A manifest that is not must never hide samples, so a shard is passed over only where nothing
//! can have come in between: its name is the hash of its content, or it is a file of the size that
//! the manifest says, not written since the manifest was made, and not put in its place since the
//! manifest was put beside it. A copy that keeps no times, or puts the manifest down first, is read.

use crate::error::Result;
use crate::shards::Shards;
use crate::source::{DataSource, LocalSource, is_remote};
use crate::store::shard_stem;
use atdata_format::expression::Filter;
use atdata_format::manifest::{Manifest, beside};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::SystemTime;

impl Shards {
    /// The number of a shard's samples, if it is certain that a filter keeps none of them.
    pub(crate) fn without(&self, shard: usize, filter: &Filter) -> Result<Option<u64>> {
        let name = self.name(shard);
        if is_remote(name) && !is_content_named(name) {
            return Ok(None);
        }
        let Some(manifest) = self.manifest(shard)? else { return Ok(None) };
        let out = !filter.may_keep(manifest.num_samples, &manifest.aggregates);
        Ok((out && self.is_of(&manifest, name)?).then_some(manifest.num_samples))
    }

    fn is_of(&self, manifest: &Manifest, name: &str) -> Result<bool> {
        let stat = self.source().stat(name)?;
        if stat.size != Some(manifest.size_bytes) {
            return Ok(false);
        }
        if is_content_named(name) {
            return Ok(true);
        }
        // The file of that name is what the source reads, as far as can be seen.
        let same = LocalSource::new([name]).stat(name).is_ok_and(|local| local == stat);
        Ok(same && placed_after(manifest, name))
    }
}

/// Whether a store of ours named the shard by the hash of what is in it.
fn is_content_named(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    file.strip_suffix(".tar").is_some_and(|stem| shard_stem(file) == Some(stem))
}

/// Whether a manifest was made after its shard was written, and put beside it after that was put
/// there.
fn placed_after(manifest: &Manifest, name: &str) -> bool {
    let path = |name: &str| name.strip_prefix("file://").unwrap_or(name).to_owned();
    let shard = fs::metadata(path(name));
    let own = fs::metadata(path(&beside(name, "json")));
    let (Ok(shard), Ok(own)) = (shard, own) else { return false };
    let made = humantime::parse_rfc3339(&manifest.created_at).ok();
    let written = shard.modified().unwrap_or_else(|_| SystemTime::now());
    let changed = |meta: &fs::Metadata| (meta.ctime(), meta.ctime_nsec());
    made.is_some_and(|made| written <= made) && changed(&shard) < changed(&own)
}
