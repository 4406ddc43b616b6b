//! Hashes the shards of a data set again.

use super::Index;
use super::content::hex;
use crate::error::{Error, Result};
use crate::open::SourceOptions;
use crate::provider::Entry;
use crate::source::{DataSource, shown};
use atdata_waiting::is_stopped;
use sha2::{Digest, Sha256};
use std::io::{self, Read};

/// How much is read at once.
const PIECE: usize = 1 << 20;

/// What hashing a shard has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShardState {
    /// It has the bytes that were written.
    Right,
    /// It can be read, and nobody has said what it should be.
    Unknown,
    /// It has other bytes, is missing, or cannot be read.
    Wrong(String),
}

/// A shard, and what hashing it has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShardVerdict {
    /// The shard's URL.
    pub url: String,
    /// Its SHA-256 in hex, where it could be read.
    pub sha256: Option<String>,
    /// Its size in bytes, as far as it could be read.
    pub bytes: u64,
    /// Whether that is right.
    pub state: ShardState,
}

impl Index {
    /// Reads every byte of an entry's shards and compares their hashes with those that were kept
    /// when they were written. `tell` hears of every piece: the shard's number and its bytes so
    /// far; false stops.
    ///
    /// # Errors
    /// Shards of which not even a name can be had; [`Error::Stopped`]. What is wrong with a shard
    /// is in its verdict.
    pub fn verify(
        &self,
        entry: &Entry,
        mut tell: impl FnMut(usize, u64) -> bool,
    ) -> Result<Vec<ShardVerdict>> {
        let source = self.source(entry, &SourceOptions::default())?;
        let shards = source.shards()?;
        let mut verdicts = Vec::with_capacity(shards.len());
        for (number, url) in shards.into_iter().enumerate() {
            let mut bytes = 0;
            let hashed = hash(&*source, &url, |so_far| {
                bytes = so_far;
                tell(number, so_far)
            });
            let (sha256, state) = match hashed {
                Ok(found) => (Some(found.clone()), judge(entry, &url, &found)),
                Err(Error::Stopped) => return Err(Error::Stopped),
                Err(error) if is_stopped(&error) => return Err(error),
                Err(error) => (None, ShardState::Wrong(error.to_string())),
            };
            verdicts.push(ShardVerdict { url, sha256, bytes, state });
        }
        Ok(verdicts)
    }
}

fn judge(entry: &Entry, url: &str, found: &str) -> ShardState {
    match entry.checksum(url) {
        None => ShardState::Unknown,
        Some(expected) if expected == found => ShardState::Right,
        Some(expected) => {
            let (shard, expected, found) = (shown(url), expected.to_owned(), found.to_owned());
            ShardState::Wrong(Error::Checksum { shard, expected, found }.to_string())
        }
    }
}

/// The SHA-256 of a shard, in hex.
pub(crate) fn hash(
    source: &dyn DataSource,
    shard: &str,
    mut tell: impl FnMut(u64) -> bool,
) -> Result<String> {
    let failed = |error| Error::io("read", shown(shard).as_ref(), error);
    let mut input = source.open(shard)?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; PIECE];
    let mut bytes = 0;
    loop {
        match input.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => {
                hash.update(piece.get(..read).unwrap_or_default());
                bytes += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(failed(error)),
        }
        if !tell(bytes) {
            return Err(Error::Stopped);
        }
    }
    input.finish().map_err(failed)?;
    Ok(hex(&hash.finalize()))
}
