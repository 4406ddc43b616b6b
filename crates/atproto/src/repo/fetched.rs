//! Records as they come from a server, checked.

use crate::cid::{self, Cid};
use crate::error::{Error, Result};
use crate::syntax::{AtUri, Did, Nsid};
use serde_json::Value;

/// A record whose content has the CID that the server says it has.
#[derive(Debug, Clone, PartialEq)]
pub struct Fetched {
    /// Where it is.
    pub uri: AtUri,
    /// What it is: computed here.
    pub cid: Cid,
    /// The record in its JSON form.
    pub value: Value,
}

impl Fetched {
    /// The record at an address, as an answer has it.
    pub(super) fn read(mut answer: Value, uri: &AtUri) -> Result<Self> {
        let value = answer["value"].take();
        let wrong = |message: String| Error::Unverified { what: uri.to_string(), message };
        if answer["uri"] != uri.to_string().as_str() {
            return Err(wrong("the server gives another record".to_owned()));
        }
        let cid = cid::of_record(&value).map_err(|error| match error {
            Error::BadRecord(message) => Error::BadRecord(format!("{uri}: {message}")),
            error => error,
        })?;
        match answer["cid"].as_str() {
            Some(said) if said != cid.to_string() => {
                Err(wrong(format!("the server says that its CID is {said}, but it is {cid}")))
            }
            _ => Ok(Self { uri: uri.clone(), cid, value }),
        }
    }
}

/// Some records of a collection.
#[derive(Debug)]
pub struct Page {
    /// The records; one that is broken is an error in its place.
    pub records: Vec<Result<Fetched>>,
    /// Where the next page begins; it is absent on the last one.
    pub cursor: Option<String>,
}

impl Page {
    pub(super) fn read(
        mut answer: Value,
        did: &Did,
        collection: &Nsid,
    ) -> std::result::Result<Self, String> {
        let Value::Array(items) = answer["records"].take() else {
            return Err("the list has no records".to_owned());
        };
        let cursor = answer["cursor"].as_str().map(str::to_owned);
        let read = |item| of_list(item, did, collection);
        Ok(Self { records: items.into_iter().map(read).collect(), cursor })
    }
}

/// A record in a list must be one of what was asked for.
fn of_list(item: Value, did: &Did, collection: &Nsid) -> Result<Fetched> {
    let uri = AtUri::parse(item["uri"].as_str().unwrap_or_default())?;
    if uri.did() != Some(did) || uri.collection() != collection {
        let message = format!("it came in a list of {collection} of {did}");
        return Err(Error::Unverified { what: uri.to_string(), message });
    }
    Fetched::read(item, &uri)
}
