//! An index in Redis.
//!
//! The rows lie under the original's keys. Beside them are some sets and hashes of our own
//! (`atdata:{index}:...`) by which lists and searches need no look at every key. They are made again
//! when the database has more or fewer keys than they know of: the original writes past them.

mod change;
mod documents;
mod failure;
mod keys;
mod known;
mod link;
mod links;
mod lists;
mod lock;
mod node;
mod options;
mod presence;
mod read;
mod rebuild;
mod scan;
mod slots;
mod write;

pub use options::{RedisOptions, TlsOptions};

use super::codec::EntryRow;
use super::{Document, DocumentKind, Entry, IndexProvider, Label, Moment, Page, Query};
use crate::error::Result;
use change::Change;
use failure::Failure;
use link::{Link, command, one};
use links::Links;
use redis::from_redis_value;
use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

/// The arrangement of our own keys.
const LAYOUT: u32 = 1;

/// An index in Redis 6 or newer: one server or a cluster.
///
/// Our sets are brought up to date when the number of keys shows that others have written; a label
/// that others moved is followed. What they change within an entry, a search by tag or licence
/// finds only after the entry is put again.
///
/// ```
/// use atdata::provider::{IndexProvider, RedisProvider};
///
/// # fn main() -> atdata::Result<()> {
/// let index = RedisProvider::from_url("redis+cluster://:secret@one:7000,two:7000")?;
/// assert_eq!(index.address(), "redis+cluster://one:7000,two:7000");
/// # Ok(())
/// # }
/// ```
pub struct RedisProvider {
    links: Links,
}

impl RedisProvider {
    /// An index at a server, which is connected to on first use.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) for options that contradict each other.
    pub fn open(options: RedisOptions) -> Result<Self> {
        Ok(Self { links: Links::new(options.checked()?) })
    }

    /// An index at a URL, as [`RedisOptions::from_url`] reads it.
    ///
    /// # Errors
    /// As [`RedisOptions::from_url`].
    pub fn from_url(url: &str) -> Result<Self> {
        Self::open(RedisOptions::from_url(url)?)
    }

    /// The entry that a label points to, if both are there.
    fn labelled(
        &self,
        link: &mut Link,
        name: &str,
        version: &str,
    ) -> std::result::Result<Option<Entry>, Failure> {
        let target = one(link.ask(&[read::target_command(name, version)])?)?;
        let Some(cid) = from_redis_value::<Option<String>>(target)? else { return Ok(None) };
        Ok(self.fetch(link, &[&cid])?.pop().flatten())
    }

    /// The newest entry whose row has a name: what the name means where no label says so.
    fn newest_row(
        &self,
        link: &mut Link,
        name: &str,
    ) -> std::result::Result<Option<Entry>, Failure> {
        let mut newest = command("ZREVRANGEBYLEX", &[keys::ROWS]);
        newest.arg(keys::end(name)).arg(keys::start(&keys::member(&[name, ""]), None));
        newest.arg("LIMIT").arg(0).arg(1);
        let rows: Vec<String> = from_redis_value(one(self.ask_whole(link, &[newest])?)?)?;
        let Some((_, cid)) = rows.first().and_then(|row| row.rsplit_once(keys::END)) else {
            return Ok(None);
        };
        let address = self.address();
        tracing::warn!("{address}: '{name}' has no label; taking the newest entry of that name");
        Ok(self.fetch(link, &[cid])?.pop().flatten())
    }
}

impl fmt::Debug for RedisProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RedisProvider").field(&self.address()).finish()
    }
}

impl IndexProvider for RedisProvider {
    fn address(&self) -> String {
        self.links.options().address()
    }

    fn check(&self) -> Result<()> {
        self.links.with(|link| one(link.ask(&[command("GET", &[keys::LAYOUT])])?).map(drop))
    }

    fn put(&self, entries: &[Entry], labels: &[Label]) -> Result<()> {
        let names = entries.iter().flat_map(|entry| [&entry.name, &entry.cid]);
        let more = labels.iter().flat_map(|label| [&label.name, &label.version, &label.cid]);
        names.chain(more).try_for_each(|part| keys::checked(part))?;
        let rows: Vec<EntryRow> = entries.iter().map(EntryRow::of).collect::<Result<_>>()?;
        let changes: Vec<Change> =
            entries.iter().map(Change::entry).chain(change::labels(labels)).collect();
        if changes.is_empty() {
            return Ok(());
        }
        self.links.with(|link| write::put(link, &rows, labels, &changes))
    }

    fn entry(&self, cid: &str) -> Result<Option<Entry>> {
        self.links.with(|link| Ok(self.fetch(link, &[cid])?.pop().flatten()))
    }

    fn named(&self, name: &str, version: &str) -> Result<Option<Entry>> {
        let found = self.links.with(|link| match self.labelled(link, name, version)? {
            None if version.is_empty() => self.newest_row(link, name),
            found => Ok(found),
        })?;
        Ok(found.map(|entry| Entry { name: name.to_owned(), ..entry }))
    }

    fn current(&self, page: &Page) -> Result<Vec<Entry>> {
        self.links.with(|link| self.list_current(link, page))
    }

    fn entries(&self, page: &Page) -> Result<Vec<Entry>> {
        self.links.with(|link| self.list_entries(link, page))
    }

    fn search(&self, query: &Query, page: &Page) -> Result<Vec<Entry>> {
        self.links.with(|link| self.list_found(link, query, page))
    }

    fn history(&self, name: &str) -> Result<Vec<Moment>> {
        let mut newest_first = command("ZREVRANGEBYLEX", &[keys::HISTORY]);
        newest_first.arg(keys::end(name)).arg(keys::start(&keys::member(&[name, ""]), None));
        self.links.with(|link| {
            let found = one(link.ask(std::slice::from_ref(&newest_first))?)?;
            let found: Vec<String> = from_redis_value(found)?;
            Ok(found.iter().filter_map(|member| moment(member)).collect())
        })
    }

    fn labels(&self, cid: &str) -> Result<Vec<Label>> {
        self.links.with(|link| {
            self.ask_whole(link, &[])?;
            let labels = read::labels_of(link, cid)?;
            let row = |(name, version): &(String, String)| {
                command("HGETALL", &[&keys::label(name, version)])
            };
            let rows = link.ask(&labels.iter().map(row).collect::<Vec<_>>())?;
            let found = labels
                .iter()
                .zip(rows)
                .map(|((name, version), row)| self.label_of((name, version), cid, row));
            Ok(found.collect::<std::result::Result<Vec<_>, _>>()?.into_iter().flatten().collect())
        })
    }

    fn remove_entry(&self, cid: &str) -> Result<bool> {
        let (mut was_there, mut tries) = (false, 0);
        self.links.with(|link| {
            tries += 1;
            let removed = self.remove_entry_of(link, cid, &mut was_there)?;
            Ok(removed || (tries > 1 && was_there))
        })
    }

    fn remove_label(&self, name: &str, version: &str) -> Result<bool> {
        let (mut was_there, mut tries) = (false, 0);
        self.links.with(|link| {
            tries += 1;
            let removed = write::remove_label(link, name, version, &mut was_there)?;
            Ok(removed || (tries > 1 && was_there))
        })
    }

    fn create_document(&self, kind: DocumentKind, document: &Document) -> Result<bool> {
        keys::checked(&document.name)?;
        keys::checked(&document.version)?;
        let mut tries = 0;
        self.links.with(|link| {
            tries += 1;
            documents::create(link, kind, document, tries > 1)
        })
    }

    fn document(&self, kind: DocumentKind, name: &str, version: &str) -> Result<Option<Document>> {
        self.links.with(|link| self.document_of(link, kind, &format!("{name}@{version}")))
    }

    fn versions(&self, kind: DocumentKind, name: &str) -> Result<Vec<String>> {
        self.links.with(|link| self.list_versions(link, kind, name))
    }

    fn documents(&self, kind: DocumentKind, page: &Page) -> Result<Vec<Document>> {
        self.links.with(|link| self.list_documents(link, kind, page))
    }
}

/// What a member of the history says: name, microseconds since 1970, CID.
fn moment(member: &str) -> Option<Moment> {
    let (rest, cid) = member.rsplit_once(keys::END)?;
    let (_, micros) = rest.rsplit_once(keys::END)?;
    let at = UNIX_EPOCH + Duration::from_micros(micros.parse().ok()?);
    Some(Moment { cid: cid.to_owned(), at: humantime::format_rfc3339_micros(at).to_string() })
}
