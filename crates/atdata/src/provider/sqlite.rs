//! An index in an `SQLite` file.

mod connect;
mod documents;
mod entries;
mod failure;
mod labels;
mod layout;
mod presence;
mod search;

use super::guarded::Guarded;
use super::{Document, DocumentKind, Entry, IndexProvider, Label, Moment, Page, Query};
use crate::error::Result;
use connect::Place;
use failure::failed;
use presence::Presence;
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

/// An index in an `SQLite` file that many threads and processes, and the original atdata, may use at
/// once; or one in memory.
///
/// A file is opened for each operation and closed after it, which takes about a tenth of a
/// millisecond: `SQLite`'s locks do not survive a `fork`, and a handle that does costs the child its
/// writes as soon as the parent closes the same file.
///
/// ```
/// use atdata::provider::{Entry, IndexProvider, SqliteProvider};
///
/// # fn main() -> atdata::Result<()> {
/// # let folder = tempfile::tempdir().unwrap();
/// let index = SqliteProvider::open(&folder.path().join("index.db"))?;
/// let entry = Entry { cid: "bafyreia".into(), name: "cats".into(), ..Entry::default() };
/// index.put(&[entry], &[])?;
/// assert_eq!(index.named("cats", "")?.unwrap().cid, "bafyreia");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct SqliteProvider {
    place: Place,
    handle: Handle,
}

#[derive(Debug)]
enum Handle {
    /// A file, opened for each operation.
    File(Presence),
    /// A database that is gone when it is closed.
    Memory(Box<Guarded<Connection>>),
}

impl SqliteProvider {
    /// The index in a file. The file, and the folder it is in, are made on first use.
    ///
    /// # Errors
    /// A path that cannot be made absolute.
    pub fn open(path: &Path) -> Result<Self> {
        Ok(Self { place: Place::file(path)?, handle: Handle::File(Presence::default()) })
    }

    /// An index in memory, gone when it is dropped.
    ///
    /// # Errors
    /// What `SQLite` meets.
    pub fn in_memory() -> Result<Self> {
        let place = Place::memory();
        let connection = place.connect()?;
        Ok(Self { place, handle: Handle::Memory(Box::new(Guarded::new(connection))) })
    }

    /// Does something with a connection.
    fn with<T>(&self, work: impl FnOnce(&mut Connection) -> Result<T>) -> Result<T> {
        match &self.handle {
            Handle::Memory(shared) => work(&mut *shared.lock()?),
            Handle::File(presence) => {
                let _present = presence.enter(&self.place)?;
                work(&mut self.place.connect()?)
            }
        }
    }

    /// Reads in one statement.
    fn read<T>(&self, work: impl FnOnce(&Connection) -> Reading<T>) -> Result<T> {
        self.with(|connection| work(connection).map_err(|error| self.told(error)))
    }

    /// Writes in one transaction: all or nothing.
    fn write<T>(&self, work: impl FnOnce(&Connection) -> Reading<T>) -> Result<T> {
        self.with(|connection| {
            let all = || {
                let transaction =
                    connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let value = work(&transaction)?;
                transaction.commit()?;
                Ok(value)
            };
            all().map_err(|error| self.told(error))
        })
    }

    fn told(&self, error: Failure) -> crate::Error {
        match error {
            Failure::Sqlite(error) => failed(&self.place, error),
            Failure::Ours(error) => error,
        }
    }
}

/// What goes wrong within a statement: `SQLite`'s failures get their words where the file is known.
#[derive(Debug)]
enum Failure {
    Sqlite(rusqlite::Error),
    Ours(crate::Error),
}

type Reading<T> = std::result::Result<T, Failure>;

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<crate::Error> for Failure {
    fn from(error: crate::Error) -> Self {
        Self::Ours(error)
    }
}

impl IndexProvider for SqliteProvider {
    fn address(&self) -> String {
        self.place.to_string()
    }

    fn check(&self) -> Result<()> {
        self.with(|_| Ok(()))
    }

    fn put(&self, entries: &[Entry], labels: &[Label]) -> Result<()> {
        self.write(|connection| {
            entries::put(connection, entries)?;
            labels::put(connection, labels)?;
            search::work_off(connection, 64 + 4 * (entries.len() + labels.len()))?;
            Ok(())
        })
    }

    fn entry(&self, cid: &str) -> Result<Option<Entry>> {
        self.read(|connection| entries::by_cid(connection, cid))
    }

    fn named(&self, name: &str, version: &str) -> Result<Option<Entry>> {
        self.read(|connection| entries::named(connection, name, version))
    }

    fn current(&self, page: &Page) -> Result<Vec<Entry>> {
        self.read(|connection| entries::current(connection, page))
    }

    fn entries(&self, page: &Page) -> Result<Vec<Entry>> {
        self.read(|connection| entries::all(connection, page))
    }

    fn search(&self, query: &Query, page: &Page) -> Result<Vec<Entry>> {
        let read_only = |connection: &Connection| connection.is_readonly("main");
        while self.read(search::is_pending)? {
            if self.read(|connection| Ok(read_only(connection)?))? {
                return self.read(|connection| search::scan(connection, query, page));
            }
            self.write(|connection| search::work_off(connection, 10_000))?;
        }
        self.read(|connection| search::search(connection, query, page))
    }

    fn history(&self, name: &str) -> Result<Vec<Moment>> {
        self.read(|connection| labels::history(connection, name))
    }

    fn labels(&self, cid: &str) -> Result<Vec<Label>> {
        self.read(|connection| labels::of_entry(connection, cid))
    }

    fn remove_entry(&self, cid: &str) -> Result<bool> {
        self.write(|connection| entries::remove(connection, cid))
    }

    fn remove_label(&self, name: &str, version: &str) -> Result<bool> {
        self.write(|connection| labels::remove(connection, name, version))
    }

    fn create_document(&self, kind: DocumentKind, document: &Document) -> Result<bool> {
        self.write(|connection| documents::create(connection, kind, document))
    }

    fn document(&self, kind: DocumentKind, name: &str, version: &str) -> Result<Option<Document>> {
        self.read(|connection| documents::get(connection, kind, name, version))
    }

    fn versions(&self, kind: DocumentKind, name: &str) -> Result<Vec<String>> {
        self.read(|connection| documents::versions(connection, kind, name))
    }

    fn documents(&self, kind: DocumentKind, page: &Page) -> Result<Vec<Document>> {
        self.read(|connection| documents::all(connection, kind, page))
    }
}
