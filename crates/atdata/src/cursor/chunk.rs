//! Several raw samples at once, so that a caller who pays for each call pays less often.

use super::Cursor;
use crate::error::{Error, Result};
use atdata_format::Extent;
use std::ops::Range;

/// How many samples a chunk holds at most, and after how many bytes it is full.
const ROWS: usize = 64;
const BYTES: usize = 512 * 1024;

/// Consecutive raw samples in one buffer, used again and again.
#[derive(Debug, Default)]
pub struct Chunk {
    bytes: Vec<u8>,
    keys: String,
    rows: Vec<ChunkRow>,
    shards: Vec<String>,
    failed: Option<Error>,
}

/// Where one sample of a chunk is.
#[derive(Debug, Clone)]
struct ChunkRow {
    payload: Range<usize>,
    key: Range<usize>,
    shard: usize,
    offset: u64,
}

impl Chunk {
    /// Reads on until the chunk is full or there is nothing more, and says how many samples came.
    ///
    /// # Errors
    /// As [`Cursor::read`], but only once the samples before the error have been given.
    pub fn fill(&mut self, cursor: &mut Cursor) -> Result<usize> {
        self.bytes.clear();
        self.keys.clear();
        self.rows.clear();
        self.shards.clear();
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        while self.rows.len() < ROWS && self.bytes.len() < BYTES {
            let before = (self.bytes.len(), self.keys.len());
            match cursor.append(&mut self.bytes, &mut self.keys) {
                Ok(Some(extent)) => self.add(before, extent, cursor.shard()),
                Ok(None) => break,
                Err(error) if self.rows.is_empty() => return Err(error),
                Err(error) => {
                    self.failed = Some(error);
                    break;
                }
            }
        }
        Ok(self.rows.len())
    }

    fn add(&mut self, (payload, key): (usize, usize), extent: Extent, shard: &str) {
        if self.shards.last().is_none_or(|last| last != shard) {
            self.shards.push(shard.to_owned());
        }
        self.rows.push(ChunkRow {
            payload: payload..self.bytes.len(),
            key: key..self.keys.len(),
            shard: self.shards.len() - 1,
            offset: extent.offset,
        });
    }

    /// A sample's msgpack bytes.
    #[must_use]
    pub fn payload(&self, row: usize) -> Option<&[u8]> {
        self.rows.get(row).and_then(|row| self.bytes.get(row.payload.clone()))
    }

    /// Says of an error in a sample's payload where it is.
    #[must_use]
    pub fn place(&self, row: usize, error: atdata_format::Error) -> atdata_format::Error {
        let Some(row) = self.rows.get(row) else { return error };
        let key = self.keys.get(row.key.clone()).unwrap_or_default();
        let shard = self.shards.get(row.shard).map_or("", String::as_str);
        error.shifted(row.offset).in_key(key).in_shard(shard)
    }
}
