//! What every provider of an index must do.

mod concurrent;
mod documents;
mod entries;
mod labels;
mod lists;
mod odd_names;
mod search;

use super::Outcome;
use crate::provider::{Document, Entry, Facts, IndexProvider, Label, Page};
use atdata_format::Value;
use std::sync::Arc;

/// A check's name and what it does.
type Check = (&'static str, fn(&dyn IndexProvider) -> Outcome);

/// Runs every check, each on a provider of its own that `fresh` makes and that must be empty.
///
/// ```
/// use atdata::provider::MemoryProvider;
/// use atdata::testing::check_provider;
/// use std::sync::Arc;
///
/// check_provider(&|| Arc::new(MemoryProvider::default()));
/// ```
///
/// # Panics
/// When a check fails; the message names the provider, the check, and what was found.
pub fn check_provider(fresh: &dyn Fn() -> Arc<dyn IndexProvider>) {
    let groups = [
        entries::CHECKS,
        labels::CHECKS,
        lists::CHECKS,
        search::CHECKS,
        documents::CHECKS,
        odd_names::CHECKS,
        concurrent::CHECKS,
    ];
    for (name, check) in groups.into_iter().flatten() {
        let provider = fresh();
        if let Err(failure) = check(&*provider) {
            panic!("{}: {name}: {}", provider.address(), failure.0);
        }
    }
}

/// An entry with everything in it.
fn entry(cid: &str, name: &str) -> Entry {
    let url = format!("/data/{cid}.tar");
    let checksums = Value::Map(vec![(text(&url), text(&"0f".repeat(32)))]);
    Entry {
        cid: cid.into(),
        name: name.into(),
        schema_ref: "atdata://local/schema/Image@1.0.0".into(),
        data_urls: vec![url],
        metadata: Some(Value::Map(vec![(text("checksums"), checksums)])),
        facts: Facts {
            content_cid: Some(format!("bafkrei{cid}")),
            samples: Some(3),
            bytes: Some(5),
        },
    }
}

/// A label of a name itself.
fn label(name: &str, cid: &str) -> Label {
    version(name, "", cid)
}

/// A label of a version.
fn version(name: &str, version: &str, cid: &str) -> Label {
    Label { name: name.into(), version: version.into(), cid: cid.into(), description: None }
}

fn document(name: &str, version: &str) -> Document {
    let json = format!("{{\"name\": \"{name}\", \"odd\": \"ü \\\" \\\\ 'x'\"}}");
    Document { name: name.into(), version: version.into(), json }
}

fn text(text: &str) -> Value {
    Value::Str(text.into())
}

/// The first so many.
fn first(limit: usize) -> Page {
    Page { after: None, limit }
}

/// The CIDs of entries.
fn cids(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.cid.as_str()).collect()
}

/// The names of entries.
fn names(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.name.as_str()).collect()
}

/// A whole list, page by page; `key` says what the next page begins after.
fn paged<T>(
    limit: usize,
    key: impl Fn(&T) -> String,
    list: impl Fn(&Page) -> crate::error::Result<Vec<T>>,
) -> crate::error::Result<Vec<T>> {
    let mut all: Vec<T> = Vec::new();
    loop {
        let page = list(&Page { after: all.last().map(&key), limit })?;
        let found = page.len();
        all.extend(page);
        if found < limit {
            return Ok(all);
        }
    }
}
