//! Who answers a request: a PDS, the directory, the resolver, or a handle's own address.

use super::account::Account;
use super::call::{Answer, Call, Refusal, Reply};
use super::{PLC, RESOLVER, blobs, records, sessions, sync};
use crate::error::{Error, Result};
use crate::syntax::Did;
use crate::transport::{Method, Request, Response, Transport};
use serde_json::json;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a PDS takes if nobody says otherwise.
const BLOB_LIMIT: u64 = 5 << 20;

#[derive(Default)]
pub(super) struct Network(Mutex<State>);

pub(super) struct State {
    pub(super) accounts: Vec<Account>,
    pub(super) blob_limit: u64,
    /// The statuses of the next answers.
    pub(super) failures: VecDeque<u16>,
}

impl Default for State {
    fn default() -> Self {
        Self { accounts: Vec::new(), blob_limit: BLOB_LIMIT, failures: VecDeque::new() }
    }
}

impl Network {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network").finish_non_exhaustive()
    }
}

impl Transport for Network {
    fn send(&self, request: &Request) -> Result<Response> {
        let call = Call::read(request)?;
        let mut state = self.state();
        let answer = match state.failures.pop_front() {
            Some(status) => Err(Refusal::on_purpose(status)),
            None => state.answer(&call)?,
        };
        Ok(answer.unwrap_or_else(|refusal: Refusal| refusal.reply()).response(request.cap))
    }
}

impl State {
    pub(super) fn add(&mut self, account: Account) -> Result<Did> {
        if self.find(account.handle.as_str()).is_some() {
            return Err(Error::Conflict(format!("there is an account {} already", account.handle)));
        }
        let did = account.did.clone();
        self.accounts.push(account);
        Ok(did)
    }

    pub(super) fn by_did(&mut self, did: &str) -> Option<&mut Account> {
        self.accounts.iter_mut().find(|account| account.did.as_str() == did)
    }

    /// An account by its DID or handle.
    pub(super) fn find(&self, name: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.is_called(name))
    }

    /// What there is at an address; an error where nobody listens.
    fn answer(&mut self, call: &Call) -> Result<Answer> {
        let is_server = self.accounts.iter().any(|account| account.server == call.origin);
        let method = call.path.strip_prefix("/xrpc/");
        match (call.origin.as_str(), method) {
            (PLC, _) => Ok(self.document(call.path.trim_start_matches('/'))),
            (RESOLVER, Some("com.atproto.identity.resolveHandle")) => Ok(self.resolve(call)),
            (RESOLVER, _) => Ok(Err(Refusal::unknown_method(&call.path))),
            (_, Some(method)) if is_server => Ok(self.method(method, call)),
            _ if is_server => Ok(Err(Refusal::new(404, "NotFound", "Not found"))),
            _ => self.well_known(call),
        }
    }

    fn document(&self, did: &str) -> Answer {
        let unknown = || Refusal::new(404, "NotFound", format!("DID not registered: {did}"));
        let account = self.accounts.iter().find(|account| account.did.as_str() == did);
        Ok(Reply::Json(account.ok_or_else(unknown)?.document()))
    }

    fn resolve(&self, call: &Call) -> Answer {
        let handle = call.param("handle")?;
        let account = self.accounts.iter().find(|account| account.handle.as_str() == handle);
        let unknown = || Refusal::new(400, "HandleNotFound", "Unable to resolve handle");
        Ok(Reply::Json(json!({"did": account.ok_or_else(unknown)?.did.as_str()})))
    }

    fn well_known(&self, call: &Call) -> Result<Answer> {
        let owner = |account: &&Account| call.origin == format!("https://{}", account.handle);
        match self.accounts.iter().find(owner) {
            Some(account) if call.path == "/.well-known/atproto-did" => {
                Ok(Ok(Reply::bytes("text/plain", account.did.as_str().as_bytes())))
            }
            Some(_) => Ok(Err(Refusal::new(404, "NotFound", "Not found"))),
            None => Err(Error::Unreachable {
                address: call.origin.clone(),
                message: "nobody listens there in this network in memory".to_owned(),
            }),
        }
    }

    fn method(&mut self, method: &str, call: &Call) -> Answer {
        match (call.method, method) {
            (Method::Get, "com.atproto.identity.resolveHandle") => self.resolve(call),
            (Method::Get, "com.atproto.server.describeServer") => Ok(self.describe(&call.origin)),
            (Method::Post, "com.atproto.server.createSession") => sessions::create(self, call),
            (Method::Get, "com.atproto.server.getSession") => sessions::get(self, call),
            (Method::Post, "com.atproto.server.refreshSession") => sessions::refresh(self, call),
            (Method::Post, "com.atproto.server.deleteSession") => sessions::delete(self, call),
            (Method::Post, "com.atproto.repo.createRecord") => records::create(self, call),
            (Method::Post, "com.atproto.repo.putRecord") => records::put(self, call),
            (Method::Post, "com.atproto.repo.deleteRecord") => records::delete(self, call),
            (Method::Post, "com.atproto.repo.applyWrites") => records::apply(self, call),
            (Method::Get, "com.atproto.repo.getRecord") => records::get(self, call),
            (Method::Get, "com.atproto.repo.listRecords") => records::list(self, call),
            (Method::Get, "com.atproto.repo.describeRepo") => records::describe(self, call),
            (Method::Post, "com.atproto.repo.uploadBlob") => blobs::upload(self, call),
            (Method::Get, "com.atproto.sync.getBlob") => blobs::get(self, call),
            (Method::Get, "com.atproto.sync.listBlobs") => blobs::list(self, call),
            (Method::Get, "com.atproto.sync.getRecord") => sync::get_record(self, call),
            (Method::Get, "com.atproto.sync.getLatestCommit") => sync::latest_commit(self, call),
            _ => Err(Refusal::unknown_method(method)),
        }
    }

    fn describe(&self, origin: &str) -> Reply {
        Reply::Json(json!({
            "did": super::account::service_did(origin),
            "availableUserDomains": [".test"],
            "inviteCodeRequired": false,
            "links": {},
            "contact": {},
            "blobUploadLimit": self.blob_limit,
        }))
    }
}
