//! The names of keys: the original's, and our own beside them.

use crate::error::{Error, Result};
use crate::provider::DocumentKind;

pub(super) const ENTRY: &str = "LocalDatasetEntry:";
pub(super) const LABEL: &str = "Label:";

/// Ends the parts of a set's members. No CID, name or version holds it.
pub(super) const END: char = '\0';

macro_rules! ours {
    ($($name:ident = $key:literal,)*) => {
        $(pub(super) const $name: &str = concat!("atdata:{index}:", $key);)*
        /// All keys of our own. What is between braces puts them into one slot of a cluster.
        pub(super) const OURS: &[&str] = &[$($name),*];
    };
}

// Sets are sorted by their members' bytes.
ours! {
    // Set: cid.
    ENTRIES = "entries",
    // Set: name, time, cid. Every entry under the name of its row.
    ROWS = "rows",
    // Set: cid, name, version.
    LABELS = "labels",
    // Hash: name, version -> cid. The same the other way round.
    TARGETS = "targets",
    // Set: name, cid. The current entry of every name.
    NAMES = "names",
    // Set: term, name, cid. Tags, schemas and licences of current entries.
    FACETS = "facets",
    // Hash: cid -> name of its row and terms.
    TERMS = "terms",
    // Hash: name -> cid and terms that stand in NAMES and FACETS.
    SHOWN = "shown",
    // Set: name, time, cid.
    HISTORY = "history",
    // Hash: cid, kind -> number or CID.
    FACTS = "facts",
    // Set: name@version.
    SCHEMAS = "schemas",
    // Set: name@version.
    LENSES = "lenses",
    // The version of all this.
    LAYOUT = "layout",
    // How many keys there are that are no index's.
    FOREIGN = "foreign",
    // Held while a cluster is written to.
    LOCK = "lock",
}

pub(super) fn entry(cid: &str) -> String {
    format!("{ENTRY}{cid}")
}

pub(super) fn label(name: &str, version: &str) -> String {
    format!("{LABEL}{name}@{version}")
}

/// What the original's keys of documents begin with.
pub(super) fn documents(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Schema => "LocalSchema:",
        DocumentKind::Lens => "LocalLens:",
    }
}

pub(super) fn document(kind: DocumentKind, name: &str, version: &str) -> String {
    format!("{}{name}@{version}", documents(kind))
}

/// Our set of the documents of a kind.
pub(super) fn document_set(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Schema => SCHEMAS,
        DocumentKind::Lens => LENSES,
    }
}

/// Parts as a member of a set.
pub(super) fn member(parts: &[&str]) -> String {
    parts.join("\0")
}

/// A name or version that can be a part of a member.
///
/// # Errors
/// [`Error::Invalid`] where it holds what ends a part.
pub(super) fn checked(part: &str) -> Result<()> {
    if part.contains(END) {
        let shown = part.escape_debug();
        return Err(Error::Invalid(format!("'{shown}' holds a zero byte, which no name may")));
    }
    Ok(())
}

/// Where a page of a set begins: at the first member, or after a name and what follows it.
pub(super) fn start(prefix: &str, after: Option<&str>) -> Vec<u8> {
    match after {
        // 0xff is in no text, so this is after all that continues the name.
        Some(after) => [b"(", prefix.as_bytes(), after.as_bytes(), b"\0\xff"].concat(),
        None => [b"[", prefix.as_bytes()].concat(),
    }
}

/// Where the members end that begin with a text and the end of a part.
pub(super) fn end(text: &str) -> Vec<u8> {
    [b"(", text.as_bytes(), b"\x01"].concat()
}
