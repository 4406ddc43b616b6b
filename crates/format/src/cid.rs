//! Content identifiers: `CIDv1` with SHA-256, in base32, of DAG-CBOR values and of raw bytes.

use std::fmt;
use std::str::FromStr;

use ipld_core::cid::Cid as RawCid;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::{Error, Kind, Result};
use crate::key::quote;

const DAG_CBOR: u8 = 0x71;
const RAW: u8 = 0x55;
const SHA2_256: u8 = 0x12;

/// `b` and 36 bytes in base32.
const TEXT_LEN: usize = 59;

/// A content identifier: what some bytes are, said by their hash.
///
/// ```
/// use atdata_format::cid::{Cid, blob_cid};
/// let cid = blob_cid(b"hello");
/// assert!(cid.to_string().starts_with("bafkrei"));
/// let cid: Cid = cid.to_string().parse()?;
/// assert!(cid.verify(b"hello").is_ok());
/// assert!(cid.verify(b"hullo").is_err());
/// # Ok::<(), atdata_format::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cid {
    codec: u8,
    sha256: [u8; 32],
}

impl Cid {
    fn new(codec: u8, bytes: &[u8]) -> Self {
        Self { codec, sha256: Sha256::digest(bytes).into() }
    }

    /// Reads the 59 characters of a `CIDv1` with SHA-256 in lower-case base32, of DAG-CBOR or raw bytes.
    ///
    /// # Errors
    /// [`Kind::BadCid`] for every other text, CIDs of other kinds included.
    pub fn parse(text: &str) -> Result<Self> {
        let unknown = || bad(format!("{} is not a CIDv1 with SHA-256 in base32", quote(text)));
        if text.len() != TEXT_LEN || !text.starts_with('b') {
            return Err(unknown());
        }
        let cid = RawCid::try_from(text).map_err(|_| unknown())?;
        let cid = Self::from_bytes(&cid.to_bytes()).ok_or_else(unknown)?;
        // A second spelling of the same identifier would break look-ups by text.
        if cid.to_string() == text { Ok(cid) } else { Err(unknown()) }
    }

    /// The 36 bytes of the binary form: version, codec, hash function, its length, the hash.
    fn to_bytes(self) -> Vec<u8> {
        [&[1, self.codec, SHA2_256, 32][..], &self.sha256].concat()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [1, codec @ (DAG_CBOR | RAW), SHA2_256, 32, hash @ ..] => {
                Some(Self { codec: *codec, sha256: hash.try_into().ok()? })
            }
            _ => None,
        }
    }

    /// Whether it is the identifier of raw bytes (a blob) rather than of a DAG-CBOR value.
    #[must_use]
    pub fn is_raw(&self) -> bool {
        self.codec == RAW
    }

    /// The SHA-256 in it.
    #[must_use]
    pub fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }

    /// Checks that it is the identifier of these bytes: a blob's own, or a value's DAG-CBOR.
    ///
    /// # Errors
    /// [`Kind::BadCid`] with both identifiers.
    pub fn verify(&self, bytes: &[u8]) -> Result<()> {
        let found = Self::new(self.codec, bytes);
        if found == *self {
            return Ok(());
        }
        Err(bad(format!("{} bytes have the CID {found}, expected {self}", bytes.len())))
    }
}

impl FromStr for Cid {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl fmt::Display for Cid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Always 36 valid bytes, so this does not fail.
        let cid = RawCid::try_from(self.to_bytes()).map_err(|_| fmt::Error)?;
        fmt::Display::fmt(&cid, f)
    }
}

impl fmt::Debug for Cid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cid({self})")
    }
}

fn bad(message: String) -> Error {
    Error::new(Kind::BadCid, message)
}

/// The identifier of a value: of its canonical DAG-CBOR.
///
/// # Errors
/// [`Kind::BadCid`] if the value has no DAG-CBOR: floats that are not finite, integers over 64 bits,
/// map keys that are not text.
///
/// ```
/// let cid = atdata_format::cid::cid_of(&serde_json::json!({"a": 1}))?;
/// assert_eq!(cid.to_string(), "bafyreihltcnuuyqp2jm24aqydpnlj7b6w3ogwrplomrjtg5rifv44mmjey");
/// # Ok::<(), atdata_format::Error>(())
/// ```
pub fn cid_of<T: Serialize + ?Sized>(value: &T) -> Result<Cid> {
    let bytes = serde_ipld_dagcbor::to_vec(value)
        .map_err(|error| bad(format!("the value has no DAG-CBOR: {error}")))?;
    Ok(Cid::new(DAG_CBOR, &bytes))
}

/// The identifier of a blob: of its bytes as they are.
#[must_use]
pub fn blob_cid(bytes: &[u8]) -> Cid {
    Cid::new(RAW, bytes)
}

/// The identifier of a blob whose SHA-256 is known, such as of a shard hashed while it was written.
#[must_use]
pub fn blob_cid_of_sha256(sha256: [u8; 32]) -> Cid {
    Cid { codec: RAW, sha256 }
}

/// The identifier of a dataset entry: of its schema and its shards' URLs in order. Its name and
/// metadata are not part of it.
///
/// # Errors
/// None in practice: text always has DAG-CBOR.
pub fn entry_cid<U: AsRef<str>>(schema_ref: &str, data_urls: &[U]) -> Result<Cid> {
    #[derive(Serialize)]
    struct Entry<'a> {
        data_urls: Vec<&'a str>,
        schema_ref: &'a str,
    }
    let data_urls = data_urls.iter().map(AsRef::as_ref).collect();
    cid_of(&Entry { data_urls, schema_ref })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ipld_core::ipld::Ipld;
    use proptest::prelude::*;
    use serde_json::Value;

    const VECTORS: &str =
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/cids.json"));

    /// `{"$bytes_hex": "0001"}` marks bytes.
    fn ipld(value: &Value) -> Ipld {
        match value {
            Value::Object(map) => match map.get("$bytes_hex").and_then(Value::as_str) {
                Some(hex) => Ipld::Bytes(
                    (0..hex.len())
                        .step_by(2)
                        .map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap())
                        .collect(),
                ),
                None => Ipld::Map(map.iter().map(|(k, v)| (k.clone(), ipld(v))).collect()),
            },
            Value::Array(items) => Ipld::List(items.iter().map(ipld).collect()),
            Value::Number(number) => number.as_i64().map_or_else(
                || Ipld::Float(number.as_f64().unwrap()),
                |int| Ipld::Integer(int.into()),
            ),
            Value::String(text) => Ipld::String(text.clone()),
            Value::Bool(flag) => Ipld::Bool(*flag),
            Value::Null => Ipld::Null,
        }
    }

    #[test]
    fn vectors_of_the_original() {
        let vectors: Value = serde_json::from_str(VECTORS).unwrap();
        for vector in vectors.as_array().unwrap() {
            let (data, expected) = (&vector["data"], vector["cid"].as_str().unwrap());
            assert_eq!(cid_of(&ipld(data)).unwrap().to_string(), expected);
            let Some(urls) = data.get("data_urls").and_then(Value::as_array) else { continue };
            let urls: Vec<&str> = urls.iter().map(|url| url.as_str().unwrap()).collect();
            let cid = entry_cid(data["schema_ref"].as_str().unwrap(), &urls).unwrap();
            assert_eq!(cid.to_string(), expected);
            assert_eq!(Cid::parse(expected).unwrap(), cid);
        }
    }

    #[test]
    fn order_and_content_count() {
        let cid = |urls: &[&str]| entry_cid("s", urls).unwrap();
        assert_ne!(cid(&["a", "b"]), cid(&["b", "a"]));
        assert_ne!(cid(&["ab"]), cid(&["a", "b"]));
        let sum = Sha256::digest(b"x").into();
        assert_eq!(blob_cid_of_sha256(sum), blob_cid(b"x"));
        assert!(blob_cid(b"x").is_raw() && !cid(&[]).is_raw());
        assert!(cid_of(&f64::NAN).is_err());
    }

    #[test]
    fn other_texts_are_refused() {
        let good = blob_cid(b"").to_string();
        let long = good.repeat(100_000);
        let last = format!("{}b", &good[..58]);
        for bad in [
            "",
            "b",
            "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKPbdG",
            &good.to_uppercase(),
            &good[..58],
            &long,
            &last,
            &good.replace('b', "1"),
            &"é".repeat(30),
            &"b".repeat(59),
        ] {
            assert_eq!(Cid::parse(bad).unwrap_err().kind(), Kind::BadCid, "{bad:.80}");
        }
    }

    proptest! {
        #[test]
        fn texts_come_back(bytes in prop::collection::vec(any::<u8>(), 0..50), text in "b[a-z2-7]{58}") {
            let cid = blob_cid(&bytes);
            prop_assert_eq!(Cid::parse(&cid.to_string()).unwrap(), cid);
            prop_assert!(cid.verify(&bytes).is_ok());
            if let Ok(cid) = Cid::parse(&text) {
                prop_assert_eq!(cid.to_string(), text);
            }
        }
    }
}
