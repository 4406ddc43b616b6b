//! Records by address and by collection, whatever their kind.

use super::records::{Link, Record};
use super::schemas::readable;
use super::{Atmosphere, RecordKind, lexicons};
use crate::error::{Error, Result};
use atdata_atproto::cid::Cid;
use atdata_atproto::{AtUri, Fetched, RecordKey, Write, Written};
use serde_json::Value;

/// A record that is published.
#[derive(Debug, Clone, PartialEq)]
pub struct Found<R> {
    /// Where it is.
    pub uri: AtUri,
    /// What it is.
    pub cid: Cid,
    /// What it holds.
    pub record: R,
    /// The record as it is.
    pub value: Value,
}

impl<R: Record> Found<R> {
    pub(super) fn read(fetched: Fetched) -> Result<Self> {
        let Fetched { uri, cid, value, .. } = fetched;
        let lexicons = R::KIND.lexicons_of(uri.collection());
        let lexicons = lexicons.ok_or_else(|| not_a(R::KIND, &uri))?;
        let broken = |error: Error| match error {
            Error::BadIndex(why) => Error::BadIndex(format!("{uri}: {why}")),
            other => other,
        };
        let record = R::from_value(&value, lexicons).map_err(broken)?;
        Ok(Self { uri, cid, record, value })
    }

    /// A record that somebody has fetched, at its address.
    ///
    /// # Errors
    /// As [`Atmosphere::get`].
    pub fn of(uri: AtUri, value: Value) -> Result<Self> {
        let cid = atdata_atproto::cid::of_record(&value)?;
        Self::read(Fetched { uri, cid, value })
    }

    /// How other records name it.
    #[must_use]
    pub fn link(&self) -> Link {
        Link { uri: self.uri.to_string(), cid: Some(self.cid) }
    }
}

fn not_a(kind: RecordKind, uri: &AtUri) -> Error {
    let collections: Vec<String> = kind.collections().map(|nsid| nsid.to_string()).collect();
    let message = format!("{uri} is not {}; those are in {}", kind.words(), collections.join(", "));
    Error::Invalid(message)
}

impl Atmosphere {
    /// The record at an address.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an address of another kind of record, [`Error::BadIndex`] for a record
    /// that does not follow its lexicon, [`Error::Network`].
    pub fn get<R: Record>(&self, uri: &AtUri) -> Result<Found<R>> {
        if R::KIND.lexicons_of(uri.collection()).is_none() {
            return Err(not_a(R::KIND, uri));
        }
        let repo = self.repo(Some(uri.authority()))?;
        Found::read(repo.get(uri.collection(), uri.rkey())?)
    }

    /// The record that another one names. Where that said the CID, it must still have it.
    ///
    /// # Errors
    /// As [`Atmosphere::get`], and [`Error::Network`] for a record that was changed since.
    pub fn follow<R: Record>(&self, link: &Link) -> Result<Found<R>> {
        let found = self.get::<R>(&AtUri::parse(&link.uri)?)?;
        match link.cid {
            Some(cid) if cid != found.cid => {
                let message = format!("it was changed since another record named it as {cid}");
                let what = format!("{} ({})", found.uri, found.cid);
                Err(atdata_atproto::Error::Unverified { what, message }.into())
            }
            _ => Ok(found),
        }
    }

    /// All records of a kind in a repository, one's own if none is given, in both lexicons; of each
    /// collection the newest first. One that is broken is an error in its place.
    ///
    /// # Errors
    /// A repository that is not there; then what each page meets.
    pub fn all<R: Record>(
        &self,
        who: Option<&str>,
    ) -> Result<impl Iterator<Item = Result<Found<R>>> + use<R>> {
        let repo = self.repo(who)?;
        let records = R::KIND.collections().flat_map(move |nsid| repo.records(&nsid));
        Ok(records.map(|fetched| Found::read(fetched?)))
    }

    /// Those of [`all`](Self::all) that can be read, at most so many; of the others a warning tells.
    ///
    /// # Errors
    /// A repository that is not there; what each page meets.
    pub fn list<R: Record>(
        &self,
        who: Option<&str>,
        limit: Option<usize>,
    ) -> Result<Vec<Found<R>>> {
        readable(self.all::<R>(who)?).take(limit.unwrap_or(usize::MAX)).collect()
    }

    /// Publishes a record, under a new key if none is given.
    ///
    /// # Errors
    /// A record that its lexicon does not allow; [`Error::Network`].
    pub fn publish<R: Record>(&self, record: R, rkey: Option<RecordKey>) -> Result<Found<R>> {
        let value = self.checked(&record)?;
        let collection = self.lexicons.collection(R::KIND);
        let written = self.client()?.create(&collection, rkey, value.clone())?;
        Ok(published(record, value, written))
    }

    /// The record as it will be written.
    pub(super) fn checked<R: Record>(&self, record: &R) -> Result<Value> {
        let value = record.to_value(self.lexicons)?;
        lexicons::check(&self.lexicons.collection(R::KIND), &value)?;
        Ok(value)
    }

    /// What creates a record together with others.
    pub(super) fn creation<R: Record>(
        &self,
        record: &R,
        rkey: RecordKey,
    ) -> Result<(Write, Value)> {
        let value = self.checked(record)?;
        let collection = self.lexicons.collection(R::KIND);
        Ok((Write::Create { collection, rkey: Some(rkey), record: value.clone() }, value))
    }
}

pub(super) fn published<R>(record: R, value: Value, written: Written) -> Found<R> {
    Found { uri: written.uri, cid: written.cid, record, value }
}
