//! The addresses of records.

use super::{Did, Handle, Nsid, RecordKey, not_a};
use crate::error::{Error, Result};
use std::fmt;
use std::str::FromStr;

/// The address of a record: whose repository, which collection, which key.
///
/// ```
/// use atdata_atproto::AtUri;
/// let uri = AtUri::parse("at://did:plc:abc123/ac.foundation.dataset.sampleSchema/xyz")?;
/// assert_eq!(uri.authority(), "did:plc:abc123");
/// assert_eq!(uri.collection().as_str(), "ac.foundation.dataset.sampleSchema");
/// assert_eq!(uri.rkey().as_str(), "xyz");
/// assert!(AtUri::parse("at:///../x").is_err());
/// # Ok::<(), atdata_atproto::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AtUri {
    authority: Authority,
    collection: Nsid,
    rkey: RecordKey,
}

/// Whose repository: a DID, or a handle, which may change its owner.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Authority {
    Did(Did),
    Handle(Handle),
}

impl AtUri {
    /// The address of a record in the repository of a DID.
    #[must_use]
    pub const fn new(did: Did, collection: Nsid, rkey: RecordKey) -> Self {
        Self { authority: Authority::Did(did), collection, rkey }
    }

    /// Checks a text of the form `at://authority/collection/rkey`.
    ///
    /// # Errors
    /// [`Error::Syntax`], which says what is wrong.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |why: &str| not_a("the address of a record", text, why);
        let rest =
            text.strip_prefix("at://").ok_or_else(|| wrong("it does not begin with at://"))?;
        let parts: Vec<&str> = rest.split('/').collect();
        let [authority, collection, rkey] = parts.as_slice() else {
            return Err(wrong("it is at://authority/collection/rkey"));
        };
        let inner = |error: Error| wrong(&error.to_string());
        let authority = if authority.starts_with("did:") {
            Authority::Did(Did::parse(authority).map_err(inner)?)
        } else {
            Authority::Handle(Handle::parse(authority).map_err(inner)?)
        };
        let collection = Nsid::parse(collection).map_err(inner)?;
        Ok(Self { authority, collection, rkey: RecordKey::parse(rkey).map_err(inner)? })
    }

    /// The DID or handle.
    #[must_use]
    pub fn authority(&self) -> &str {
        match &self.authority {
            Authority::Did(did) => did.as_str(),
            Authority::Handle(handle) => handle.as_str(),
        }
    }

    /// The DID, if the authority is one.
    #[must_use]
    pub const fn did(&self) -> Option<&Did> {
        match &self.authority {
            Authority::Did(did) => Some(did),
            Authority::Handle(_) => None,
        }
    }

    /// The collection.
    #[must_use]
    pub const fn collection(&self) -> &Nsid {
        &self.collection
    }

    /// The key in the collection.
    #[must_use]
    pub const fn rkey(&self) -> &RecordKey {
        &self.rkey
    }
}

impl fmt::Display for AtUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at://{}/{}/{}", self.authority(), self.collection, self.rkey)
    }
}

impl FromStr for AtUri {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}
