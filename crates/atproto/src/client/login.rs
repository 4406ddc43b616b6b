//! Logging in, and going on with a session.

use super::Client;
use crate::credentials::Credentials;
use crate::error::{Error, Result};
use crate::network::Network;
use crate::oauth::OAuthSession;
use crate::session::PasswordSession;
use serde_json::Value;
use std::sync::Arc;

impl Client {
    /// Logs in with a password, best an app password. The server is `service` if it is named, else
    /// the account's own; of an account that is not found, that of the configuration, or for handles
    /// of `bsky.social` that.
    ///
    /// # Errors
    /// [`Error::Denied`] for a wrong password; [`Error::BadIdentity`] when the server speaks of
    /// another account than the handle names.
    pub fn login(
        network: Arc<Network>,
        identifier: &str,
        password: &str,
        service: Option<&str>,
    ) -> Result<Self> {
        let session = PasswordSession::login(&network, identifier, password, service)?;
        Ok(Self::with(network, Arc::new(session)))
    }

    /// Goes on with a session of [`export`](Self::export), of any kind.
    ///
    /// # Errors
    /// [`Error::Syntax`] for what is no session.
    pub fn restore(network: Arc<Network>, exported: &str) -> Result<Self> {
        // What is wrong with it is not said: it is secret.
        let wrong = || Error::Syntax("this is not an exported session".to_owned());
        let session: Value = serde_json::from_str(exported).map_err(|_| wrong())?;
        let credentials: Arc<dyn Credentials> = match session["kind"].as_str() {
            Some("password") => Arc::new(PasswordSession::restore(&network, exported)?),
            Some("oauth") => Arc::new(OAuthSession::restore(&network, exported)?),
            _ => return Err(wrong()),
        };
        Ok(Self::with(network, credentials))
    }
}
