//! A network in memory, for tests that need none: PDSs, a PLC directory, a handle resolver.
//!
//! It answers as the reference PDS does, its refusals included, with real CIDs, revisions, and commits
//! that are signed. What it leaves out: OAuth, app passwords beside the password, rate limits, the
//! firehose, other DIDs than did:plc.

mod account;
mod blobs;
mod call;
mod changes;
mod network;
mod records;
mod repository;
mod sessions;
mod sync;

use crate::cid::Cid;
use crate::config::{NetworkConfig, Patience};
use crate::error::Result;
use crate::syntax::{Did, Handle};
use crate::transport::Transport;
use account::Account;
use network::Network;
use std::sync::Arc;
use std::time::Duration;

/// The server of accounts for which none is named.
const PDS: &str = "https://pds.test";
const PLC: &str = "https://plc.test";
const RESOLVER: &str = "https://resolver.test";

/// A network in memory.
///
/// ```
/// use atdata_atproto::testing::LocalAtmosphere;
/// use atdata_atproto::{Client, Nsid};
/// let local = LocalAtmosphere::new();
/// local.account("alice.test", "password")?;
/// let alice = Client::login(local.network(), "alice.test", "password", None)?;
/// let notes = Nsid::parse("com.example.note")?;
/// let note = serde_json::json!({"$type": "com.example.note", "text": "hello"});
/// let written = alice.create(&notes, None, note.clone())?;
/// let found = local.network().repo("@alice.test")?.get(&notes, written.uri.rkey())?;
/// assert_eq!(found.value, note);
/// # Ok::<(), atdata_atproto::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct LocalAtmosphere {
    network: Arc<Network>,
}

impl LocalAtmosphere {
    /// A network without accounts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A new account on the server `https://pds.test`.
    ///
    /// # Errors
    /// [`Error::Syntax`](crate::Error::Syntax) if that is no handle,
    /// [`Error::Conflict`](crate::Error::Conflict) if somebody has it.
    pub fn account(&self, handle: &str, password: &str) -> Result<Did> {
        self.account_on(PDS, handle, password)
    }

    /// A new account on a server of its own, such as `https://other.test`.
    ///
    /// # Errors
    /// As [`account`](Self::account).
    pub fn account_on(&self, server: &str, handle: &str, password: &str) -> Result<Did> {
        let account = Account::new(Handle::parse(handle)?, password, server.trim_end_matches('/'));
        self.network.state().add(account)
    }

    /// What a network's configuration says so that it is this one.
    #[must_use]
    pub fn config(&self) -> NetworkConfig {
        let first_pause = Duration::from_millis(1);
        NetworkConfig {
            plc: PLC.to_owned(),
            resolver: Some(RESOLVER.to_owned()),
            appview: None,
            service: Some(PDS.to_owned()),
            patience: Patience { tries: 2, first_pause, ..Patience::default() },
            ..NetworkConfig::default()
        }
    }

    /// What sends requests to this network, and to no other.
    #[must_use]
    pub fn transport(&self) -> Arc<dyn Transport> {
        self.network.clone()
    }

    /// A client's view of it: what [`Client::login`](crate::Client::login) takes. It keeps what it
    /// found out about accounts; a failure is met with one more try.
    #[must_use]
    pub fn network(&self) -> Arc<crate::Network> {
        let network = crate::Network::over(self.config(), self.transport());
        network.unwrap_or_else(|error| unreachable!("these are addresses: {error}"))
    }

    /// The address of the server of accounts for which none was named.
    #[must_use]
    pub const fn pds(&self) -> &'static str {
        PDS
    }

    /// The address of the directory of did:plc documents.
    #[must_use]
    pub const fn plc(&self) -> &'static str {
        PLC
    }

    /// The address of the service that resolves handles. Handles' own web addresses answer too.
    #[must_use]
    pub const fn resolver(&self) -> &'static str {
        RESOLVER
    }

    /// Answers the next `count` requests with an HTTP status, without doing what they ask for.
    pub fn fail_next(&self, count: usize, status: u16) {
        self.network.state().failures.extend(std::iter::repeat_n(status, count));
    }

    /// Has the access tokens that were given so far expire. Refresh tokens go on.
    pub fn expire_tokens(&self, did: &Did) {
        if let Some(account) = self.network.state().by_did(did.as_str()) {
            account.sessions.expire();
        }
    }

    /// Ends all sessions of an account, and takes its password away.
    pub fn revoke(&self, did: &Did) {
        if let Some(account) = self.network.state().by_did(did.as_str()) {
            account.sessions.revoke();
        }
    }

    /// Has the servers take blobs of at most so many bytes; 5 MiB if not told.
    pub fn limit_blobs(&self, bytes: u64) {
        self.network.state().blob_limit = bytes;
    }

    /// Changes a byte of a blob that is not empty, as a server that lies would. Says whether it is there.
    pub fn corrupt_blob(&self, did: &Did, cid: &Cid) -> bool {
        let mut state = self.network.state();
        state.by_did(did.as_str()).is_some_and(|account| account.blobs.corrupt(cid))
    }
}
