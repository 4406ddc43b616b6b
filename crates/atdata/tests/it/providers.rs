//! Every provider does what the contract says.
#![cfg_attr(
    not(any(feature = "sqlite", feature = "postgres")),
    allow(dead_code, reason = "what only databases need")
)]

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

use atdata::provider::{Entry, Label, MemoryProvider, Page, Query};
use atdata::testing::check_provider;
use std::sync::Arc;

#[test]
fn memory_keeps_the_contract() {
    check_provider(&|| Arc::new(MemoryProvider::default()));
}

fn entry(cid: &str, name: &str) -> Entry {
    let schema_ref = "atdata://local/schema/Image@1.0.0".into();
    Entry { cid: cid.into(), name: name.into(), schema_ref, ..Entry::default() }
}

fn label(name: &str, cid: &str) -> Label {
    Label { name: name.into(), cid: cid.into(), ..Label::default() }
}

fn word(word: &str) -> Query {
    Query { words: vec![word.into()], ..Query::default() }
}

const FIRST: Page = Page { after: None, limit: 100 };
