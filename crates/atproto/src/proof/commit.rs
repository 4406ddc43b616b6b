//! The commit: who, which revision, which tree, and the signature of it.

use super::Checked;
use super::key::{PublicKey, SecretKey};
use super::tree::encoded;
use crate::cid::Cid;
use crate::syntax::{Did, Tid};
use ipld_core::ipld::Ipld;
use serde::Serialize;
use std::collections::BTreeMap;

const VERSION: i128 = 3;

/// A commit whose signature fits.
pub(super) struct Commit {
    pub(super) data: Cid,
    pub(super) rev: Tid,
}

impl Commit {
    pub(super) fn verify(block: &[u8], did: &Did, key: &PublicKey) -> Checked<Self> {
        let mut fields: BTreeMap<String, Ipld> = serde_ipld_dagcbor::from_slice(block)
            .map_err(|_| "the root of the CAR file is not a commit".to_owned())?;
        let Some(Ipld::Bytes(signature)) = fields.remove("sig") else {
            return Err("the commit is not signed".to_owned());
        };
        // What is signed is the commit as it was before `sig` was added.
        let signed = serde_ipld_dagcbor::to_vec(&fields).map_err(|error| error.to_string())?;
        key.verify(&signed, &signature)?;
        is_of(&fields, did)?;
        Ok(Self { data: data(&fields)?, rev: rev(&fields)? })
    }
}

fn is_of(fields: &BTreeMap<String, Ipld>, did: &Did) -> Checked<()> {
    if fields.get("version") != Some(&Ipld::Integer(VERSION)) {
        return Err(format!("the commit's version is not {VERSION}"));
    }
    match fields.get("did") {
        Some(Ipld::String(text)) if text == did.as_str() => Ok(()),
        _ => Err("the commit is of another repository".to_owned()),
    }
}

fn data(fields: &BTreeMap<String, Ipld>) -> Checked<Cid> {
    match fields.get("data") {
        Some(Ipld::Link(cid)) => Ok(*cid),
        _ => Err("the commit names no tree".to_owned()),
    }
}

fn rev(fields: &BTreeMap<String, Ipld>) -> Checked<Tid> {
    match fields.get("rev") {
        Some(Ipld::String(text)) => Tid::parse(text).map_err(|error| error.to_string()),
        _ => Err("the commit has no revision".to_owned()),
    }
}

/// A commit's fields, in the order that DAG-CBOR has for them.
#[derive(Serialize)]
struct Signed<'a> {
    did: &'a str,
    rev: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sig: Option<serde_bytes::ByteBuf>,
    data: Cid,
    prev: Option<Cid>,
    version: i64,
}

/// A commit, signed, as a block.
pub(crate) fn sign(did: &Did, rev: &Tid, data: Cid, key: &SecretKey) -> Vec<u8> {
    let (did, rev) = (did.as_str(), rev.as_str());
    let mut commit = Signed { did, rev, sig: None, data, prev: None, version: 3 };
    commit.sig = Some(key.sign(&encoded(&commit)).into());
    encoded(&commit)
}
