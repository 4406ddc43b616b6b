//! Changes to a repository: all of them in one commit, or none.

use super::account::Account;
use super::call::{Checked, Refusal, text};
use super::repository::{Record, Records};
use crate::cid::Cid;
use crate::syntax::{Nsid, RecordKey, Tid};
use crate::value;
use serde_json::Value;
use std::sync::Arc;

pub(super) enum Action {
    Create(Value),
    Update(Value),
    Delete,
}

pub(super) struct Change {
    pub(super) collection: Nsid,
    pub(super) rkey: RecordKey,
    pub(super) action: Action,
}

impl Change {
    pub(super) fn path(&self) -> String {
        format!("{}/{}", self.collection, self.rkey)
    }
}

/// The collection that an input names.
pub(super) fn collection(input: &Value) -> Checked<Nsid> {
    Nsid::parse(text(input, "collection")?)
        .map_err(|_| Refusal::invalid("Invalid NSID at $.collection"))
}

/// The record key that an input names; a new one if it names none.
pub(super) fn rkey(input: &Value) -> Checked<RecordKey> {
    if input["rkey"].is_null() {
        return Ok(Tid::now().into());
    }
    RecordKey::parse(text(input, "rkey")?)
        .map_err(|_| Refusal::invalid("Invalid record key at $.rkey"))
}

impl Account {
    /// Refuses if the repository is at another commit than the input says, if it says one.
    pub(super) fn check_commit(&self, input: &Value) -> Checked<()> {
        let now = self.repository.commit_cid().to_string();
        match input["swapCommit"].as_str() {
            Some(expected) if expected != now => {
                Err(Refusal::new(400, "InvalidSwap", format!("Commit was at {now}")))
            }
            _ => Ok(()),
        }
    }

    /// The same for a record; null says that there is none.
    pub(super) fn check_record(&self, input: &Value, path: &str) -> Checked<()> {
        let now = self.repository.record(path).map(|record| record.cid.to_string());
        match input.get("swapRecord") {
            Some(expected) if expected.as_str() != now.as_deref() => {
                let now = now.as_deref().unwrap_or("null");
                Err(Refusal::new(400, "InvalidSwap", format!("Record was at {now}")))
            }
            _ => Ok(()),
        }
    }

    /// Makes the changes, and gives the CIDs of records that were written.
    pub(super) fn change(&mut self, changes: &[Change]) -> Checked<Vec<Option<Cid>>> {
        let mut records = self.repository.records().clone();
        let apply = |change| self.apply(change, &mut records);
        let cids = changes.iter().map(apply).collect::<Checked<_>>()?;
        self.blobs.forget(self.repository.records(), &records);
        self.repository.replace(records);
        Ok(cids)
    }

    fn apply(&self, change: &Change, records: &mut Records) -> Checked<Option<Cid>> {
        let path = change.path();
        match (&change.action, records.contains_key(&path)) {
            (Action::Delete, true) => Ok(records.remove(&path).and(None)),
            (Action::Create(value), false) | (Action::Update(value), true) => {
                let record = self.record(&change.collection, value.clone())?;
                let cid = record.cid;
                records.insert(path, Arc::new(record));
                Ok(Some(cid))
            }
            _ => Err(Refusal::clash()),
        }
    }

    /// A record as it is kept; its type may be left out.
    fn record(&self, collection: &Nsid, mut value: Value) -> Checked<Record> {
        let fields = value.as_object_mut();
        let fields =
            fields.ok_or_else(|| Refusal::invalid("Expected object value type at $.record"))?;
        let named = fields.entry("$type").or_insert_with(|| Value::from(collection.as_str()));
        if *named != collection.as_str() {
            let named = named.as_str().unwrap_or_default();
            let message = format!("Invalid $type: expected {collection}, got {named}");
            return Err(Refusal::invalid(message));
        }
        let wrong = |error: crate::Error| Refusal::invalid(format!("Bad record: {error}"));
        let block = value::to_cbor(&value).map_err(wrong)?;
        let value = value::from_cbor(&block).map_err(wrong)?;
        let blobs = self.blobs.named_in(&value)?;
        Ok(Record { cid: crate::cid::of_block(&block), block, value, blobs })
    }
}
