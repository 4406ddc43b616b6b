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
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample(samples: &[(&str, u64)]) -> ShardIndex {
        let mut builder = ShardIndexBuilder::default();
        let mut offset = 512;
        for (key, len) in samples {
            builder.push(key, Extent { offset, len: *len }).unwrap();
            offset = (offset + len).next_multiple_of(512) + 512;
        }
        builder.finish(offset + 512).unwrap()
    }

    /// Puts a number at an offset, and the checksums right again.
    fn forged(bytes: &[u8], at: usize, value: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        bytes[at..at + value.len()].copy_from_slice(value);
        let crc = crc32fast::hash(&bytes[..60]).to_le_bytes();
        bytes[60..64].copy_from_slice(&crc);
        let end = bytes.len() - 4;
        let crc = crc32fast::hash(&bytes[64..end]).to_le_bytes();
        bytes[end..].copy_from_slice(&crc);
        bytes
    }

    fn refused(bytes: &[u8]) -> bool {
        matches!(ShardIndex::decode(bytes), Err(error) if error.kind() == Kind::BadShardIndex)
    }

    #[test]
    fn the_layout_to_the_byte() {
        let index = sample(&[("cat", 600), ("é", 10)]);
        let bytes = index.encode();
        assert_eq!(bytes.len(), 64 + 2 * 24 + 5 + 4);
        assert_eq!(&bytes[..16], b"ATDATIDX\x01\0\0\0\0\0\0\0");
        let word = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
        let words: Vec<u64> = (16..48).step_by(8).map(word).collect();
        assert_eq!(words, [3584, 2, 5, 0]);
        let words: Vec<u64> = (64..112).step_by(8).map(word).collect();
        assert_eq!(words, [512, 2048, 600, 10, 3, 5]);
        assert_eq!(&bytes[112..117], "caté".as_bytes());
        let header = IndexHeader::decode(bytes[..64].try_into().unwrap()).unwrap();
        assert_eq!(header, IndexHeader { shard_size: 3584, samples: 2, keys_len: 5 });
        assert_eq!(header.encoded_len(), bytes.len() as u64);
    }

    #[test]
    fn every_changed_or_missing_byte_is_noticed() {
        let bytes = sample(&[("a", 1), ("", 0), ("b/c", 5000)]).encode();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x10;
            assert!(refused(&changed), "{at}");
            assert!(refused(&bytes[..at]), "{at}");
        }
        assert!(refused(&[bytes, vec![0]].concat()));
        assert!(!refused(&sample(&[]).encode()));
    }

    #[test]
    fn lies_with_right_checksums_are_refused() {
        let bytes = sample(&[("é", 600), ("b", 10)]).encode();
        let max = u64::MAX.to_le_bytes();
        let word = |value: u64| value.to_le_bytes();
        assert_eq!(forged(&bytes, 24, &word(2)), bytes);
        let lies = [
            (8, &[2][..]),
            (12, &[1]),
            (40, &[1]),
            (59, &[1]),
            (24, &max),
            (32, &max),
            (24, &word(1 << 58)),
            (24, &word(1)),
            (32, &word(4)),
            (16, &word(2050)),
            (16, &word(0)),
            (64, &word(0)),
            (64, &word(513)),
            (64, &max),
            (72, &word(1536)),
            (72, &word(512)),
            (80, &max),
            (88, &word(5000)),
            (96, &word(1)),
            (96, &word(4)),
            (104, &word(2)),
            (104, &max),
            (112, b"\xff"),
        ];
        for (at, value) in lies {
            assert!(refused(&forged(&bytes, at, value)), "{at} {value:?}");
        }
    }

    proptest! {
        #[test]
        fn an_index_comes_back(samples in prop::collection::vec(("[a-zé/]{0,6}", 0..3000_u64), 0..20)) {
            let samples: Vec<_> = samples.iter().map(|(key, len)| (key.as_str(), *len)).collect();
            let index = sample(&samples);
            let bytes = index.encode();
            let decoded = ShardIndex::decode(&bytes).unwrap();
            prop_assert_eq!(decoded.encode(), bytes);
            for (i, (key, len)) in samples.iter().enumerate() {
                prop_assert_eq!((decoded.key(i), decoded.extents()[i].len), (*key, *len));
                prop_assert!(decoded.find(key).is_some_and(|found| found <= i));
            }
            prop_assert_eq!(decoded.key(samples.len()), "");
        }

        #[test]
        fn any_bytes_are_an_index_or_an_error(
            head in prop::sample::select(vec![&b""[..], b"ATDATIDX\x01\0\0\0\0\0\0\0"]),
            tail in prop::collection::vec(any::<u8>(), 0..150),
        ) {
            prop_assert!(refused(&[head, &tail].concat()));
        }
    }
}
