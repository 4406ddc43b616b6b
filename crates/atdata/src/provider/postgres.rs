//! An index in `PostgreSQL`.

mod address;
mod documents;
mod entries;
mod failure;
mod labels;
mod layout;
mod search;
mod session;
mod tls;
mod unwatched;

use super::pool::Pool;
use super::{Document, DocumentKind, Entry, IndexProvider, Label, Moment, Page, Query};
use crate::error::Result;
use address::Address;
use failure::Failure;
use session::Session;

/// How many connections wait to be used again.
const IDLE: usize = 8;

/// How often an operation is tried that others get in the way of.
const TRIES: usize = 10;

/// An index in a `PostgreSQL` database, which many machines, and the original atdata, may use at once.
///
/// Connections are made on first use, and a few are kept. An operation on one that the server has
/// closed is done once more on a new one.
pub struct PostgresProvider {
    address: Address,
    pool: Pool<Session>,
}

impl std::fmt::Debug for PostgresProvider {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_tuple("PostgresProvider").field(&self.address.to_string()).finish()
    }
}

impl PostgresProvider {
    /// The index in the database that a URL (`postgres://user:password@host:5432/database`) or a
    /// text such as `host=... user=... dbname=...` names; nothing is connected to yet.
    ///
    /// `sslmode` may be `disable`, `prefer` (encrypted if the server can; the default), `require`
    /// (encrypted, whoever the server is) or `verify-full` (and it is who it should be, by the
    /// system's root certificates or those in the file `sslrootcert`); `verify-ca` is taken as
    /// `verify-full`. `connect_timeout` is 2 seconds unless said otherwise.
    ///
    /// ```
    /// use atdata::provider::{IndexProvider, PostgresProvider};
    ///
    /// let index = PostgresProvider::open("postgres://ada:secret@db.example.org/team")?;
    /// assert_eq!(index.address(), "postgres://ada@db.example.org:5432/team");
    /// # Ok::<(), atdata::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) for a text that cannot be read.
    pub fn open(dsn: &str) -> Result<Self> {
        Ok(Self { address: Address::parse(dsn)?, pool: Pool::new(IDLE) })
    }

    /// Does something on a connection. It may be done twice, so it must be something that leaves
    /// the same behind.
    fn with<T>(&self, work: impl Fn(&mut Session) -> Doing<T>) -> Result<T> {
        self.again(|session, _| work(session))
    }

    /// As `with`; the work is told whether it may have been done before.
    fn again<T>(&self, work: impl Fn(&mut Session, bool) -> Doing<T>) -> Result<T> {
        let mut session = self.session()?;
        let mut again = false;
        for _ in 1..TRIES {
            match work(&mut session, again) {
                Err(failure) if failure.is_in_the_way() => {}
                Err(failure) if failure.is_lost() && !again => {
                    self.pool.clear();
                    session = Session::open(&self.address)?;
                }
                result => return self.done(session, result),
            }
            again = true;
        }
        let result = work(&mut session, again);
        self.done(session, result)
    }

    fn session(&self) -> Result<Session> {
        self.pool.take().map_or_else(|| Session::open(&self.address), Ok)
    }

    /// Keeps a connection that is of more use.
    fn done<T>(&self, session: Session, result: Doing<T>) -> Result<T> {
        if result.as_ref().err().is_none_or(|failure| !failure.is_lost()) {
            self.pool.give(session);
        }
        result.map_err(|failure| failure.told(&self.address))
    }
}

type Doing<T> = std::result::Result<T, Failure>;

impl IndexProvider for PostgresProvider {
    fn address(&self) -> String {
        self.address.to_string()
    }

    fn check(&self) -> Result<()> {
        self.with(|session| session.query("SELECT 1", &[]).map(drop))
    }

    fn put(&self, entries: &[Entry], labels: &[Label]) -> Result<()> {
        self.with(|session| {
            session.transaction(|session| {
                entries::put(session, entries)?;
                labels::put(session, labels)
            })
        })
    }

    fn entry(&self, cid: &str) -> Result<Option<Entry>> {
        self.with(|session| entries::by_cid(session, cid))
    }

    fn named(&self, name: &str, version: &str) -> Result<Option<Entry>> {
        self.with(|session| entries::named(session, name, version))
    }

    fn current(&self, page: &Page) -> Result<Vec<Entry>> {
        self.with(|session| entries::current(session, page))
    }

    fn entries(&self, page: &Page) -> Result<Vec<Entry>> {
        self.with(|session| entries::all(session, page))
    }

    fn search(&self, query: &Query, page: &Page) -> Result<Vec<Entry>> {
        self.with(|session| search::search(session, query, page))
    }

    fn history(&self, name: &str) -> Result<Vec<Moment>> {
        self.with(|session| labels::history(session, name))
    }

    fn labels(&self, cid: &str) -> Result<Vec<Label>> {
        self.with(|session| labels::of_entry(session, cid))
    }

    fn remove_entry(&self, cid: &str) -> Result<bool> {
        self.with(|session| session.transaction(|session| entries::remove(session, cid)))
    }

    fn remove_label(&self, name: &str, version: &str) -> Result<bool> {
        self.with(|session| labels::remove(session, name, version))
    }

    fn create_document(&self, kind: DocumentKind, document: &Document) -> Result<bool> {
        self.again(|session, again| {
            // What is there may be what the first turn created.
            Ok(documents::create(session, kind, document)?
                || again
                    && documents::get(session, kind, &document.name, &document.version)?.as_ref()
                        == Some(document))
        })
    }

    fn document(&self, kind: DocumentKind, name: &str, version: &str) -> Result<Option<Document>> {
        self.with(|session| documents::get(session, kind, name, version))
    }

    fn versions(&self, kind: DocumentKind, name: &str) -> Result<Vec<String>> {
        self.with(|session| documents::versions(session, kind, name))
    }

    fn documents(&self, kind: DocumentKind, page: &Page) -> Result<Vec<Document>> {
        self.with(|session| documents::all(session, kind, page))
    }
}
