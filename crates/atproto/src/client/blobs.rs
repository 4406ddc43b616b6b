//! Blobs go up as streams, hashed on the way where their CID is not known.

use super::Client;
use crate::cid::{self, BlobHasher, Cid};
use crate::error::{Error, Result};
use crate::transport::{Body, Open};
use crate::value;
use serde_json::{Value, json};
use std::fmt;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

/// What is uploaded: so many bytes of a kind, from a reader that can be opened again.
#[derive(Clone)]
pub struct BlobBody {
    /// How many bytes.
    pub length: u64,
    /// Opens the reader; once for each try.
    pub open: Arc<Open>,
    /// What they are, such as `application/x-tar`.
    pub mime: String,
    /// Its CID where that is known: then nothing is hashed on the way.
    pub cid: Option<Cid>,
}

impl fmt::Debug for BlobBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlobBody").field("length", &self.length).finish_non_exhaustive()
    }
}

impl BlobBody {
    /// Bytes at hand.
    pub fn bytes(bytes: impl Into<bytes::Bytes>, mime: &str) -> Self {
        let bytes: bytes::Bytes = bytes.into();
        let length = bytes.len() as u64;
        let open = move || Ok(Box::new(io::Cursor::new(bytes.clone())) as Box<dyn Read + Send>);
        Self { length, open: Arc::new(open), mime: mime.to_owned(), cid: None }
    }
}

/// A blob as a record refers to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobRef {
    /// What it is.
    pub cid: Cid,
    /// What kind of bytes.
    pub mime: String,
    /// How many; 0 where an old record does not say it.
    pub size: u64,
}

impl BlobRef {
    /// As it stands in a record.
    #[must_use]
    pub fn to_value(&self) -> Value {
        json!({
            "$type": "blob",
            "ref": value::link(&self.cid),
            "mimeType": self.mime,
            "size": self.size,
        })
    }

    /// From a record; the form of old records too, which have a CID's text and no size.
    ///
    /// # Errors
    /// [`Error::BadRecord`] for what is no blob.
    pub fn from_value(value: &Value) -> Result<Self> {
        let wrong = || Error::BadRecord("this is not a reference to a blob".to_owned());
        let mime = value["mimeType"].as_str().ok_or_else(wrong)?.to_owned();
        let (cid, size) = if value["$type"] == "blob" {
            (value::as_link(&value["ref"]), value["size"].as_u64())
        } else {
            (value["cid"].as_str().and_then(|cid| cid::parse(cid).ok()), Some(0))
        };
        let (cid, size) = cid.zip(size).ok_or_else(wrong)?;
        cid::check_blob(&cid).map_err(|_| wrong())?;
        Ok(Self { cid, mime, size })
    }
}

impl Client {
    /// Uploads a blob. The server keeps it only if a record refers to it soon.
    ///
    /// # Errors
    /// [`Error::TooLarge`], also before anything is sent; [`Error::Unverified`] when the server
    /// names another CID than that of what was sent; [`Error::Io`] when the reader fails.
    pub fn upload(&self, body: BlobBody) -> Result<BlobRef> {
        let BlobBody { length, open, mime, cid } = body;
        check_mime(&mime)?;
        let limit = Some(self.limits()?.blob_bytes);
        let what = || "the blob".to_owned();
        let too_large = |address| Error::TooLarge { what: what(), bytes: length, address, limit };
        if Some(length) > limit {
            return Err(too_large(self.credentials.service().to_owned()));
        }
        let (stream, found) = match cid {
            Some(cid) => (Body::Stream { length, open }, Arc::new(Mutex::new(Some(cid)))),
            None => hashed(length, open),
        };
        let request = self.xrpc().post("com.atproto.repo.uploadBlob", stream);
        let mut request = request.header("content-type", mime);
        // The same bytes are the same blob, however often they are sent.
        request.repeatable = true;
        let answer = match self.xrpc().send(&request) {
            Err(Error::TooLarge { address, .. }) => return Err(too_large(address)),
            answer => answer?.bytes()?,
        };
        let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
        let said = BlobRef::from_value(&answer["blob"]).map_err(|_| Error::BadAnswer {
            address: request.address().to_owned(),
            message: "it names no blob".to_owned(),
        })?;
        let cid = (*found.lock().unwrap_or_else(PoisonError::into_inner)).unwrap_or_default();
        verified(said, cid, length)
    }
}

fn verified(said: BlobRef, cid: Cid, length: u64) -> Result<BlobRef> {
    if said.cid == cid && said.size == length {
        return Ok(said);
    }
    let message = format!(
        "the server says that it stored {} with {} bytes, but it was sent {length} bytes",
        said.cid, said.size
    );
    Err(Error::Unverified { what: format!("the blob {cid}"), message })
}

/// The CID of what was sent, once it was sent.
type Found = Arc<Mutex<Option<Cid>>>;

/// The body, hashed while it is read.
fn hashed(length: u64, open: Arc<Open>) -> (Body, Found) {
    let found = Found::default();
    let shared = Arc::clone(&found);
    if length == 0 {
        *shared.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(BlobHasher::default().finish());
    }
    let open = move || {
        let (found, hasher) = (Arc::clone(&shared), BlobHasher::default());
        Ok(Box::new(Hashed { inner: open()?, left: length, hasher, found }) as Box<dyn Read + Send>)
    };
    (Body::Stream { length, open: Arc::new(open) }, found)
}

struct Hashed {
    inner: Box<dyn Read + Send>,
    left: u64,
    hasher: BlobHasher,
    found: Found,
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..count]);
        self.left = self.left.saturating_sub(count as u64);
        if self.left == 0 {
            let cid = self.hasher.clone().finish();
            *self.found.lock().unwrap_or_else(PoisonError::into_inner) = Some(cid);
        }
        Ok(count)
    }
}

/// A kind goes into a header.
fn check_mime(mime: &str) -> Result<()> {
    let word = |word: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+*".contains(&byte);
        !word.is_empty() && word.bytes().all(allowed)
    };
    let kind = mime.split(';').next().unwrap_or_default().trim();
    let plain = mime.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    match kind.split_once('/') {
        Some((a, b)) if plain && word(a) && word(b) => Ok(()),
        _ => Err(Error::Syntax(format!(
            "{mime:?} is not a kind of bytes, such as application/x-tar"
        ))),
    }
}
