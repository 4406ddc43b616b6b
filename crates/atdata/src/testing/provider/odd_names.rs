//! Names that mean something to some database or pattern.

use super::super::{Outcome, same};
use super::{Check, document, entry, first, label, names, version};
use crate::provider::{DocumentKind, IndexProvider};

pub(super) const CHECKS: &[Check] = &[
    ("data sets may have any name", data_sets),
    ("names that differ in little are apart", apart),
    ("documents may have any name", documents),
];

/// In the order of their bytes.
const ODD: [&str; 18] = [
    " spaced ",
    "\"double\"",
    "#{tag}",
    "%",
    "'; DROP TABLE labels; --",
    "*",
    "0",
    "?",
    "@",
    "[a-z]",
    "\\",
    "_",
    "`tick`",
    "a:b",
    "a@1.0.0",
    "café",
    "日本語",
    "🐈",
];

fn data_sets(provider: &dyn IndexProvider) -> Outcome {
    for (number, name) in ODD.iter().enumerate() {
        let cid = format!("cid{number}");
        let labels = [label(name, &cid), version(name, "v:1@%", &cid)];
        provider.put(&[entry(&cid, name)], &labels)?;
    }
    for (number, name) in ODD.iter().enumerate() {
        let expected = Some(entry(&format!("cid{number}"), name));
        same(name, &provider.named(name, "")?, &expected)?;
        same(name, &provider.named(name, "v:1@%")?, &expected)?;
        same(name, &provider.history(name)?.len(), &1)?;
    }
    same("order", &names(&provider.current(&first(100))?), &ODD.to_vec())?;
    same("removed", &provider.remove_label("%", "v:1@%")?, &true)?;
    same("only that", &provider.named("_", "v:1@%")?.is_some(), &true)
}

fn apart(provider: &dyn IndexProvider) -> Outcome {
    // The same letter in two forms of Unicode, and two cases.
    let names = ["caf\u{e9}", "cafe\u{301}", "CAF\u{e9}", "caf\u{e9} "];
    for (number, name) in names.iter().enumerate() {
        provider.put(&[entry(&number.to_string(), name)], &[label(name, &number.to_string())])?;
    }
    for (number, name) in names.iter().enumerate() {
        same(name, &provider.named(name, "")?, &Some(entry(&number.to_string(), name)))?;
    }
    Ok(())
}

fn documents(provider: &dyn IndexProvider) -> Outcome {
    for name in ODD {
        let given = document(name, "1.0.0");
        provider.create_document(DocumentKind::Schema, &given)?;
        let found = provider.document(DocumentKind::Schema, name, "1.0.0")?;
        same(name, &found, &Some(given))?;
        let versions = provider.versions(DocumentKind::Schema, name)?;
        same(name, &versions, &vec!["1.0.0".to_owned()])?;
    }
    same("all", &provider.documents(DocumentKind::Schema, &first(100))?.len(), &ODD.len())
}
