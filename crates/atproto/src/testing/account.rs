//! An account: who it is, and what it has.

use super::blobs::Blobs;
use super::call::{Call, Checked, Refusal};
use super::network::State;
use super::repository::Repository;
use super::sessions::Sessions;
use crate::syntax::{Did, Handle};
use multibase::Base;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(super) struct Account {
    pub(super) did: Did,
    pub(super) handle: Handle,
    /// The address of its PDS.
    pub(super) server: String,
    pub(super) sessions: Sessions,
    pub(super) repository: Repository,
    pub(super) blobs: Blobs,
}

impl Account {
    pub(super) fn new(handle: Handle, password: &str, server: &str) -> Self {
        let (did, repository) = Repository::create(|key| new_did(&handle, key));
        let sessions = Sessions::new(&did, password, &service_did(server));
        let server = server.to_owned();
        Self { did, handle, server, sessions, repository, blobs: Blobs::default() }
    }

    pub(super) fn is_called(&self, name: &str) -> bool {
        self.did.as_str() == name || self.handle.as_str() == name.to_ascii_lowercase()
    }

    /// The DID document, in the directory's present form.
    pub(super) fn document(&self) -> Value {
        let did = self.did.as_str();
        json!({
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
            "id": did,
            "alsoKnownAs": [format!("at://{}", self.handle)],
            "verificationMethod": [{
                "id": format!("{did}#atproto"),
                "type": "Multikey",
                "controller": did,
                "publicKeyMultibase": self.repository.key.multikey(),
            }],
            "service": [{
                "id": "#atproto_pds",
                "type": "AtprotoPersonalDataServer",
                "serviceEndpoint": self.server,
            }],
        })
    }
}

/// A did:plc is the hash of how it was made, in 24 letters and digits of base32.
fn new_did(handle: &Handle, key: &str) -> Did {
    let hash = Sha256::digest(format!("{handle} {key}"));
    let text = format!("did:plc:{}", &multibase::encode(Base::Base32Lower, hash)[1..25]);
    Did::parse(&text).unwrap_or_else(|error| unreachable!("base32 fits in a DID: {error}"))
}

/// `https://pds.test:99` is `did:web:pds.test%3A99`.
pub(super) fn service_did(server: &str) -> String {
    let host = server.split_once("://").map_or(server, |(_, host)| host);
    format!("did:web:{}", host.replace(':', "%3A"))
}

impl State {
    /// Whose the access token is.
    pub(super) fn authorized(&mut self, call: &Call) -> Checked<&mut Account> {
        let token = call.token()?;
        let here = self.accounts.iter_mut().filter(|account| account.server == call.origin);
        for account in here {
            if account.sessions.is_access(token)? {
                return Ok(account);
            }
        }
        Err(Refusal::new(400, "InvalidToken", "Token could not be verified"))
    }

    /// The owner of a repository, who must be the one that asks.
    pub(super) fn owner(&mut self, call: &Call, repository: &str) -> Checked<&mut Account> {
        let account = self.authorized(call)?;
        let foreign = || Refusal::new(403, "AccountNotFound", "Account not found");
        Some(account).filter(|account| account.is_called(repository)).ok_or_else(foreign)
    }

    /// A repository on the server that was asked, by its owner's name.
    pub(super) fn repository(&self, call: &Call, name: &str) -> Checked<&Account> {
        let found = self.find(name).filter(|account| account.server == call.origin);
        found.ok_or_else(|| Refusal::invalid(format!("Could not find repo: {name}")))
    }

    /// The same by its DID, as methods of `com.atproto.sync` want it.
    pub(super) fn synced(&self, call: &Call) -> Checked<&Account> {
        let did = call.param("did")?;
        let unknown =
            || Refusal::new(400, "RepoNotFound", format!("Could not find repo for DID: {did}"));
        self.repository(call, did).map_err(|_| unknown())
    }
}
