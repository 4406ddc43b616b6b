//! Data sets by name: their schemas, versions, checksums and shards.
//!
//! ```
//! use atdata::index::{Index, IndexWrite};
//! use atdata::provider::MemoryProvider;
//! use atdata::store::LocalDiskStore;
//! use atdata::{Dataset, Sample};
//! use std::sync::Arc;
//!
//! #[derive(Sample, Debug, PartialEq)]
//! struct Text {
//!     text: String,
//! }
//!
//! # fn main() -> atdata::Result<()> {
//! # let folder = tempfile::tempdir().unwrap();
//! let store = LocalDiskStore::new(folder.path())?;
//! let index = Index::new(Arc::new(MemoryProvider::default())).with_store(Arc::new(store));
//!
//! let texts = (0..4).map(|n| Text { text: format!("text {n}") });
//! let entry = index.write(texts, "texts", IndexWrite::new().max_count(2))?;
//! assert_eq!(entry.data_urls.len(), 2);
//!
//! let found = index.dataset::<Text>(&index.find("texts")?)?;
//! assert_eq!(found.get(3)?.text, "text 3");
//! # Ok(())
//! # }
//! ```

mod archive;
mod content;
mod gc;
mod house;
mod insert;
#[cfg(feature = "atproto")]
mod look;
mod metadata;
mod passing;
mod pull;
#[cfg(feature = "atproto")]
mod recut;
mod schemas;
mod search;
mod verify;
mod write;

pub use archive::{Imported, LAYOUT};
#[cfg(feature = "atproto")]
pub(crate) use content::content_cid;
pub(crate) use content::hex;
pub use gc::{GRACE, Garbage};
#[cfg(feature = "atproto")]
pub(crate) use insert::copy_shards;
pub use insert::{SchemaOf, Watcher};
#[cfg(feature = "atproto")]
pub(crate) use look::look_through;
#[cfg(feature = "atproto")]
pub(crate) use metadata::with_checksums;
pub use pull::{Pulled, pull_shards};
#[cfg(feature = "atproto")]
pub(crate) use recut::recut_shards;
pub use schemas::{Published, StoredSchema};
pub use verify::{ShardState, ShardVerdict};
pub use write::{IndexWrite, Writing};

use crate::dataset::Dataset;
use crate::error::{Error, Result};
use crate::open::{SourceOptions, open_source};
use crate::provider::{Entry, IndexProvider, Page};
use crate::source::DataSource;
use crate::store::DataStore;
use atdata_format::Sample;
use atdata_format::cid::Cid;
use std::sync::Arc;

/// How many rows are asked for at once where all are wanted.
const PAGE: usize = 500;

/// An index over a provider, which keeps its rows, and perhaps a store, which keeps shards.
///
/// It is cheap to clone, is shared by threads, and survives a `fork`.
#[derive(Debug, Clone)]
pub struct Index {
    provider: Arc<dyn IndexProvider>,
    store: Option<Arc<dyn DataStore>>,
}

impl Index {
    /// An index without a store: it can name data sets, and not write them.
    #[must_use]
    pub fn new(provider: Arc<dyn IndexProvider>) -> Self {
        Self { provider, store: None }
    }

    /// The same index, which writes shards into a store.
    #[must_use]
    pub fn with_store(mut self, store: Arc<dyn DataStore>) -> Self {
        self.store = Some(store);
        self
    }

    /// Where the rows are.
    #[must_use]
    pub const fn provider(&self) -> &Arc<dyn IndexProvider> {
        &self.provider
    }

    /// Where shards are written to.
    #[must_use]
    pub const fn store(&self) -> Option<&Arc<dyn DataStore>> {
        self.store.as_ref()
    }

    pub(crate) fn needs_store(&self) -> Result<&Arc<dyn DataStore>> {
        self.store.as_ref().ok_or_else(|| {
            let message = "this index has no data store to write shards to; give it one";
            Error::Invalid(message.to_owned())
        })
    }

    /// The entry that a name points to now.
    ///
    /// # Errors
    /// [`Error::UnknownName`]; what the provider meets, as everywhere here.
    pub fn named(&self, name: &str) -> Result<Entry> {
        self.provider.named(name, "")?.ok_or_else(|| self.no_dataset(name))
    }

    /// The entry of a CID.
    ///
    /// # Errors
    /// [`Error::UnknownName`].
    pub fn entry(&self, cid: &str) -> Result<Entry> {
        let unknown = || {
            Error::UnknownName(format!("{}: no entry has the CID {}", self.address(), brief(cid)))
        };
        self.provider.entry(cid)?.ok_or_else(unknown)
    }

    /// The entry that a text means: a name, `name@version` or `name@CID` for an older one, or a
    /// CID; `@local/` before it changes nothing.
    ///
    /// # Errors
    /// [`Error::UnknownName`].
    pub fn find(&self, text: &str) -> Result<Entry> {
        let name = local_name(text);
        if let Some(entry) = self.provider.named(name, "")? {
            return Ok(entry);
        }
        if Cid::parse(name).is_ok() {
            return self.entry(name);
        }
        let Some((name, version)) = name.rsplit_once('@') else {
            return Err(self.no_dataset(name));
        };
        if Cid::parse(version).is_ok() {
            let entry = self.entry(version)?;
            return Ok(Entry { name: name.to_owned(), ..entry });
        }
        let unknown = || {
            let (address, name, version) = (self.address(), brief(name), brief(version));
            Error::UnknownName(format!("{address}: no dataset '{name}' has a version '{version}'"))
        };
        self.provider.named(name, version)?.ok_or_else(unknown)
    }

    fn no_dataset(&self, name: &str) -> Error {
        Error::UnknownName(format!("no dataset is called '{}' in {}", brief(name), self.address()))
    }

    pub(crate) fn address(&self) -> String {
        self.provider.address()
    }

    /// The current entry of every name, in the order of the names.
    pub fn current(&self) -> impl Iterator<Item = Result<Entry>> + use<> {
        let provider = Arc::clone(&self.provider);
        pages(move |page| provider.current(page), |entry| entry.name.clone())
    }

    /// All entries, in the order of their CIDs.
    pub fn entries(&self) -> impl Iterator<Item = Result<Entry>> + use<> {
        let provider = Arc::clone(&self.provider);
        pages(move |page| provider.entries(page), |entry| entry.cid.clone())
    }

    /// The shards of an entry, read with the store's credentials where they are in the store.
    ///
    /// # Errors
    /// A URL that cannot be read from here, such as of an unknown scheme.
    pub fn source(&self, entry: &Entry, options: &SourceOptions) -> Result<Arc<dyn DataSource>> {
        match &self.store {
            Some(store) if entry.data_urls.iter().all(|url| store.holds(url)) => {
                Ok(options.wrap(store.source(entry.data_urls.clone())))
            }
            _ => open_source(entry.data_urls.clone(), options),
        }
    }

    /// The data set of an entry.
    ///
    /// # Errors
    /// As [`Index::source`].
    pub fn dataset<T: Sample>(&self, entry: &Entry) -> Result<Dataset<T>> {
        Ok(Dataset::from_source(self.source(entry, &SourceOptions::default())?))
    }
}

/// A name without what says that it is one of an index.
fn local_name(text: &str) -> &str {
    text.strip_prefix("@local/").unwrap_or(text)
}

/// As much of a name as an error shows.
fn brief(name: &str) -> String {
    name.chars().take(200).flat_map(char::escape_debug).collect()
}

/// All items of a list that is given in pages.
pub(crate) fn pages<T>(
    mut next: impl FnMut(&Page) -> Result<Vec<T>>,
    place: impl Fn(&T) -> String,
) -> impl Iterator<Item = Result<T>> {
    let mut page = Page { after: None, limit: PAGE };
    let mut done = false;
    let pages = std::iter::from_fn(move || {
        if done {
            return None;
        }
        let items = next(&page);
        match &items {
            Ok(items) => {
                page.after = items.last().map(&place).or(page.after.take());
                done = items.len() < PAGE;
            }
            Err(_) => done = true,
        }
        Some(items)
    });
    pages.flat_map(|items| match items {
        Ok(items) => items.into_iter().map(Ok).collect::<Vec<_>>(),
        Err(error) => vec![Err(error)],
    })
}
