//! The bytes of a shard index: a header of 64, four columns, and a checksum over each part.

use super::{BLOCK, Extent, ShardIndex, ShardIndexBuilder, bad};
use crate::error::Result;

const MAGIC: &[u8; 8] = b"ATDATIDX";
const VERSION: u32 = 1;

/// Offset, length and end of the key: three numbers of 8 bytes a sample.
const ROW: u64 = 24;

/// The start of a shard index: enough to know how many samples a shard has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexHeader {
    /// The bytes of the shard that this is the index of.
    pub shard_size: u64,
    /// The number of samples.
    pub samples: u64,
    /// The bytes of all keys together.
    pub keys_len: u64,
}

impl IndexHeader {
    /// The bytes of a header.
    pub const LEN: usize = 64;

    /// Reads a header alone.
    ///
    /// # Errors
    /// [`Kind::BadShardIndex`](crate::Kind::BadShardIndex) if it is not one, is damaged, is of
    /// another version, or claims more samples than its shard has room for.
    pub fn decode(bytes: &[u8; Self::LEN]) -> Result<Self> {
        let (checked, crc) = bytes.split_at(Self::LEN - 4);
        if !bytes.starts_with(MAGIC) {
            return Err(bad("it does not start with ATDATIDX"));
        }
        check_crc("header", checked, crc)?;
        let version = u32::from_le_bytes([bytes[8], bytes[9], bytes[10], bytes[11]]);
        if version != VERSION {
            return Err(bad(format!("version {version}, this reader knows {VERSION}")));
        }
        let reserved = bytes[12..16].iter().chain(&bytes[40..60]);
        if reserved.into_iter().any(|byte| *byte != 0) {
            return Err(bad("flags that this reader does not know"));
        }
        let mut numbers = words(&bytes[16..40]);
        let mut number = || numbers.next().unwrap_or(0);
        let header = Self { shard_size: number(), samples: number(), keys_len: number() };
        header.check()?;
        Ok(header)
    }

    /// Every sample has a tar header of its own in the shard, so its size limits their number.
    fn check(&self) -> Result<()> {
        let Self { shard_size, samples, keys_len } = *self;
        if samples > shard_size / BLOCK || self.len().is_none() {
            let message =
                format!("{samples} samples, {keys_len} bytes of keys in {shard_size} bytes");
            return Err(bad(message));
        }
        Ok(())
    }

    fn len(&self) -> Option<u64> {
        let rows = self.samples.checked_mul(ROW)?;
        rows.checked_add(self.keys_len)?.checked_add(Self::LEN as u64 + 4)
    }

    /// The bytes of the whole index, this header included.
    #[must_use]
    pub fn encoded_len(&self) -> u64 {
        self.len().unwrap_or(u64::MAX)
    }

    /// The last sample's place and key, none of a shard without samples: what it takes to see whether
    /// the index is of this shard. `read` fills bytes from a place of the index, which must be as long
    /// as the header says.
    ///
    /// # Errors
    /// What `read` meets; [`Kind::BadShardIndex`](crate::Kind::BadShardIndex) for a key that cannot be
    /// there.
    pub fn last_sample(
        &self,
        mut read: impl FnMut(u64, &mut [u8]) -> Result<()>,
    ) -> Result<Option<(Extent, String)>> {
        let Some(last) = self.samples.checked_sub(1) else { return Ok(None) };
        let mut word = |column: u64, row: u64| {
            let mut bytes = [0; 8];
            let at = Self::LEN as u64 + (column * self.samples + row) * 8;
            read(at, &mut bytes).map(|()| u64::from_le_bytes(bytes))
        };
        let extent = Extent { offset: word(0, last)?, len: word(1, last)? };
        let start = last.checked_sub(1).map_or(Ok(0), |before| word(2, before))?;
        let end = word(2, last)?;
        let length = end.checked_sub(start).filter(|_| end == self.keys_len);
        let length = length.ok_or_else(|| bad("the last key is not the last of the keys"))?;
        let mut key = vec![0; length as usize];
        read(Self::LEN as u64 + self.samples * ROW + start, &mut key)?;
        let key = String::from_utf8(key).map_err(|_| bad("a key is not UTF-8"))?;
        Ok(Some((extent, key)))
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&VERSION.to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        for number in [self.shard_size, self.samples, self.keys_len] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(&[0; 20]);
        let crc = crc32fast::hash(out);
        out.extend_from_slice(&crc.to_le_bytes());
    }
}

impl ShardIndex {
    fn header(&self) -> IndexHeader {
        IndexHeader {
            shard_size: self.shard_size,
            samples: self.extents.len() as u64,
            keys_len: self.keys.len() as u64,
        }
    }

    /// The bytes of the index.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.header().encode(&mut out);
        let columns = self.extents.iter().map(|extent| extent.offset);
        let columns = columns.chain(self.extents.iter().map(|extent| extent.len));
        let columns = columns.chain(self.key_ends.iter().map(|end| *end as u64));
        out.extend(columns.flat_map(u64::to_le_bytes));
        out.extend_from_slice(self.keys.as_bytes());
        let crc = crc32fast::hash(out.get(IndexHeader::LEN..).unwrap_or_default());
        out.extend_from_slice(&crc.to_le_bytes());
        out
    }

    /// Reads a whole index.
    ///
    /// # Errors
    /// [`Kind::BadShardIndex`](crate::Kind::BadShardIndex) for anything that is not an index to the
    /// byte, or whose payloads overlap or lie outside of the shard.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let short = || bad(format!("{} bytes are too few", bytes.len()));
        let (head, rest) = bytes.split_first_chunk().ok_or_else(short)?;
        let header = IndexHeader::decode(head)?;
        if header.encoded_len() != bytes.len() as u64 {
            let (wanted, found) = (header.encoded_len(), bytes.len());
            return Err(bad(format!("{found} bytes, its header says {wanted}")));
        }
        let (body, crc) = rest.split_last_chunk::<4>().ok_or_else(short)?;
        check_crc("body", body, crc)?;
        // The length is right, so the number of samples fits.
        let column = header.samples as usize * 8;
        let (offsets, body) = body.split_at_checked(column).ok_or_else(short)?;
        let (lens, body) = body.split_at_checked(column).ok_or_else(short)?;
        let (ends, keys) = body.split_at_checked(column).ok_or_else(short)?;
        let keys = std::str::from_utf8(keys).map_err(|_| bad("a key is not UTF-8"))?;
        let mut builder = ShardIndexBuilder::default();
        for (offset, len) in words(offsets).zip(words(lens)) {
            builder.push_extent(Extent { offset, len })?;
        }
        builder.index.key_ends = key_ends(ends, keys)?;
        builder.index.keys = keys.to_owned();
        builder.finish(header.shard_size)
    }
}

/// Checks that the keys follow each other to the last byte.
fn key_ends(column: &[u8], keys: &str) -> Result<Vec<usize>> {
    let mut before = 0;
    let mut ends = Vec::with_capacity(column.len() / 8);
    for end in words(column) {
        let end = usize::try_from(end).unwrap_or(usize::MAX);
        if keys.get(before..end).is_none() {
            return Err(bad(format!("key {} ends at byte {end} of the keys", ends.len())));
        }
        ends.push(end);
        before = end;
    }
    if before == keys.len() { Ok(ends) } else { Err(bad("keys of no sample")) }
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u64> {
    bytes.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word))
}

fn check_crc(part: &str, bytes: &[u8], stored: &[u8]) -> Result<()> {
    if crc32fast::hash(bytes).to_le_bytes() == stored {
        Ok(())
    } else {
        Err(bad(format!("the checksum of its {part} is wrong")))
    }
}
