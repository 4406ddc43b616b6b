//! Lists and their pages.

use super::super::{Outcome, same};
use super::{Check, cids, entry, first, label, names, paged, version};
use crate::provider::{Entry, IndexProvider, Page};

pub(super) const CHECKS: &[Check] = &[
    ("current has one entry a name, in the order of the names", current),
    ("current comes in pages of any size, between any names", current_pages),
    ("current shows what names point to now", current_moves),
    ("entries has all, in the order of their CIDs", all_entries),
    ("a page of nothing is empty", |provider| {
        provider.put(&[entry("a", "cats")], &[label("cats", "a")])?;
        same("current", &provider.current(&first(0))?, &vec![])?;
        same("entries", &provider.entries(&first(0))?, &vec![])
    }),
];

/// Names with labels, without, several entries of one, and several names of one entry.
fn fill(provider: &dyn IndexProvider) -> Outcome {
    let rows = [("e", "fox"), ("d", "cat"), ("c", "cat"), ("b", "ape"), ("a", "Zoo"), ("f", "ü")];
    let entries = rows.map(|(cid, name)| entry(cid, name));
    let labels =
        [label("cat", "d"), label("bee", "e"), label("ape", "b"), version("dog", "1", "e")];
    Ok(provider.put(&entries, &labels)?)
}

/// The order is that of the bytes.
const NAMES: [&str; 6] = ["Zoo", "ape", "bee", "cat", "fox", "ü"];
const CIDS: [&str; 6] = ["a", "b", "e", "d", "e", "f"];

fn current(provider: &dyn IndexProvider) -> Outcome {
    fill(provider)?;
    let found = provider.current(&first(100))?;
    same("names", &names(&found), &NAMES.to_vec())?;
    same("cids", &cids(&found), &CIDS.to_vec())
}

fn current_pages(provider: &dyn IndexProvider) -> Outcome {
    fill(provider)?;
    for limit in 1..8 {
        let name = |entry: &Entry| entry.name.clone();
        let found = paged(limit, name, |page| provider.current(page))?;
        same("names", &names(&found), &NAMES.to_vec())?;
    }
    let page = Page { after: Some("bzz".into()), limit: 2 };
    same("between", &names(&provider.current(&page)?), &vec!["cat", "fox"])
}

fn current_moves(provider: &dyn IndexProvider) -> Outcome {
    fill(provider)?;
    provider.put(&[], &[label("cat", "c")])?;
    provider.remove_label("bee", "")?;
    provider.remove_entry("b")?;
    let found = provider.current(&first(100))?;
    same("names", &names(&found), &vec!["Zoo", "cat", "fox", "ü"])?;
    same("cids", &cids(&found), &vec!["a", "c", "e", "f"])
}

fn all_entries(provider: &dyn IndexProvider) -> Outcome {
    fill(provider)?;
    for limit in 1..8 {
        let found = paged(limit, |entry: &Entry| entry.cid.clone(), |page| provider.entries(page))?;
        same("cids", &cids(&found), &vec!["a", "b", "c", "d", "e", "f"])?;
        same("names", &names(&found), &vec!["Zoo", "ape", "cat", "cat", "fox", "ü"])?;
    }
    Ok(())
}
