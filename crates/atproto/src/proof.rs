//! Whether a record is in its repository, as the owner's key has signed it.
//!
//! `com.atproto.sync.getRecord` answers with a CAR file: the repository's signed commit, the nodes of
//! its tree (a Merkle search tree, MST) from the root to the record, and the record. Nothing in it is
//! believed: each block must hash to its CID, the signature must be of the key in the DID document, and
//! the tree must be as the protocol says on the whole way down.

mod car;
mod commit;
mod key;
mod mst;
mod tree;

// The writer's side.
pub(crate) use car::write as write_car;
pub(crate) use commit::sign;
pub(crate) use key::SecretKey;
pub(crate) use mst::find;
pub(crate) use tree::{Blocks, build as build_tree};

use crate::error::{Error, Result};
use crate::syntax::{AtUri, Did, Nsid, RecordKey, Tid};
use crate::{cid, value};
use car::Car;
use cid::Cid;
use commit::Commit;
use key::PublicKey;
use serde_json::Value;

/// What is wrong, in words; the caller says of what.
type Checked<T> = std::result::Result<T, String>;

/// A record that its repository's signed commit holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedRecord {
    /// The record's CID.
    pub cid: Cid,
    /// The record in its JSON form.
    pub value: Value,
    /// The repository's revision; a later one is greater.
    pub rev: Tid,
    /// The commit's CID.
    pub commit_cid: Cid,
}

/// Verifies the answer of `com.atproto.sync.getRecord` for a record of `did`.
///
/// `signing_key` is the `publicKeyMultibase` of `#atproto` in the DID document: a Multikey, or an
/// uncompressed key as older documents have it; of secp256k1 or P-256.
///
/// # Errors
/// [`Error::NotFound`] if the commit is good, and the record is not in it.
/// [`Error::Unverified`] for everything else, with what is wrong.
pub fn verify_record(
    car: &[u8],
    did: &Did,
    signing_key: &str,
    collection: &Nsid,
    rkey: &RecordKey,
) -> Result<VerifiedRecord> {
    let uri = AtUri::new(did.clone(), collection.clone(), rkey.clone());
    let unverified = |message| Error::Unverified { what: uri.to_string(), message };
    let (car, commit) = signed_commit(car, did, signing_key).map_err(unverified)?;
    let path = format!("{collection}/{rkey}");
    let found = find(&commit.data, &path, &mut |cid| car.block(cid)).map_err(unverified)?;
    let cid = found.ok_or_else(|| {
        Error::NotFound(format!("{uri} is not in the repository at revision {}", commit.rev))
    })?;
    let value = record(&car, &cid).map_err(unverified)?;
    Ok(VerifiedRecord { cid, value, rev: commit.rev, commit_cid: car.root })
}

fn signed_commit<'a>(bytes: &'a [u8], did: &Did, key: &str) -> Checked<(Car<'a>, Commit)> {
    let key = PublicKey::parse(key)?;
    let car = Car::parse(bytes)?;
    let commit = Commit::verify(car.block(&car.root)?, did, &key)?;
    Ok((car, commit))
}

/// The record in a block. A second spelling of the same values is refused: in JSON, a text key
/// `$link` could pass for a link.
fn record(car: &Car<'_>, cid: &Cid) -> Checked<Value> {
    let block = car.block(cid)?;
    let record = value::from_cbor(block).map_err(|error| error.to_string())?;
    match value::to_cbor(&record) {
        Ok(bytes) if bytes == block => Ok(record),
        _ => Err(format!("the record {cid} is not in the one form that DAG-CBOR has for it")),
    }
}
