//! Several raw samples at once, so that a caller who pays for each call pays less often.

use super::{Cursor, Walk};
use crate::error::{Error, Result};
use crate::source::{MappedShard, shown};
use atdata_format::Extent;
use atdata_format::batch::{Batch, BatchDecoder, ColumnSpec};
use atdata_waiting::is_stopped;
use std::ops::Range;
use std::sync::Arc;

/// How many samples a chunk holds at most, and after how many bytes it is full.
const ROWS: usize = 64;
const BYTES: usize = 512 * 1024;

/// From here on an array's data is worth being read straight to where it will stay.
const LARGE: u64 = 64 * 1024;

/// Consecutive raw samples in one buffer, used again and again.
#[derive(Debug)]
pub struct Chunk {
    /// How many samples the next fill takes: few at first, since perhaps no more are wanted.
    wanted: usize,
    bytes: Vec<u8>,
    keys: String,
    rows: Vec<Row>,
    shards: Vec<String>,
    failed: Option<Error>,
    columns: Option<BatchDecoder>,
    /// Whether samples are left where they lie, if they can be.
    maps: bool,
}

/// A sample of a chunk.
#[derive(Debug)]
pub enum ChunkSample<'a> {
    /// Its msgpack bytes.
    Payload(&'a [u8]),
    /// A large one, decoded: a batch of one row.
    Decoded(&'a mut Batch),
    /// Where its msgpack bytes lie in memory.
    Mapped(&'a Arc<MappedShard>, Extent),
}

/// Where one sample of a chunk is.
#[derive(Debug)]
struct Row {
    payload: Range<usize>,
    decoded: Option<Batch>,
    mapped: Option<Arc<MappedShard>>,
    key: Range<usize>,
    shard: usize,
    extent: Extent,
}

impl Chunk {
    /// A chunk that decodes large samples with these columns as it reads them, so that their
    /// arrays are not copied; without any it gives bytes only.
    #[must_use]
    pub fn new(columns: Option<Arc<[ColumnSpec]>>) -> Self {
        let columns = columns.map(|columns| BatchDecoder::new(columns, 1));
        Self {
            wanted: 1,
            bytes: Vec::new(),
            keys: String::new(),
            rows: Vec::new(),
            shards: Vec::new(),
            failed: None,
            columns,
            maps: false,
        }
    }

    /// Leaves samples where they lie, in shards that can be mapped into memory.
    #[must_use]
    pub const fn mapping(mut self, maps: bool) -> Self {
        self.maps = maps;
        self
    }

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
        let wanted = self.wanted;
        self.wanted = (wanted * 8).min(ROWS);
        while self.rows.len() < wanted && self.bytes.len() < BYTES {
            match cursor.next_with(|walk| self.add(walk)) {
                // A decoded sample is large: the caller takes it before the next is read.
                Ok(Some(decoded)) if decoded => break,
                Ok(Some(_)) => {}
                Ok(None) => break,
                // Who wants to stop does not want what was read before.
                Err(error) if self.rows.is_empty() || is_stopped(&error) => return Err(error),
                Err(error) => {
                    self.failed = Some(error);
                    break;
                }
            }
        }
        Ok(self.rows.len())
    }

    /// Takes a sample; true when it was decoded.
    fn add(&mut self, walk: &mut dyn Walk) -> Result<bool> {
        let (start, extent) = (self.bytes.len(), walk.extent());
        let mapped = if self.maps { walk.map()? } else { None };
        let decoded = match &mut self.columns {
            _ if mapped.is_some() => None,
            Some(columns) if extent.len > LARGE => {
                walk.decode_into(columns)?;
                Some(columns.finish())
            }
            _ => {
                walk.append_payload(&mut self.bytes).inspect_err(|_| self.bytes.truncate(start))?;
                None
            }
        };
        if self.shards.last().is_none_or(|last| last != walk.shard()) {
            self.shards.push(walk.shard().to_owned());
        }
        let key = self.keys.len();
        self.keys.push_str(walk.key());
        let large = decoded.is_some();
        self.rows.push(Row {
            payload: start..self.bytes.len(),
            decoded,
            mapped,
            key: key..self.keys.len(),
            shard: self.shards.len() - 1,
            extent,
        });
        Ok(large)
    }

    /// A sample by its number in the chunk.
    #[must_use]
    pub fn sample(&mut self, row: usize) -> Option<ChunkSample<'_>> {
        let row = self.rows.get_mut(row)?;
        match (&mut row.decoded, &row.mapped) {
            (Some(batch), _) => Some(ChunkSample::Decoded(batch)),
            (_, Some(map)) => Some(ChunkSample::Mapped(map, row.extent)),
            _ => self.bytes.get(row.payload.clone()).map(ChunkSample::Payload),
        }
    }

    /// Says of an error in a sample's payload where it is.
    #[must_use]
    pub fn place(&self, row: usize, error: atdata_format::Error) -> atdata_format::Error {
        let Some(row) = self.rows.get(row) else { return error };
        let key = self.keys.get(row.key.clone()).unwrap_or_default();
        let shard = self.shards.get(row.shard).map_or("", String::as_str);
        error.shifted(row.extent.offset).in_key(key).in_shard(shown(shard))
    }
}
