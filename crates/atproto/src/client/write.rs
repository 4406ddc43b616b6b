//! What is written, and what comes of it.

use crate::cid::{self, Cid};
use crate::error::{Error, Result};
use crate::syntax::{AtUri, Did, Nsid, RecordKey, Tid};
use serde_json::{Value, json};

/// One change to a repository.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// A new record.
    Create {
        /// Its collection, which is its `$type` too.
        collection: Nsid,
        /// Its key; one of the time if there is none.
        rkey: Option<RecordKey>,
        /// Its content.
        record: Value,
    },
    /// Another content for a record.
    Update {
        /// Its collection, which is its `$type` too.
        collection: Nsid,
        /// Its key.
        rkey: RecordKey,
        /// Its content.
        record: Value,
    },
    /// No record any more.
    Delete {
        /// Its collection.
        collection: Nsid,
        /// Its key.
        rkey: RecordKey,
    },
}

/// What must not have changed, or the write is an [`Error::Conflict`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swap {
    /// The record's CID; `Some(None)` when there must be no record.
    pub record: Option<Option<Cid>>,
    /// The repository's last commit.
    pub commit: Option<Cid>,
}

/// A record that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Where it is.
    pub uri: AtUri,
    /// What it is: computed here, and confirmed by the server.
    pub cid: Cid,
    /// The commit with it; absent when the server's answer was lost and the record was found there.
    pub commit: Option<Commit>,
}

/// A state of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The CID of the signed commit.
    pub cid: Cid,
    /// Its revision: a TID that grows.
    pub rev: String,
}

impl Commit {
    /// The commit in the answer to a write.
    pub(super) fn read(answer: &Value) -> Option<Self> {
        let commit = &answer["commit"];
        let cid = cid::parse(commit["cid"].as_str()?).ok()?;
        Some(Self { cid, rev: commit["rev"].as_str()?.to_owned() })
    }
}

/// A change that was checked: it has a key, and the CID of what is to be there is known.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    pub(super) uri: AtUri,
    /// Whether its key was made for it.
    pub(super) is_fresh: bool,
    /// What is there afterwards.
    pub(super) cid: Option<Cid>,
    /// As `applyWrites` has it.
    pub(super) json: Value,
}

impl Planned {
    pub(super) fn new(did: &Did, write: Write) -> Result<Self> {
        let is_fresh = matches!(write, Write::Create { rkey: None, .. });
        let (action, collection, rkey, record) = match write {
            Write::Create { collection, rkey, record } => {
                ("create", collection, rkey.unwrap_or_else(|| Tid::now().into()), Some(record))
            }
            Write::Update { collection, rkey, record } => {
                ("update", collection, rkey, Some(record))
            }
            Write::Delete { collection, rkey } => ("delete", collection, rkey, None),
        };
        let uri = AtUri::new(did.clone(), collection.clone(), rkey.clone());
        let kind = format!("com.atproto.repo.applyWrites#{action}");
        let mut json =
            json!({"$type": kind, "collection": collection.as_str(), "rkey": rkey.as_str()});
        let cid = record.as_ref().map(|record| cid_of(&uri, record)).transpose()?;
        if let Some(record) = record {
            json["value"] = record;
        }
        Ok(Self { uri, is_fresh, cid, json })
    }

    /// Whether there must be nothing yet.
    pub(super) fn is_new(&self) -> bool {
        self.json["$type"] == "com.atproto.repo.applyWrites#create"
    }

    /// What was written, after the server confirmed it.
    pub(super) fn written(
        &self,
        answer: &Value,
        commit: Option<Commit>,
    ) -> Result<Option<Written>> {
        let Some(cid) = self.cid else { return Ok(None) };
        match answer["cid"].as_str() {
            Some(said) if said != cid.to_string() => Err(Error::Unverified {
                what: self.uri.to_string(),
                message: format!("the server says that it stored {said}, but it was sent {cid}"),
            }),
            _ => Ok(Some(Written { uri: self.uri.clone(), cid, commit })),
        }
    }
}

/// The CID of a record that may stand at an address.
fn cid_of(uri: &AtUri, record: &Value) -> Result<Cid> {
    let collection = uri.collection();
    if record["$type"] != collection.as_str() {
        let found = record["$type"].as_str().unwrap_or("absent");
        return Err(Error::BadRecord(format!(
            "{uri}: the $type of a record is its collection, {collection}, but it is {found}"
        )));
    }
    cid::of_record(record).map_err(|error| match error {
        Error::BadRecord(message) => Error::BadRecord(format!("{uri}: {message}")),
        error => error,
    })
}
