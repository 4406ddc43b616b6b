//! CIDs: what bytes or a record are, said by their SHA-256.

use crate::error::{Error, Result};
use crate::value;
use ipld_core::cid::multihash::Multihash;
use serde_json::Value;
use sha2::{Digest, Sha256};

pub use ipld_core::cid::Cid;

const DAG_CBOR: u64 = 0x71;
const RAW: u64 = 0x55;
const SHA2_256: u64 = 0x12;

/// The CID of a blob's bytes.
///
/// ```
/// let cid = atdata_atproto::cid::of_blob(b"hello");
/// assert_eq!(cid.to_string(), "bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq");
/// ```
#[must_use]
pub fn of_blob(bytes: &[u8]) -> Cid {
    of_hash(RAW, &Sha256::digest(bytes).into())
}

/// The CID of bytes that are DAG-CBOR.
#[must_use]
pub fn of_block(bytes: &[u8]) -> Cid {
    of_hash(DAG_CBOR, &Sha256::digest(bytes).into())
}

/// The CID of a record in its JSON form.
///
/// # Errors
/// [`Error::BadRecord`] for what cannot be in a record.
///
/// ```
/// use atdata_atproto::cid;
/// let record = serde_json::json!({"schema_ref": "", "data_urls": []});
/// let expected = "bafyreigmrfzvbhlg2v2tzguixdiadso3cu36r2s6hbsipqc2iilyz34oc4";
/// assert_eq!(cid::of_record(&record)?.to_string(), expected);
/// # Ok::<(), atdata_atproto::Error>(())
/// ```
pub fn of_record(record: &Value) -> Result<Cid> {
    Ok(of_block(&value::to_cbor(record)?))
}

/// A CID from its text.
///
/// # Errors
/// [`Error::Syntax`] for every other text, and for CIDs that are no `CIDv1` of a record or a blob with
/// SHA-256 in lower-case base32: a second spelling of one CID would break comparing by text.
pub fn parse(text: &str) -> Result<Cid> {
    let shown: String = text.chars().take(80).collect();
    let wrong = || Error::Syntax(format!("{shown:?} is not a CIDv1 with SHA-256 in base32"));
    let cid = Cid::try_from(text).map_err(|_| wrong())?;
    let known = matches!(cid.codec(), DAG_CBOR | RAW) && sha256(&cid).is_some();
    if known && cid.to_string() == text { Ok(cid) } else { Err(wrong()) }
}

/// The SHA-256 in a CID, if it has one.
#[must_use]
pub fn sha256(cid: &Cid) -> Option<[u8; 32]> {
    let hash = cid.hash();
    if hash.code() == SHA2_256 { hash.digest().try_into().ok() } else { None }
}

/// Refuses CIDs that are not those of blobs.
pub(crate) fn check_blob(cid: &Cid) -> Result<()> {
    if cid.codec() == RAW && sha256(cid).is_some() {
        return Ok(());
    }
    Err(Error::Syntax(format!("{cid} is not the CID of a blob: those are raw, with SHA-256")))
}

/// The CID of a blob whose bytes come piece by piece.
#[derive(Debug, Clone, Default)]
pub struct BlobHasher(Sha256);

impl BlobHasher {
    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The CID of all of them.
    #[must_use]
    pub fn finish(self) -> Cid {
        of_hash(RAW, &self.0.finalize().into())
    }
}

/// The CID of a blob by its SHA-256.
#[must_use]
pub fn of_blob_hash(sha256: &[u8; 32]) -> Cid {
    of_hash(RAW, sha256)
}

fn of_hash(codec: u64, sha256: &[u8; 32]) -> Cid {
    match Multihash::wrap(SHA2_256, sha256) {
        Ok(hash) => Cid::new_v1(codec, hash),
        Err(_) => unreachable!("32 bytes fit in a multihash of 64"),
    }
}
