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

/// Finds an account by its handle (with or without `@`) or its DID.
pub(crate) fn resolve(network: &Network, who: &str) -> Result<Identity> {
    if who.starts_with("did:") {
        return of_did(network, &Did::parse(who)?);
    }
    of_handle(network, &Handle::parse(who.strip_prefix('@').unwrap_or(who))?)
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
