//! What an index's rows hold.

use atdata_format::Value;

/// A data set in an index.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Entry {
    /// The content identifier of `schema_ref` and `data_urls`.
    pub cid: String,
    /// The name it was found by or first written under.
    pub name: String,
    /// A reference to the schema of its samples.
    pub schema_ref: String,
    /// Where its shards are.
    pub data_urls: Vec<String>,
    /// A map of what else is known, if anything is. `checksums` in it maps shards' URLs to their
    /// SHA-256 in hex; `description`, `tags` and `license` are what people say of it.
    pub metadata: Option<Value>,
    /// What only we keep of it.
    pub facts: Facts,
}

/// What is kept of an entry beside the original's row; `None` where it is not known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// The identifier of the schema and the shards' hashes, wherever those are stored.
    pub content_cid: Option<String>,
    /// How many samples there are.
    pub samples: Option<u64>,
    /// The size of all shards in bytes.
    pub bytes: Option<u64>,
}

impl Facts {
    /// What is known here, else what is known there.
    pub(crate) fn or(&self, known: &Self) -> Self {
        Self {
            content_cid: self.content_cid.clone().or_else(|| known.content_cid.clone()),
            samples: self.samples.or(known.samples),
            bytes: self.bytes.or(known.bytes),
        }
    }
}

/// A name, or a version of one, that points to an entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Label {
    /// The name.
    pub name: String,
    /// The version, empty for what the name itself points to.
    pub version: String,
    /// The entry it points to.
    pub cid: String,
    /// What was said of it.
    pub description: Option<String>,
}

/// When a name began to point to an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// The entry.
    pub cid: String,
    /// The time in UTC, such as `2026-01-31T12:00:00.000000Z`.
    pub at: String,
}

/// What a document describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DocumentKind {
    /// A sample type.
    Schema,
    /// A way from one sample type to another.
    Lens,
}

/// A schema or lens, as JSON text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its name.
    pub name: String,
    /// Its version, three numbers.
    pub version: String,
    /// The JSON, as it was stored.
    pub json: String,
}

/// A part of a list: what comes after an item, at most so many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The last item of the page before; `None` for the first page.
    pub after: Option<String>,
    /// The most items there may be.
    pub limit: usize,
}

/// What a search asks for; all of it must fit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// Words, in lower case, each of which must begin a word of the name, description or tags.
    pub words: Vec<String>,
    /// Tags, exactly.
    pub tags: Vec<String>,
    /// The name of a schema, whatever its version.
    pub schema: Option<String>,
    /// The licence, exactly.
    pub license: Option<String>,
}
