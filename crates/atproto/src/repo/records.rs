//! A collection to its end, from servers that may have none.

use super::{Fetched, MOST_RECORDS, Page, Repo};
use crate::error::Result;
use crate::syntax::{Nsid, RecordKey};
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::vec;

/// How many pages may bring no good record that is new, one after the other.
const MOST_IDLE: u32 = 20;

/// More records than any collection has.
const MOST: usize = 10_000_000;

/// The records of a collection. After an error about the whole list there are no more.
#[derive(Debug)]
pub struct Records {
    repo: Repo,
    collection: Nsid,
    page: vec::IntoIter<Result<Fetched>>,
    limit: u32,
    next: Next,
    /// The keys so far, as hashes: a server that begins again would never end.
    seen: HashSet<u64>,
    idle: u32,
}

/// Where the next page begins.
#[derive(Debug)]
enum Next {
    First,
    At(String),
    End,
}

impl Records {
    pub(super) fn new(repo: Repo, collection: Nsid) -> Self {
        Self {
            repo,
            collection,
            page: Vec::new().into_iter(),
            limit: MOST_RECORDS,
            next: Next::First,
            seen: HashSet::new(),
            idle: 0,
        }
    }

    /// Asks for the next page; `false` at the end.
    fn turn(&mut self) -> Result<bool> {
        let cursor = match &self.next {
            Next::End => return Ok(false),
            Next::First => None,
            Next::At(cursor) => Some(cursor.as_str()),
        };
        let page = match self.repo.page(&self.collection, self.limit, cursor, false) {
            // Records may be large: fewer of them at once.
            Err(error) if error.is_over_cap() && self.limit > 1 => {
                self.limit = (self.limit / 5).max(1);
                return Ok(true);
            }
            page => page?,
        };
        self.take(page)?;
        Ok(true)
    }

    fn take(&mut self, page: Page) -> Result<()> {
        let before = self.seen.len();
        self.seen.extend(page.records.iter().flatten().map(|record| hash(record.uri.rkey())));
        self.idle = if self.seen.len() > before { 0 } else { self.idle + 1 };
        let repeats =
            matches!((&self.next, &page.cursor), (Next::At(old), Some(new)) if old == new);
        if repeats || self.idle > MOST_IDLE || self.seen.len() > MOST {
            let message =
                "its list of records does not end: it begins again, or brings nothing new";
            return Err(self.repo.bad_answer(message));
        }
        self.next = page.cursor.map_or(Next::End, Next::At);
        self.page = page.records.into_iter();
        Ok(())
    }
}

fn hash(rkey: &RecordKey) -> u64 {
    let mut hasher = DefaultHasher::new();
    rkey.hash(&mut hasher);
    hasher.finish()
}

impl Iterator for Records {
    type Item = Result<Fetched>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(record) = self.page.next() {
                return Some(record);
            }
            match self.turn() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => {
                    self.next = Next::End;
                    return Some(Err(error));
                }
            }
        }
    }
}
