//! Records are written once, also when the answer is lost.

use super::write::Planned;
use super::{Client, Commit, Swap, Validate, Write, Written};
use crate::cid::{self, Cid};
use crate::error::{Error, Result};
use crate::syntax::{AtUri, Nsid, RecordKey};
use crate::xrpc::Refusal;
use serde_json::{Value, json};

/// The most changes of one commit.
pub const MOST_WRITES: usize = 200;

impl Client {
    /// Writes a new record; without a key it gets one of the time.
    ///
    /// When the answer is lost, it is looked whether the record is there before it is sent again:
    /// it is never there twice. That the same record is under the key already is no error.
    ///
    /// # Errors
    /// [`Error::BadRecord`] for what cannot be a record, or has another `$type` than the collection;
    /// [`Error::Conflict`] when another record is there; [`Error::Denied`].
    pub fn create(
        &self,
        collection: &Nsid,
        rkey: Option<RecordKey>,
        record: Value,
    ) -> Result<Written> {
        let write = Write::Create { collection: collection.clone(), rkey, record };
        self.write("com.atproto.repo.createRecord", write, Swap::default())
    }

    /// Writes a record, whether there is one or not.
    ///
    /// # Errors
    /// As [`create`](Self::create); [`Error::Conflict`] when what must not have changed has.
    pub fn put(
        &self,
        collection: &Nsid,
        rkey: RecordKey,
        record: Value,
        swap: Swap,
    ) -> Result<Written> {
        let write = Write::Update { collection: collection.clone(), rkey, record };
        self.write("com.atproto.repo.putRecord", write, swap)
    }

    /// Deletes a record of one's own; that there is none is no error.
    ///
    /// # Errors
    /// [`Error::Conflict`] when what must not have changed has; [`Error::Denied`].
    pub fn delete(&self, uri: &AtUri, swap: Swap) -> Result<()> {
        self.check_own(uri)?;
        let write =
            Write::Delete { collection: uri.collection().clone(), rkey: uri.rkey().clone() };
        let planned = Planned::new(self.did(), write)?;
        let mut body = self.body(&planned, swap);
        body["repo"] = self.did().as_str().into();
        self.once("com.atproto.repo.deleteRecord", &body, &[planned])?;
        Ok(())
    }

    /// Makes several changes, at most 200, in one commit: all or none. Gives one [`Written`] for
    /// each record that is there afterwards, in order; deletions have none.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn apply(&self, writes: Vec<Write>, swap_commit: Option<Cid>) -> Result<Vec<Written>> {
        if writes.len() > MOST_WRITES {
            let message =
                format!("one commit takes at most {MOST_WRITES} changes, not {}", writes.len());
            return Err(Error::BadRecord(message));
        }
        let planned = writes.into_iter().map(|write| Planned::new(self.did(), write));
        let planned = planned.collect::<Result<Vec<_>>>()?;
        if planned.is_empty() {
            return Ok(Vec::new());
        }
        let writes: Vec<&Value> = planned.iter().map(|write| &write.json).collect();
        let mut body = json!({"repo": self.did().as_str(), "writes": writes});
        self.say_options(&mut body, Swap { record: None, commit: swap_commit });
        let answer = self.once("com.atproto.repo.applyWrites", &body, &planned)?;
        let commit = Commit::read(&answer);
        let mut results = answer["results"].as_array().into_iter().flatten();
        let written = planned.iter().map(|write| {
            write.written(results.next().unwrap_or(&Value::Null), commit.clone()).transpose()
        });
        written.flatten().collect()
    }

    fn write(&self, method: &str, write: Write, swap: Swap) -> Result<Written> {
        let planned = Planned::new(self.did(), write)?;
        let answer =
            self.once(method, &self.body(&planned, swap), std::slice::from_ref(&planned))?;
        let written = planned.written(&answer, Commit::read(&answer))?;
        written.ok_or_else(|| Error::BadRecord("a deletion writes nothing".to_owned()))
    }

    /// The body of a change of one record.
    fn body(&self, planned: &Planned, swap: Swap) -> Value {
        let (uri, value) = (&planned.uri, planned.json.get("value"));
        let (collection, rkey) = (uri.collection().as_str(), uri.rkey().as_str());
        let mut body = json!({"repo": self.did().as_str(), "collection": collection, "rkey": rkey});
        if let Some(value) = value {
            body["record"] = value.clone();
        }
        self.say_options(&mut body, swap);
        body
    }

    fn say_options(&self, body: &mut Value, swap: Swap) {
        match self.validate {
            Validate::No => body["validate"] = false.into(),
            Validate::Known => {}
            Validate::Yes => body["validate"] = true.into(),
        }
        if let Some(record) = swap.record {
            body["swapRecord"] = record.map(|cid| cid.to_string()).into();
        }
        if let Some(commit) = swap.commit {
            body["swapCommit"] = commit.to_string().into();
        }
    }

    /// Has changes made. When the answer is lost, the server is asked whether they were made; only
    /// if not, they are sent again.
    fn once(&self, method: &str, body: &Value, changes: &[Planned]) -> Result<Value> {
        let patience = &self.network.config().patience;
        let mut tried = 1;
        loop {
            let error = match self.xrpc().procedure(method, body) {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let lost = matches!(error, Error::Unreachable { .. });
            // Sent again, a write may be refused because the first one arrived late.
            let late = tried > 1 && matches!(error, Error::Refused { .. } | Error::Conflict(_));
            if (lost || late) && self.are_made(changes)? {
                return Ok(Value::Null);
            }
            let error = self.explained(error, changes);
            if tried >= patience.tries || !matches!(error, Error::Unreachable { .. }) {
                return Err(error);
            }
            atdata_waiting::sleep(patience.pause(tried))
                .map_err(|error| Error::io("wait to ask again", error))?;
            tried += 1;
        }
    }

    /// Whether changes were made, which are made together or not at all.
    fn are_made(&self, changes: &[Planned]) -> Result<bool> {
        // Nothing but this change can have written under a key that was made for it.
        if let Some(fresh) = changes.iter().find(|change| change.is_fresh) {
            return Ok(self.found(&fresh.uri)?.is_some());
        }
        for change in changes {
            if self.found(&change.uri)? != change.cid {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Servers say in many ways, status 500 among them, that a new record is there already.
    fn explained(&self, error: Error, changes: &[Planned]) -> Error {
        if !matches!(error, Error::Refused { .. } | Error::Unreachable { .. }) {
            return error;
        }
        let mut new = changes.iter().filter(|change| change.is_new() && !change.is_fresh);
        match new.find(|change| self.found(&change.uri).is_ok_and(|found| found.is_some())) {
            Some(change) => {
                Error::Conflict(format!("{}: there is a record already ({error})", change.uri))
            }
            None => error,
        }
    }

    /// The CID of the record at an address of one's own.
    fn found(&self, uri: &AtUri) -> Result<Option<Cid>> {
        let params = [
            ("repo", uri.authority()),
            ("collection", uri.collection().as_str()),
            ("rkey", uri.rkey().as_str()),
        ];
        match self.xrpc().ask("com.atproto.repo.getRecord", &params)? {
            Ok(answer) => cid::of_record(&answer["value"]).map(Some),
            Err(refusal) if refusal.is_missing() => Ok(None),
            Err(refusal) => Err(Refusal::into_error(refusal)),
        }
    }

    fn check_own(&self, uri: &AtUri) -> Result<()> {
        if uri.did() == Some(self.did()) {
            return Ok(());
        }
        Err(Error::Denied {
            address: uri.to_string(),
            message: format!("it is not in the repository of {}, who is logged in", self.did()),
        })
    }
}
