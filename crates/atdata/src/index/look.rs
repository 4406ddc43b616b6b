//! Shards that stay where they are, looked through.

use super::insert::Watcher;
use super::{hex, passing};
use crate::error::{Error, Result};
use crate::shards::Shards;
use crate::store::Hashed;
use crate::write::Progress;
use std::io;
use std::sync::Mutex;

/// Reads shards to their ends: their SHA-256 in hex, and how many samples and bytes they have.
pub(crate) fn look_through(shards: &Shards, watcher: Watcher) -> Result<(Vec<String>, Progress)> {
    let watch = Mutex::new((Progress { samples: 0, bytes: 0 }, watcher));
    let news = |samples, bytes| {
        let Ok(mut watch) = watch.lock() else { return Err(Error::Stopped) };
        let (so_far, watcher) = &mut *watch;
        so_far.samples += samples;
        so_far.bytes += bytes;
        let goes_on = watcher.as_mut().is_none_or(|watcher| watcher(*so_far));
        if goes_on { Ok(*so_far) } else { Err(Error::Stopped) }
    };
    let mut hashes = Vec::new();
    for (shard, name) in shards.names()?.iter().enumerate() {
        let mut sink = Hashed::new(io::sink());
        let tell = |bytes| news(0, bytes).map(|_| ()).map_err(io::Error::other);
        let index = passing::pass(shards.open(shard)?, &mut sink, name, &tell)?;
        hashes.push(hex(&sink.finish().2));
        news(index.len() as u64, 0)?;
    }
    Ok((hashes, news(0, 0)?))
}
