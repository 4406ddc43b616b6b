//! Checks that every sample of every shard can be read, and that indexes are right.

use crate::error::Result;
use crate::shards::{INDEX_SUFFIX, Shards};
use atdata_format::tar::{RawSample, ShardReader};
use atdata_format::{Error as FormatError, Kind, Record, ShardIndex};

/// What the check of a shard found.
#[derive(Debug, Clone, Default)]
pub struct ShardCheck {
    /// The shard's name.
    pub shard: String,
    /// Samples that can be read.
    pub samples: u64,
    /// The shard's size in bytes, where it is known.
    pub bytes: u64,
    /// Whether there is an index beside the shard.
    pub has_index: bool,
    /// All that is wrong.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The stable code of its kind.
    pub kind: &'static str,
    /// What and where, in words.
    pub message: String,
}

/// Reads a whole shard. `tell` is called with the bytes passed so far.
///
/// # Errors
/// What the source meets; what is wrong with the data is in the result.
pub fn check_shard(shards: &Shards, shard: usize, mut tell: impl FnMut(u64)) -> Result<ShardCheck> {
    let name = shards.names()?.get(shard).cloned().unwrap_or_default();
    let input = shards.open(shard)?;
    let size = input.size();
    let mut check = ShardCheck { shard: name, bytes: size.unwrap_or(0), ..ShardCheck::default() };
    let mut reader = ShardReader::new(input, size);
    let mut raw = RawSample::default();
    let mut seen = Vec::new();
    loop {
        match reader.read(&mut raw).and_then(|more| if more { whole(&raw) } else { Ok(false) }) {
            Ok(true) => {
                check.samples += 1;
                seen.push((raw.key.clone(), raw.extent));
                tell(raw.extent.offset + raw.extent.len);
            }
            Ok(false) => break,
            Err(error) => {
                let ends = error.kind().ends_shard();
                check.add(&error);
                if ends {
                    break;
                }
            }
        }
    }
    if reader.missing_end() {
        check.problems.push(Problem {
            kind: "missing_end",
            message: format!(
                "the archive ends without its two blocks of zeros; was it copied whole? (shard {})",
                check.shard
            ),
        });
    }
    check_index(shards, &mut check, &seen)?;
    Ok(check)
}

/// Whether a payload is a whole map of fields, to its last byte.
fn whole(raw: &RawSample) -> atdata_format::Result<bool> {
    let read = || {
        let mut record = Record::new(&raw.payload)?;
        while let Some(name) = record.next_field()? {
            record.skip_extra(name)?;
        }
        record.finish()
    };
    let result: atdata_format::Result<()> = read();
    result
        .map(|()| true)
        .map_err(|error| error.shifted(raw.extent.offset).in_key(raw.key.as_str()))
}

impl ShardCheck {
    fn add(&mut self, error: &FormatError) {
        let place = atdata_format::Place { shard: Some(self.shard.clone()), ..error.place().clone() };
        let message = format!("{}{place}", error.message());
        self.problems.push(Problem { kind: error.kind().code(), message });
    }
}

/// Compares the index beside the shard, if there is one, with what was read.
fn check_index(
    shards: &Shards,
    check: &mut ShardCheck,
    seen: &[(String, atdata_format::Extent)],
) -> Result<()> {
    let Some(bytes) = shards.source().sidecar(&check.shard, INDEX_SUFFIX)? else { return Ok(()) };
    check.has_index = true;
    let fits = |index: &ShardIndex| {
        index.shard_size() == check.bytes
            && index.len() == seen.len()
            && seen.iter().enumerate().all(|(at, (key, extent))| {
                index.key(at) == key && index.extents().get(at) == Some(extent)
            })
    };
    let wrong = match ShardIndex::decode(&bytes) {
        Ok(index) if fits(&index) => return Ok(()),
        Ok(_) => "the index is not that of the shard; remove it to have it made again".to_owned(),
        Err(error) => error.message().to_owned(),
    };
    check.add(&FormatError::new(Kind::BadShardIndex, wrong));
    Ok(())
}
