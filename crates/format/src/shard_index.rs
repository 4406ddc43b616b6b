//! The index of a shard (`{shard}.idx`): where every sample's payload is, so that any sample can be
//! read without walking the shard.
//!
//! The layout is a promise, specified in `docs/format.md`. An index is a hint about another file: a
//! reader compares [`ShardIndex::shard_size`] with the shard and checks the tar header before each
//! payload that it reads.

use crate::error::{Error, Kind, Result};

mod layout;
pub use layout::IndexHeader;

/// The block size of tar: payloads start at multiples of it, after a header of one block.
const BLOCK: u64 = 512;

/// Where a payload lies in its shard, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extent {
    /// The offset of the first byte, a multiple of 512.
    pub offset: u64,
    /// The number of bytes, without tar's padding.
    pub len: u64,
}

impl Extent {
    /// The offset after the last byte; `None` over 64 bits.
    #[must_use]
    pub fn end(self) -> Option<u64> {
        self.offset.checked_add(self.len)
    }
}

/// The payloads of a shard, in the order of the shard.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShardIndex {
    shard_size: u64,
    extents: Vec<Extent>,
    /// Where each key ends in `keys`.
    key_ends: Vec<usize>,
    keys: String,
}

/// Gathers the samples of a shard for its index.
///
/// ```
/// use atdata_format::shard_index::{Extent, ShardIndex, ShardIndexBuilder};
/// let mut builder = ShardIndexBuilder::default();
/// builder.push("cat", Extent { offset: 512, len: 600 })?;
/// builder.push("dog", Extent { offset: 2048, len: 10 })?;
/// let index = builder.finish(3584)?;
/// assert_eq!(ShardIndex::decode(&index.encode())?, index);
/// assert_eq!((index.len(), index.key(1), index.find("dog")), (2, "dog", Some(1)));
/// # Ok::<(), atdata_format::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct ShardIndexBuilder {
    index: ShardIndex,
}

impl ShardIndexBuilder {
    /// Adds the next sample of the shard.
    ///
    /// # Errors
    /// [`Kind::BadShardIndex`] unless the payload starts at a multiple of 512, after the end of the
    /// one before and a tar header.
    pub fn push(&mut self, key: &str, extent: Extent) -> Result<()> {
        self.push_extent(extent)?;
        self.index.keys.push_str(key);
        self.index.key_ends.push(self.index.keys.len());
        Ok(())
    }

    fn push_extent(&mut self, extent: Extent) -> Result<()> {
        let before = self.index.extents.last().map_or(Some(0), |last| last.end());
        let first = before.and_then(|end| end.checked_next_multiple_of(BLOCK)?.checked_add(BLOCK));
        let fits = extent.offset.is_multiple_of(BLOCK)
            && first.is_some_and(|first| extent.offset >= first)
            && extent.end().is_some();
        if !fits {
            let (i, Extent { offset, len }) = (self.index.len(), extent);
            return Err(bad(format!("payload {i} at {offset} with {len} bytes cannot be there")));
        }
        self.index.extents.push(extent);
        Ok(())
    }

    /// The index, for a shard of this many bytes.
    ///
    /// # Errors
    /// [`Kind::BadShardIndex`] if the last payload ends after the shard.
    pub fn finish(self, shard_size: u64) -> Result<ShardIndex> {
        let end = self.index.extents.last().and_then(|last| last.end()).unwrap_or(0);
        if end > shard_size {
            return Err(bad(format!("a payload ends at {end}, the shard at {shard_size}")));
        }
        Ok(ShardIndex { shard_size, ..self.index })
    }
}

impl ShardIndex {
    /// The bytes of the shard that this is the index of.
    #[must_use]
    pub fn shard_size(&self) -> u64 {
        self.shard_size
    }

    /// The number of samples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.extents.len()
    }

    /// Whether the shard has no samples.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.extents.is_empty()
    }

    /// Where the payloads lie, one for each sample, in rising order.
    #[must_use]
    pub fn extents(&self) -> &[Extent] {
        &self.extents
    }

    /// The key of a sample; empty if there are not so many.
    #[must_use]
    pub fn key(&self, sample: usize) -> &str {
        let start = sample.checked_sub(1).and_then(|before| self.key_ends.get(before));
        let start = start.copied().unwrap_or(0);
        self.key_ends.get(sample).and_then(|end| self.keys.get(start..*end)).unwrap_or("")
    }

    /// The first sample with this key. Looks at every key in turn.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<usize> {
        (0..self.len()).find(|sample| self.key(*sample) == key)
    }
}

fn bad(message: impl AsRef<str>) -> Error {
    Error::new(Kind::BadShardIndex, format!("shard index: {}", message.as_ref()))
}

#[cfg(test)]
mod tests;
