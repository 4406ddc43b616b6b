//! A session at work: records and blobs of one's own repository.

mod blobs;
mod limits;
mod login;
mod records;
mod write;

pub use blobs::{BlobBody, BlobRef};
pub use limits::Limits;
pub use records::MOST_WRITES;
pub use write::{Commit, Swap, Write, Written};

use crate::credentials::Credentials;
use crate::error::Result;
use crate::network::Network;
use crate::repo::Repo;
use crate::syntax::{Did, Handle};
use crate::xrpc::Xrpc;
use std::sync::{Arc, Mutex};

/// Somebody who is logged in. Threads may share it, and a forked process goes on with it.
///
/// ```no_run
/// use atdata_atproto::config::NetworkConfig;
/// use atdata_atproto::{Client, Network, Nsid};
/// let network = Network::new(NetworkConfig::default())?;
/// let client = Client::login(network, "alice.example.com", "abcd-efgh-ijkl-mnop", None)?;
/// let collection = Nsid::parse("com.example.note")?;
/// let record = serde_json::json!({"$type": "com.example.note", "text": "hello"});
/// let written = client.create(&collection, None, record)?;
/// client.delete(&written.uri, Default::default())?;
/// # Ok::<(), atdata_atproto::Error>(())
/// ```
#[derive(Debug)]
pub struct Client {
    network: Arc<Network>,
    credentials: Arc<dyn Credentials>,
    limits: Mutex<Option<Limits>>,
    validate: Validate,
}

/// Whether the server checks records against the lexicons that it knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Validate {
    /// It does not.
    #[default]
    No,
    /// Those it knows; others go through.
    Known,
    /// All; what it does not know is refused.
    Yes,
}

impl Client {
    /// Whoever these credentials are of.
    #[must_use]
    pub fn with(network: Arc<Network>, credentials: Arc<dyn Credentials>) -> Self {
        Self { network, credentials, limits: Mutex::default(), validate: Validate::default() }
    }

    /// The same, with records checked by the server.
    #[must_use]
    pub fn validating(self, validate: Validate) -> Self {
        Self { validate, ..self }
    }

    /// The session as JSON, for [`restore`](Self::restore). It is secret.
    ///
    /// # Errors
    /// What is not exportable.
    pub fn export(&self) -> Result<String> {
        self.credentials.export()
    }

    /// Sees that the session has not ended, and renews it where it expired.
    ///
    /// # Errors
    /// [`Error::Denied`](crate::Error::Denied) for one that ended.
    pub fn check(&self) -> Result<()> {
        self.xrpc().query("com.atproto.server.getSession", &[]).map(|_| ())
    }

    /// Ends the session at the server. A session that ended already is no error.
    ///
    /// # Errors
    /// As the server.
    pub fn logout(&self) -> Result<()> {
        self.credentials.end()
    }

    /// Whose session it is.
    #[must_use]
    pub fn did(&self) -> &Did {
        self.credentials.did()
    }

    /// The account's handle, if it has one that belongs to it.
    #[must_use]
    pub fn handle(&self) -> Option<Handle> {
        self.network.identity(self.did().as_str()).ok()?.handle
    }

    /// The network that the account is in.
    #[must_use]
    pub const fn network(&self) -> &Arc<Network> {
        &self.network
    }

    /// What authorizes the requests.
    #[must_use]
    pub const fn credentials(&self) -> &Arc<dyn Credentials> {
        &self.credentials
    }

    /// The account's repository, as everybody sees it.
    ///
    /// # Errors
    /// As [`Network::identity`].
    pub fn repo(&self) -> Result<Repo> {
        self.network.repo(self.did().as_str())
    }

    /// The account's server, asked by the account.
    #[must_use]
    pub fn xrpc(&self) -> Xrpc {
        self.network.xrpc(self.credentials.service()).with(Arc::clone(&self.credentials))
    }
}
