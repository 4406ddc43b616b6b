//! Logging in with a browser: OAuth for programs on the user's own machine.
//!
//! The program has no secret of its own. It proves itself by a key made for the session (`DPoP`), with
//! which each request is signed, so that a token is worth nothing without the key. The password is
//! given to the account's own server only, and the session may do what its scopes say, and no more.

mod dpop;
mod loopback;
mod metadata;
mod par;
mod session;
mod tokens;

pub use session::OAuthSession;

use crate::error::{Error, Result};
use crate::network::Network;
use crate::syntax::Did;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dpop::Key;
use loopback::Listener;
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokens::Endpoint;

/// A login that waits for the user, who has a page to open.
pub struct Pending {
    network: Arc<Network>,
    endpoint: Arc<Endpoint>,
    listener: Listener,
    authorize_url: String,
    verifier: String,
    state: String,
    expected: Option<Did>,
}

/// Begins a login at a PDS, `https://host`. One that is private must be allowed before, by the
/// configuration or, where the user named it, by [`Network::allow`].
///
/// `scopes` are what the session may do, such as `repo:com.example.note` or `blob:*/*`; `atproto`, which
/// is always needed, is added. `login_hint` is a handle or DID that the page shows as filled in.
///
/// The caller opens [`Pending::authorize_url`] in a browser, or prints it, and then waits:
///
/// ```no_run
/// use atdata_atproto::{Client, Network, config::NetworkConfig, oauth};
/// use std::{sync::Arc, time::Duration};
/// let network = Network::new(NetworkConfig::default())?;
/// let alice = network.identity("alice.example.com")?;
/// let scopes = ["repo:com.example.note"];
/// let pending = oauth::begin(&network, &alice.pds, &scopes, Some("alice.example.com"))?;
/// println!("open {}", pending.authorize_url());
/// let session = pending.expect(alice.did).wait(Duration::from_secs(300))?;
/// let client = Client::with(network, Arc::new(session));
/// # Ok::<(), atdata_atproto::Error>(())
/// ```
///
/// # Errors
/// [`Error::BadAnswer`] if the server has no OAuth that is fit for this; [`Error::Refused`] if it does
/// not know a scope.
pub fn begin(
    network: &Arc<Network>,
    pds: &str,
    scopes: &[&str],
    login_hint: Option<&str>,
) -> Result<Pending> {
    let server = metadata::discover(network, pds)?;
    let listener = Listener::start()?;
    let client_id = par::client_id(&scope_of(scopes));
    let endpoint = Arc::new(Endpoint::new(network, server, client_id, Key::generate()));
    let (state, verifier) = (random_text(), random_text());
    let request = par::Request {
        scope: &scope_of(scopes),
        redirect_uri: listener.address(),
        challenge: &hash_text(&verifier),
        state: &state,
        login_hint,
    };
    let authorize_url = par::push(&endpoint, &request)?;
    let network = Arc::clone(network);
    Ok(Pending { network, endpoint, listener, authorize_url, verifier, state, expected: None })
}

fn scope_of(scopes: &[&str]) -> String {
    let others = scopes.iter().filter(|scope| **scope != "atproto");
    std::iter::once(&"atproto").chain(others).copied().collect::<Vec<_>>().join(" ")
}

impl Pending {
    /// The page to open in a browser. It is good for some minutes, and for one login.
    #[must_use]
    pub fn authorize_url(&self) -> &str {
        &self.authorize_url
    }

    /// Has the login fail if it is not as this account.
    #[must_use]
    pub fn expect(self, did: Did) -> Self {
        Self { expected: Some(did), ..self }
    }

    /// Waits until the user has logged in.
    ///
    /// # Errors
    /// [`Error::Denied`] if the user refuses, or does nothing for so long;
    /// [`Error::BadIdentity`] if it is another account than expected, or one of another server.
    pub fn wait(self, timeout: Duration) -> Result<OAuthSession> {
        self.poll(timeout)?.ok_or_else(|| Error::Denied {
            address: self.endpoint.server.issuer.clone(),
            message: format!(
                "nobody logged in within {} s; begin the login again",
                timeout.as_secs()
            ),
        })
    }

    /// Waits for a while: for callers that have to look after something else in between. `None` if
    /// the user is not there yet.
    ///
    /// # Errors
    /// As [`wait`](Self::wait). The login is over then, and over when there is a session.
    pub fn poll(&self, patience: Duration) -> Result<Option<OAuthSession>> {
        let issuer = &self.endpoint.server.issuer;
        let Some(code) = self.listener.wait(&self.state, issuer, patience)? else {
            return Ok(None);
        };
        // The code can be used once.
        let exchange = || self.endpoint.exchange(&code, self.listener.address(), &self.verifier);
        let granted = atdata_waiting::undisturbed(exchange)?;
        match self.server_of(&granted.sub) {
            Ok(service) => {
                Ok(Some(OAuthSession::new(service, Arc::clone(&self.endpoint), granted)))
            }
            Err(error) => {
                // Nobody shall have a session that nobody wanted.
                let _ = self.endpoint.revoke(&granted.refresh);
                Err(error)
            }
        }
    }

    /// The PDS of the account that logged in. Any server can say that a token is of any account, so
    /// the account's own PDS must name this server.
    fn server_of(&self, did: &Did) -> Result<String> {
        if let Some(expected) = self.expected.as_ref().filter(|expected| *expected != did) {
            return Err(Error::BadIdentity(format!(
                "the login in the browser was as {did}, not as {expected}; log in as that account"
            )));
        }
        self.network.forget(did);
        let identity = self.network.identity(did.as_str())?;
        let issuer = &self.endpoint.server.issuer;
        let named = metadata::discover(&self.network, &identity.pds)?.issuer;
        if named == *issuer {
            return Ok(identity.pds);
        }
        Err(Error::BadIdentity(format!(
            "{issuer} gave a session of {did}, whose server {} lets {named} do that",
            identity.pds
        )))
    }
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending")
            .field("issuer", &self.endpoint.server.issuer)
            .finish_non_exhaustive()
    }
}

/// 256 random bits.
fn random_text() -> String {
    let mut bytes = [0; 32];
    let filled = getrandom::fill(&mut bytes);
    assert!(filled.is_ok(), "the operating system has no random numbers");
    URL_SAFE_NO_PAD.encode(bytes)
}

fn hash_text(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}
