//! Whose name belongs to which account, and where that lives.

mod cache;
mod dns;
mod document;
mod handle;

pub(crate) use cache::Cache;

use crate::error::{Error, Result};
use crate::network::Network;
use crate::syntax::{Did, Handle};
use serde_json::Value;

/// An account: its DID, its verified handle, its server and its key.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    /// The name that never changes.
    pub did: Did,
    /// The handle, if it belongs to the DID as the DID says it does.
    pub handle: Option<Handle>,
    /// The server that holds the repository: `https://host`.
    pub pds: String,
    /// The key that signs the repository's commits, as a multibase Multikey.
    pub signing_key: Option<String>,
    /// The DID document.
    pub document: Value,
}

/// What an account is asked for by.
pub(crate) enum Who {
    Did(Did),
    Handle(Handle),
}

impl Who {
    /// A DID, or a handle with or without `@`.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        if text.starts_with("did:") {
            return Did::parse(text).map(Self::Did);
        }
        Handle::parse(text.strip_prefix('@').unwrap_or(text)).map(Self::Handle)
    }

    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Did(did) => did.as_str(),
            Self::Handle(handle) => handle.as_str(),
        }
    }
}

/// Finds an account.
pub(crate) fn resolve(network: &Network, who: &Who) -> Result<Identity> {
    match who {
        Who::Did(did) => of_did(network, did),
        Who::Handle(handle) => of_handle(network, handle),
    }
}

/// A handle must name a DID whose document names the handle.
fn of_handle(network: &Network, handle: &Handle) -> Result<Identity> {
    let did = handle::did_of(network, handle)?;
    let document = document::fetch(network, &did)?;
    let identity = document::read(&did, document)?;
    match document::handle_in(&identity.document) {
        Some(found) if found == *handle => Ok(Identity { handle: Some(found), ..identity }),
        found => {
            let found = found.map_or_else(|| "no handle".to_owned(), |found| format!("@{found}"));
            Err(Error::BadIdentity(format!(
                "@{handle} says that it is {did}, but the document of {did} says that its handle \
                 is {found}: the two do not belong together"
            )))
        }
    }
}

/// A DID is itself; the handle in its document is given if it points back.
fn of_did(network: &Network, did: &Did) -> Result<Identity> {
    let identity = document::read(did, document::fetch(network, did)?)?;
    let claimed = document::handle_in(&identity.document);
    let points_back =
        |handle: &Handle| handle::did_of(network, handle).is_ok_and(|found| found == *did);
    Ok(Identity { handle: claimed.filter(points_back), ..identity })
}
