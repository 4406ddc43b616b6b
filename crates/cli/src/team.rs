//! Which index and which store are meant, and data sets in them.

use crate::error::Failure;
use atdata::format::similar::similar;
use atdata::format::uri::SchemaRef;
use atdata::index::Index;
use atdata::open::open_provider;
use atdata::provider::{Entry, IndexProvider, Page};
use atdata::store::DataStore;
use atdata::{Error, config, open_store};
use std::fmt;
use std::sync::Arc;

/// What a name in the index begins with, where a path could be meant too.
pub(crate) const LOCAL: &str = "@local/";

/// How many names are looked at for one that a slip of the keys may have meant.
const LOOKED_AT: usize = 1000;

/// What was said of where the index and the store are; both may hold passwords.
#[derive(Default)]
pub(crate) struct Team {
    pub(crate) index: Option<String>,
    pub(crate) store: Option<String>,
}

impl fmt::Debug for Team {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Team").finish_non_exhaustive()
    }
}

impl Team {
    /// The index with its store; nothing is reached yet.
    pub(crate) fn open(&self) -> Result<Index, Failure> {
        Ok(Index::new(self.provider()?).with_store(self.store()?))
    }

    /// Where the rows are.
    pub(crate) fn provider(&self) -> Result<Arc<dyn IndexProvider>, Failure> {
        let address = config::index_address(self.index.as_deref()).ok_or_else(no_home)?;
        if is_misspelt(&address) {
            let hint = "servers are written redis://host or postgres://host, files as their path";
            return Err(Failure::usage("the address of the index lacks its ://").hint(hint));
        }
        open_provider(&address).map_err(|error| Failure::data(&error, ""))
    }

    /// Where the shards are written to.
    pub(crate) fn store(&self) -> Result<Arc<dyn DataStore>, Failure> {
        let address = config::store_address(self.store.as_deref()).ok_or_else(no_home)?;
        open_store(&address).map_err(|error| Failure::data(&error, ""))
    }
}

/// Whether this would be a file although a server must be meant: it may hold a password, which a
/// file's name would show.
fn is_misspelt(address: &str) -> bool {
    let is_scheme = |word: &str| {
        ["redis", "rediss", "redis+cluster", "postgres", "postgresql", "sqlite"].contains(&word)
    };
    let start = address.split([':', '/']).next().unwrap_or_default();
    let rest = address.get(start.len()..).unwrap_or_default();
    let written = !rest.starts_with("://") && (rest.starts_with(':') || rest.starts_with("//"));
    is_scheme(start) && written
}

fn no_home() -> Failure {
    let hint = "set ATDATA_HOME, or ATDATA_INDEX and ATDATA_STORE";
    Failure::usage("there is no home folder for the index and the store").hint(hint)
}

/// The entry that a text means, or a name like it.
pub(crate) fn find(index: &Index, text: &str) -> Result<Entry, Failure> {
    index.find(text).map_err(|error| failure(index, text, &error))
}

/// What was met while a data set was looked for, with a name like it where there is none.
pub(crate) fn failure(index: &Index, text: &str, error: &Error) -> Failure {
    let failure = Failure::data(error, "");
    if !matches!(error, Error::UnknownName(_)) {
        return failure;
    }
    let page = Page { after: None, limit: LOOKED_AT };
    let entries = index.provider().current(&page).unwrap_or_default();
    let names = entries.iter().map(|entry| entry.name.as_str());
    let name = text.strip_prefix(LOCAL).unwrap_or(text);
    let name = name.split_once('@').map_or(name, |(name, _)| name);
    match similar(name, names, 1).first() {
        Some(similar) if *similar != name => {
            failure.hint(format!("did you mean {LOCAL}{similar}?"))
        }
        Some(similar) => failure.hint(format!("atdata history {similar} lists its versions")),
        None if entries.is_empty() => {
            failure.hint("nothing was pushed yet: atdata push PATH... NAME")
        }
        None => failure.hint("atdata ls lists all data sets"),
    }
}

/// A reference to a schema, which need not be spelt out: `Image@1.0.0`.
pub(crate) fn reference(text: &str) -> Result<String, Failure> {
    let whole = format!("atdata://local/sampleSchema/{text}");
    let whole = if text.contains("://") { text.to_owned() } else { whole };
    match SchemaRef::parse(&whole) {
        Ok(_) => Ok(whole),
        Err(error) => {
            let hint = "a schema is meant by NAME@1.0.0, or NAME for its highest version";
            Err(Failure::usage(error.message()).hint(hint))
        }
    }
}

/// A schema's name and version in short: `Image@1.0.0`, or the reference where it is none of ours.
pub(crate) fn short(reference: &str) -> String {
    let parsed = SchemaRef::parse(reference).ok();
    let words = parsed.and_then(|parsed| Some((parsed.name, parsed.version?)));
    words.map_or(reference.to_owned(), |(name, version)| format!("{name}@{version}"))
}
