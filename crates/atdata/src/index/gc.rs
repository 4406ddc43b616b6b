//! Finds what lies in a store and no entry names.

use super::Index;
use crate::error::{Error, Result};
use crate::store::{Found, shard_stem, upload_of};
use atdata_format::pattern;
use std::collections::{HashMap, HashSet};
use std::time::{Duration, SystemTime};

/// How old garbage is at least, unless told otherwise: whoever writes has not named it yet.
pub const GRACE: Duration = Duration::from_secs(24 * 60 * 60);

/// Times that differ by less are the same.
const SAME_TIME: Duration = Duration::from_millis(1);

/// What may be removed from a store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Garbage {
    /// Shards that no entry names, what lies beside them, and files and uploads that were never
    /// finished.
    pub found: Vec<Found>,
    /// How many files and uploads of ours were looked at.
    pub seen: usize,
    /// Why unfinished uploads were not looked at, where the server or the credentials do not let us.
    pub unseen: Option<String>,
}

impl Garbage {
    /// How many bytes that is.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.found.iter().map(|found| found.bytes).sum()
    }
}

impl Index {
    /// What lies in the index's store, is older than `grace`, and no entry of this index names. A
    /// store that several indexes share is garbage to each of them where only others name it.
    ///
    /// # Errors
    /// An index without a store; what store and provider meet.
    pub fn garbage(&self, grace: Duration) -> Result<Garbage> {
        let mut garbage = Garbage::default();
        let young = SystemTime::now().checked_sub(grace).unwrap_or(SystemTime::UNIX_EPOCH);
        let unseen = self.look_through(&mut |found| {
            garbage.seen += 1;
            if found.modified <= young {
                garbage.found.push(found);
            }
            Ok(())
        })?;
        garbage.unseen = unseen;
        // Entries are read after the files, so that one that came in between is not missed.
        let named = self.named_shards()?;
        garbage.found.retain(|found| !named.has(&found.url));
        garbage.found.sort_by(|a, b| a.url.cmp(&b.url));
        Ok(garbage)
    }

    /// Removes garbage, all but what an entry has come to name since or what was written again, which
    /// somebody is about to name; gives what was removed.
    ///
    /// # Errors
    /// As [`Index::garbage`].
    pub fn remove_garbage(&self, garbage: &Garbage) -> Result<Garbage> {
        let store = self.needs_store()?;
        let mut there = HashMap::new();
        self.look_through(&mut |found| {
            there.insert(found.url, found.modified);
            Ok(())
        })?;
        let named = self.named_shards()?;
        let mut removed = Garbage { found: Vec::new(), ..garbage.clone() };
        // What was written anew since is somebody's; times lose their last digits on the way.
        let is_same = |found: &&Found| {
            there.get(&found.url).is_some_and(|&now| now <= found.modified + SAME_TIME)
        };
        for found in garbage.found.iter().filter(is_same) {
            if !named.has(&found.url) {
                store.remove(&found.url)?;
                removed.found.push(found.clone());
            }
        }
        Ok(removed)
    }

    /// Tells of everything in the store; gives why unfinished uploads were not among it.
    fn look_through(&self, tell: &mut dyn FnMut(Found) -> Result<()>) -> Result<Option<String>> {
        let store = self.needs_store()?;
        store.list(tell)?;
        match store.list_unfinished(tell) {
            Err(Error::Unsupported(why)) => Ok(Some(why)),
            // Files could be listed: it is this list alone that the credentials do not give.
            Err(denied @ Error::Denied { .. }) => Ok(Some(denied.to_string())),
            told => told.map(|()| None),
        }
    }

    /// The shards that entries name.
    fn named_shards(&self) -> Result<Named> {
        let store = self.needs_store()?;
        let mut named = Named::default();
        for entry in self.entries() {
            for url in entry?.data_urls {
                for shard in pattern::expand(&url).unwrap_or_else(|_| vec![url]) {
                    named.add(&shard, store.holds(&shard));
                }
            }
        }
        Ok(named)
    }
}

/// Shards that entries name.
#[derive(Default)]
struct Named {
    /// Those in the store, up to what all files of a shard have in common.
    here: HashSet<String>,
    /// The names of others: perhaps the store, spelt in another way.
    elsewhere: HashSet<String>,
}

impl Named {
    fn add(&mut self, url: &str, in_store: bool) {
        if in_store {
            self.here.extend(place_of(url).map(str::to_owned));
        } else {
            self.elsewhere.extend(stem_of(url).map(str::to_owned));
        }
    }

    fn has(&self, url: &str) -> bool {
        // An entry names the shard that another upload has brought there.
        if upload_of(url).is_some() {
            return false;
        }
        place_of(url).is_some_and(|place| self.here.contains(place))
            || stem_of(url).is_some_and(|stem| self.elsewhere.contains(stem))
    }
}

/// What the name of a shard and of what lies beside it begins with; none for temporary files.
fn stem_of(url: &str) -> Option<&str> {
    shard_stem(url.rsplit('/').next().unwrap_or(url))
}

/// The same, with where it lies.
fn place_of(url: &str) -> Option<&str> {
    let url = url.strip_prefix("file://").unwrap_or(url);
    let folder = url.rfind('/').map_or(0, |slash| slash + 1);
    url.get(..folder + stem_of(url)?.len())
}
