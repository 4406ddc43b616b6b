//! What is to change in our own keys; `apply.lua` does it.

use super::keys;
use crate::error::Result;
use crate::provider::{DocumentKind, Entry, Facts, Label, facets};
use atdata_format::Value;
use redis::Cmd;

const SCRIPT: &str = include_str!("apply.lua");

/// How many of our keys the script is given.
const GIVEN: usize = 13;

/// A change of our own keys, packed.
#[derive(Debug, Clone)]
pub(super) struct Change {
    verb: &'static str,
    arguments: Vec<Value>,
    /// A key of the original's, and what must be true of it.
    seen: (String, String),
}

impl Change {
    /// There is an entry.
    pub(super) fn entry(entry: &Entry) -> Self {
        let terms = facets::Facets::of(entry).terms();
        // Words are not kept: in them, a search looks through the entries.
        let terms =
            terms.iter().filter(|term| !term.starts_with("w:") && !term.contains(keys::END));
        let terms = terms.map(|term| text(term)).collect();
        let facts = fields(&entry.facts);
        let facts = facts.iter().flat_map(|(name, value)| [text(name), text(value)]).collect();
        let lists = [Value::List(terms), Value::List(facts)];
        Self::new("entry", [[text(&entry.cid), text(&entry.name)], lists].concat())
    }

    /// There is no such entry.
    pub(super) fn no_entry(cid: &str) -> Self {
        Self::new("no_entry", vec![text(cid)])
    }

    /// A label points to an entry.
    pub(super) fn label(name: &str, version: &str, cid: &str) -> Self {
        Self::new("label", vec![text(name), text(version), text(cid)])
    }

    /// A label does not point to an entry any more; to any, if the CID is empty.
    pub(super) fn no_label(name: &str, version: &str, cid: &str) -> Self {
        Self::new("no_label", vec![text(name), text(version), text(cid)])
    }

    /// There is a document, called `name@version`.
    pub(super) fn document(kind: DocumentKind, name: &str) -> Self {
        Self::new("document", vec![text(keys::document_set(kind)), text(name)])
    }

    /// There is no such document.
    pub(super) fn no_document(kind: DocumentKind, name: &str) -> Self {
        Self::new("no_document", vec![text(keys::document_set(kind)), text(name)])
    }

    /// Only if this key is there.
    pub(super) fn if_there(self, key: String) -> Self {
        Self { seen: (key, "there".into()), ..self }
    }

    /// Only if this key is not there.
    pub(super) fn if_gone(self, key: String) -> Self {
        Self { seen: (key, "gone".into()), ..self }
    }

    /// Only if this label points there.
    pub(super) fn if_points(self, label: String, cid: &str) -> Self {
        Self { seen: (label, format!("to {cid}")), ..self }
    }

    /// Whatever is true of any key: in a cluster, where a script reaches only its own slot.
    pub(super) fn unasked(self) -> Self {
        Self { seen: Default::default(), ..self }
    }

    fn new(verb: &'static str, arguments: Vec<Value>) -> Self {
        Self { verb, arguments, seen: Default::default() }
    }

    fn packed(&self) -> Result<Vec<u8>> {
        let head = [text(self.verb), text(&self.seen.0), text(&self.seen.1)];
        let mut bytes = Vec::new();
        Value::List([&head, self.arguments.as_slice()].concat()).write(&mut bytes)?;
        Ok(bytes)
    }
}

/// The command that applies changes, all of them at once.
///
/// # Errors
/// A text that is too long for msgpack.
pub(super) fn command(changes: &[Change]) -> Result<Cmd> {
    let mut command = redis::cmd("EVAL");
    command.arg(SCRIPT).arg(GIVEN).arg(&keys::OURS[..GIVEN]).arg(super::LAYOUT);
    for change in changes {
        command.arg(change.packed()?);
    }
    Ok(command)
}

/// The labels that a change is made for.
pub(super) fn labels(labels: &[Label]) -> impl Iterator<Item = Change> + '_ {
    labels.iter().map(|label| Change::label(&label.name, &label.version, &label.cid))
}

/// What is known, under the names it is kept by.
fn fields(facts: &Facts) -> Vec<(&'static str, String)> {
    let content = facts.content_cid.clone();
    let samples = facts.samples.map(|count| count.to_string());
    let bytes = facts.bytes.map(|count| count.to_string());
    let all = [("content_cid", content), ("samples", samples), ("bytes", bytes)];
    all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

fn text(text: &str) -> Value {
    Value::Str(text.into())
}
