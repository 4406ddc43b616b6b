//! The collections that records are kept in: those the documentation names, and today's.

use crate::error::{Error, Result};
use atdata_atproto::Nsid;
use std::fmt;
use std::str::FromStr;

/// Which collections are written to. All are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lexicons {
    /// `ac.foundation.dataset.*`, as the documentation has it.
    #[default]
    Foundation,
    /// `science.alt.dataset.*`.
    Science,
}

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecordKind {
    /// A sample type.
    Schema,
    /// A data set.
    Dataset,
    /// A way from one sample type to another.
    Lens,
    /// A name for one data set record.
    Label,
}

impl Lexicons {
    /// Both, the default one first.
    pub const ALL: [Self; 2] = [Self::Foundation, Self::Science];

    /// The name that users give: `ac.foundation` or `science.alt`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Foundation => "ac.foundation",
            Self::Science => "science.alt",
        }
    }

    /// The collection that a kind of record is written to.
    #[must_use]
    pub fn collection(self, kind: RecordKind) -> Nsid {
        collection(self.names(kind)[0])
    }

    /// The collections that a kind of record is read from, the one that is written to first.
    const fn names(self, kind: RecordKind) -> &'static [&'static str] {
        match (self, kind) {
            (Self::Foundation, RecordKind::Schema) => {
                &["ac.foundation.dataset.sampleSchema", "ac.foundation.dataset.schema"]
            }
            (Self::Foundation, RecordKind::Dataset) => {
                &["ac.foundation.dataset.record", "ac.foundation.dataset.entry"]
            }
            (Self::Foundation, RecordKind::Lens) => &["ac.foundation.dataset.lens"],
            (Self::Foundation, RecordKind::Label) => &["ac.foundation.dataset.label"],
            (Self::Science, RecordKind::Schema) => &["science.alt.dataset.schema"],
            (Self::Science, RecordKind::Dataset) => &["science.alt.dataset.entry"],
            (Self::Science, RecordKind::Lens) => &["science.alt.dataset.lens"],
            (Self::Science, RecordKind::Label) => &["science.alt.dataset.label"],
        }
    }
}

impl fmt::Display for Lexicons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Lexicons {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let named = |lexicons: &Self| lexicons.name() == text;
        Self::ALL.into_iter().find(named).ok_or_else(|| {
            Error::Invalid(format!("no lexicons {text:?}; there are ac.foundation and science.alt"))
        })
    }
}

impl RecordKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Schema, Self::Dataset, Self::Lens, Self::Label];

    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Schema => "a schema",
            Self::Dataset => "a dataset",
            Self::Lens => "a lens",
            Self::Label => "a label",
        }
    }

    /// The collections that records of this kind are read from.
    pub fn collections(self) -> impl Iterator<Item = Nsid> {
        let names = Lexicons::ALL.into_iter().flat_map(move |lexicons| lexicons.names(self));
        names.map(|name| collection(name))
    }

    /// The lexicons of a collection, if it holds records of this kind.
    #[must_use]
    pub fn lexicons_of(self, collection: &Nsid) -> Option<Lexicons> {
        let holds = |lexicons: &Lexicons| lexicons.names(self).contains(&collection.as_str());
        Lexicons::ALL.into_iter().find(holds)
    }
}

/// What a session must be allowed to, as OAuth scopes: to write records of every kind in these
/// lexicons and to upload blobs of these MIME types (`*/*` is any), and nothing else.
#[must_use]
pub fn scopes(lexicons: &[Lexicons], blobs: &[&str]) -> Vec<String> {
    let of = |lexicons: &Lexicons| RecordKind::ALL.map(|kind| lexicons.collection(kind));
    let records = lexicons.iter().flat_map(of).map(|nsid| format!("repo:{nsid}"));
    records.chain(blobs.iter().map(|kind| format!("blob:{kind}"))).collect()
}

fn collection(name: &str) -> Nsid {
    Nsid::parse(name).unwrap_or_else(|error| unreachable!("{error}"))
}
