//! Checks that every sample of every shard can be read, and that indexes are right.

use crate::error::Result;
use crate::shards::{Shards, index_of};
use atdata_format::tar::{RawSample, ShardReader};
use atdata_format::{Error as FormatError, Kind, Place, Record, ShardIndex};
use std::fmt;

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
    /// What is suspicious, although every sample can be read.
    pub warnings: Vec<Problem>,
}

/// One thing that is wrong; as text, what and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The stable code of its kind.
    pub kind: &'static str,
    /// What, in words.
    pub message: String,
    /// Where.
    pub place: Place,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.message, self.place)
    }
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
        let checked = reader.read(&mut raw).and_then(|more| {
            if more {
                // Whatever its payload holds, the sample is where an index would say it is.
                seen.push((raw.key.clone(), raw.extent));
                tell(raw.extent.offset + raw.extent.len);
                whole(&raw)?;
            }
            Ok(more)
        });
        match checked {
            Ok(true) => check.samples += 1,
            Ok(false) => break,
            Err(error) => {
                check.add(&error);
                if error.kind().ends_shard() {
                    break;
                }
            }
        }
    }
    if reader.missing_end() {
        check.warn_of_missing_end();
    }
    check_index(shards, &mut check, &seen)?;
    Ok(check)
}

/// Whether a payload is a whole map of fields, to its last byte.
fn whole(raw: &RawSample) -> atdata_format::Result<()> {
    let read = || {
        let mut record = Record::new(&raw.payload)?;
        while let Some(name) = record.next_field()? {
            record.skip_extra(name)?;
        }
        record.finish()
    };
    read().map_err(|error: FormatError| error.shifted(raw.extent.offset).in_key(raw.key.as_str()))
}

impl ShardCheck {
    fn add(&mut self, error: &FormatError) {
        let place = Place { shard: Some(self.shard.clone()), ..error.place().clone() };
        let (kind, message) = (error.kind().code(), error.message().to_owned());
        self.problems.push(Problem { kind, message, place });
    }

    fn warn_of_missing_end(&mut self) {
        self.warnings.push(Problem {
            kind: "missing_end",
            message: "the archive ends without its two blocks of zeros; was it copied whole?"
                .to_owned(),
            place: Place { shard: Some(self.shard.clone()), ..Place::default() },
        });
    }
}

/// Compares the index beside the shard, if there is one, with what was read.
fn check_index(
    shards: &Shards,
    check: &mut ShardCheck,
    seen: &[(String, atdata_format::Extent)],
) -> Result<()> {
    let Some(bytes) = shards.source().sidecar(&index_of(&check.shard))? else { return Ok(()) };
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
