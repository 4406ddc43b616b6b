//! Where an index keeps its rows: entries, labels, schemas, lenses.
//!
//! A provider stores rows as they are and knows nothing of what they mean. Providers share the
//! tables and keys of the original atdata, so that both programs work on one database at once; what
//! only we keep (facts, facets, history) lies beside, in tables and keys of our own, and is made
//! again for rows that the original has written.

#[cfg_attr(
    not(any(feature = "sqlite", feature = "postgres")),
    allow(dead_code, reason = "what only databases need")
)]
mod codec;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod facet_query;
#[cfg_attr(
    not(any(feature = "sqlite", feature = "postgres")),
    allow(dead_code, reason = "what only databases need")
)]
mod facets;
mod guarded;
mod memory;
#[cfg(any(feature = "postgres", feature = "redis"))]
mod pool;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;
mod rows;
#[cfg(feature = "sqlite")]
mod sqlite;

pub use memory::MemoryProvider;
#[cfg(feature = "postgres")]
pub use postgres::PostgresProvider;
#[cfg(feature = "redis")]
pub use redis::{RedisOptions, RedisProvider, TlsOptions};
pub use rows::{Document, DocumentKind, Entry, Facts, Label, Moment, Page, Query};
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteProvider;

use crate::error::Result;
use std::fmt::Debug;

/// The rows of an index. Every method is one transaction and a constant number of round trips.
///
/// A provider is shared by threads and survives a `fork`: connections are made on first use, and
/// made again in another process. None is held between calls by a caller, and none is left in a
/// transaction.
pub trait IndexProvider: Debug + Send + Sync {
    /// Where the rows are, as a URL without secrets.
    fn address(&self) -> String;

    /// Reaches the database, and sees that it is one that this version can use.
    ///
    /// # Errors
    /// [`Error::Unreachable`](crate::Error::Unreachable), [`Error::Denied`](crate::Error::Denied),
    /// [`Error::BadIndex`](crate::Error::BadIndex) for a newer layout; those of all methods.
    fn check(&self) -> Result<()>;

    /// Puts entries and then labels: all or, where the database can, none of them. An entry whose
    /// CID is there keeps its name and gets the new metadata; facts that are `None` stay as they
    /// were. A label with that name and version now points to its new CID, and where its version
    /// is empty and the CID another one, the name's history grows by a moment.
    ///
    /// # Errors
    /// What the database meets.
    fn put(&self, entries: &[Entry], labels: &[Label]) -> Result<()>;

    /// The entry of a CID.
    ///
    /// # Errors
    /// What the database meets; a row that does not follow the format.
    fn entry(&self, cid: &str) -> Result<Option<Entry>>;

    /// The entry that a name's label of this version points to, under that name. Where the version
    /// is empty and there is no label, the newest entry whose row has that name.
    ///
    /// # Errors
    /// As [`IndexProvider::entry`].
    fn named(&self, name: &str, version: &str) -> Result<Option<Entry>>;

    /// The current entry of every name, in the order of the names, from the first name after
    /// `page.after`.
    ///
    /// # Errors
    /// As [`IndexProvider::entry`].
    fn current(&self, page: &Page) -> Result<Vec<Entry>>;

    /// All entries, older ones of a name too, in the order of their CIDs, from the first CID after
    /// `page.after`.
    ///
    /// # Errors
    /// As [`IndexProvider::entry`].
    fn entries(&self, page: &Page) -> Result<Vec<Entry>>;

    /// The current entries of names that fit a query, in the order of the names, at most
    /// `page.limit` from the first name after `page.after`.
    ///
    /// # Errors
    /// As [`IndexProvider::entry`].
    fn search(&self, query: &Query, page: &Page) -> Result<Vec<Entry>>;

    /// What a name has pointed to, the newest first.
    ///
    /// # Errors
    /// What the database meets.
    fn history(&self, name: &str) -> Result<Vec<Moment>>;

    /// The labels that point to an entry.
    ///
    /// # Errors
    /// What the database meets.
    fn labels(&self, cid: &str) -> Result<Vec<Label>>;

    /// Removes an entry with its labels and all that is kept of it but history; false if there is
    /// none.
    ///
    /// # Errors
    /// What the database meets.
    fn remove_entry(&self, cid: &str) -> Result<bool>;

    /// Removes a label; false if there is none.
    ///
    /// # Errors
    /// What the database meets.
    fn remove_label(&self, name: &str, version: &str) -> Result<bool>;

    /// Puts a schema or lens under a name and version that nothing has yet; false, and nothing
    /// changes, if something has. Of several callers at once only one is told true.
    ///
    /// # Errors
    /// What the database meets.
    fn create_document(&self, kind: DocumentKind, document: &Document) -> Result<bool>;

    /// The schema or lens of a name and version.
    ///
    /// # Errors
    /// What the database meets.
    fn document(&self, kind: DocumentKind, name: &str, version: &str) -> Result<Option<Document>>;

    /// The versions there are of a schema or lens, in no order.
    ///
    /// # Errors
    /// What the database meets.
    fn versions(&self, kind: DocumentKind, name: &str) -> Result<Vec<String>>;

    /// All schemas or lenses, in the order of `name@version`, from the first after `page.after`.
    ///
    /// # Errors
    /// What the database meets.
    fn documents(&self, kind: DocumentKind, page: &Page) -> Result<Vec<Document>>;
}
