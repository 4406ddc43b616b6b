//! A network of servers, and what can be asked of it by everybody.

use crate::config::NetworkConfig;
use crate::error::Result;
use crate::identity::{self, Cache, Identity, Who};
use crate::repo::Repo;
use crate::syntax::Did;
use crate::transport::patient::Patient;
use crate::transport::web::WebTransport;
use crate::transport::{Guard, Transport};
use crate::xrpc::Xrpc;
use std::sync::Arc;

/// A network: its configuration, how it is reached, and what was found out lately about accounts.
///
/// ```no_run
/// use atdata_atproto::config::NetworkConfig;
/// use atdata_atproto::Network;
/// let network = Network::new(NetworkConfig::default())?;
/// let alice = network.identity("@alice.example.com")?;
/// assert!(alice.pds.starts_with("https://"));
/// # Ok::<(), atdata_atproto::Error>(())
/// ```
#[derive(Debug)]
pub struct Network {
    config: NetworkConfig,
    guard: Guard,
    transport: Arc<dyn Transport>,
    identities: Cache,
}

impl Network {
    /// The network of a configuration, reached over HTTP.
    ///
    /// # Errors
    /// [`Error::Syntax`](crate::Error::Syntax) for addresses in the configuration that are none.
    pub fn new(config: NetworkConfig) -> Result<Arc<Self>> {
        let guard = Guard::new(&config)?;
        let web = WebTransport::new(guard.clone(), config.patience);
        Ok(Arc::new(Self::made(config, guard, Arc::new(web))))
    }

    /// The same over a transport of the caller's, under the patience of the configuration.
    ///
    /// # Errors
    /// [`Error::Syntax`](crate::Error::Syntax) for addresses in the configuration that are none.
    pub fn over(config: NetworkConfig, transport: Arc<dyn Transport>) -> Result<Arc<Self>> {
        let guard = Guard::new(&config)?;
        Ok(Arc::new(Self::made(config, guard, transport)))
    }

    fn made(config: NetworkConfig, guard: Guard, transport: Arc<dyn Transport>) -> Self {
        let transport = Arc::new(Patient::new(transport, config.patience));
        Self { config, guard, transport, identities: Cache::default() }
    }

    /// Which network this is.
    #[must_use]
    pub const fn config(&self) -> &NetworkConfig {
        &self.config
    }

    /// How it is reached: under the guard, with patience.
    #[must_use]
    pub const fn transport(&self) -> &Arc<dyn Transport> {
        &self.transport
    }

    /// What may be reached.
    #[must_use]
    pub const fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Allows the host and port of a URL that the user named, even when it is private.
    ///
    /// # Errors
    /// [`Error::Syntax`](crate::Error::Syntax) when it is no URL of a server.
    pub fn allow(&self, url: &str) -> Result<()> {
        self.guard.allow(url)
    }

    /// A service of the network, asked by nobody in particular.
    #[must_use]
    pub fn xrpc(&self, service: &str) -> Xrpc {
        Xrpc::new(Arc::clone(&self.transport), service)
    }

    /// Finds an account by its handle (with or without `@`) or its DID. A handle is checked in both
    /// directions. What was found is kept for five minutes.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) when there is none,
    /// [`Error::BadIdentity`](crate::Error::BadIdentity) when its parts contradict each other.
    pub fn identity(&self, who: &str) -> Result<Identity> {
        let who = Who::parse(who)?;
        self.identities.get(who.as_str(), || identity::resolve(self, &who))
    }

    /// Forgets what was found out about an account, which may have moved.
    pub fn forget(&self, did: &Did) {
        self.identities.forget(did);
    }

    /// The repository of an account, at the server that holds it.
    ///
    /// # Errors
    /// As [`identity`](Self::identity).
    pub fn repo(self: &Arc<Self>, who: &str) -> Result<Repo> {
        Ok(Repo::new(Arc::clone(self), self.identity(who)?))
    }
}
