//! How many samples there are, by as little as tells it.

use super::{Shards, header_fits, index_of};
use crate::error::Result;
use crate::source::ShardInput;
use atdata_format::shard_index::IndexHeader;
use atdata_format::{Error as FormatError, Kind};
use std::sync::OnceLock;

impl Shards {
    /// The number of samples in all shards; of those without an index, as their manifests say.
    ///
    /// # Errors
    /// As [`Shards::index`].
    pub fn sample_count(&self) -> Result<u64> {
        (0..self.names()?.len()).map(|shard| self.count(shard)).sum()
    }

    /// The samples of a shard. A manifest is asked only where it saves a walk over the headers, and
    /// believed only if it is of a shard of this size.
    fn count(&self, shard: usize) -> Result<u64> {
        if let Some(index) = self.known()?.indexes.get(shard).and_then(OnceLock::get) {
            return Ok(index.len() as u64);
        }
        if let Some(samples) = self.count_by_header(shard)? {
            return Ok(samples);
        }
        let beside = self.beside(shard)?;
        if beside.is_none()
            && let Some(manifest) = self.manifest(shard)?
            && Some(manifest.size_bytes) == self.source.stat(self.name(shard))?.size
        {
            return Ok(manifest.num_samples);
        }
        Ok(self.survey_with(shard, beside)?.0.len() as u64)
    }

    /// What the header of the index beside a shard says, where that can be read alone and the index
    /// is of this shard.
    fn count_by_header(&self, shard: usize) -> Result<Option<u64>> {
        let name = self.name(shard);
        let Some(mut index) = self.source.open_sidecar(&index_of(name))? else { return Ok(None) };
        Ok(told_by(&mut *index, &mut *self.source.open(name)?))
    }
}

/// The samples that an index tells of, if it belongs to the shard.
fn told_by(index: &mut dyn ShardInput, shard: &mut dyn ShardInput) -> Option<u64> {
    let mut head = [0; IndexHeader::LEN];
    read_all(index, 0, &mut head).ok()?;
    let header = IndexHeader::decode(&head).ok()?;
    let sizes = (index.size()?, shard.size()?);
    if sizes != (header.encoded_len(), header.shard_size) {
        return None;
    }
    let last = header.last_sample(|at, out| read_all(index, at, out)).ok()?;
    let fits = last.is_none_or(|(extent, key)| header_fits(shard, extent, &key));
    fits.then_some(header.samples)
}

fn read_all(input: &mut dyn ShardInput, at: u64, out: &mut [u8]) -> atdata_format::Result<()> {
    if input.read_at(at, out)? == out.len() {
        return Ok(());
    }
    Err(FormatError::new(Kind::BadShardIndex, "shard index: it is cut short"))
}
