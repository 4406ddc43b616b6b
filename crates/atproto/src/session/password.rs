//! A session that began with a password.

use super::tokens::Tokens;
use crate::credentials::{Answer, Credentials};
use crate::error::{Error, Result};
use crate::network::Network;
use crate::syntax::Did;
use crate::transport::{Body, Request};
use crate::xrpc::Xrpc;
use atdata_waiting::PerProcess;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::{Mutex, PoisonError, RwLock};

const REFRESH: &str = "com.atproto.server.refreshSession";
const DELETE: &str = "com.atproto.server.deleteSession";

/// A session of an account with its server, begun with a password and renewed by itself.
#[derive(Debug)]
pub struct PasswordSession {
    did: Did,
    /// The account's server, asked without credentials.
    server: Xrpc,
    tokens: RwLock<Tokens>,
    /// Held by the thread that renews. Each process has its own: a fork may happen meanwhile.
    renewing: PerProcess<Mutex<()>>,
}

/// As it is exported.
#[derive(Serialize, Deserialize)]
struct Exported {
    kind: String,
    did: String,
    service: String,
    tokens: Tokens,
}

impl PasswordSession {
    pub(super) fn new(did: Did, server: Xrpc, tokens: Tokens) -> Self {
        let (tokens, renewing) = (RwLock::new(tokens), PerProcess::default());
        Self { did, server, tokens, renewing }
    }

    /// Goes on with a session that was exported. Its server may be reached even when it is private:
    /// the user gave it.
    ///
    /// # Errors
    /// [`Error::Syntax`] for what is no such session.
    pub fn restore(network: &Network, exported: &str) -> Result<Self> {
        // What is wrong with it is not said: it is secret.
        let wrong = |_| Error::Syntax("this is not an exported session".to_owned());
        let exported: Exported = serde_json::from_str(exported).map_err(wrong)?;
        network.allow(&exported.service)?;
        let did = Did::parse(&exported.did)?;
        Ok(Self::new(did, network.xrpc(&exported.service), exported.tokens))
    }

    fn tokens(&self) -> Tokens {
        self.tokens.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Renews the tokens, unless another thread has since `used` was in use.
    fn renew(&self, used: &str) -> Result<()> {
        let renewing = self.renewing.get(|| Ok(Mutex::default()))?;
        let _one = renewing.lock().unwrap_or_else(PoisonError::into_inner);
        let tokens = self.tokens();
        if tokens.access != used {
            return Ok(());
        }
        let answer = self.with_refresh_token(REFRESH, &tokens).map_err(ended)?;
        let new = Tokens::read(self.server.service(), &answer)?;
        *self.tokens.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    fn with_refresh_token(&self, method: &str, tokens: &Tokens) -> Result<Value> {
        let request = self.server.post(method, Body::Empty);
        let mut request = request.header("authorization", bearer(&tokens.refresh));
        // A server gives the same answer again for a while, because answers can be lost.
        request.repeatable = true;
        let answer = self.server.send(&request)?.bytes()?;
        Ok(serde_json::from_slice(&answer).unwrap_or_default())
    }
}

impl Credentials for PasswordSession {
    fn did(&self) -> &Did {
        &self.did
    }

    fn service(&self) -> &str {
        self.server.service()
    }

    fn authorize(&self, request: &mut Request) -> Result<()> {
        let tokens = self.tokens();
        let access = if tokens.is_old() {
            self.renew(&tokens.access)?;
            self.tokens().access
        } else {
            tokens.access
        };
        request.headers.push(("authorization".to_owned(), bearer(&access)));
        Ok(())
    }

    fn learn(&self, answer: &Answer<'_>) -> Result<bool> {
        if answer.error != Some("ExpiredToken") {
            return Ok(false);
        }
        let used = answer.authorization.and_then(|header| header.strip_prefix("Bearer "));
        self.renew(used.unwrap_or_default())?;
        Ok(true)
    }

    fn export(&self) -> Result<String> {
        let exported = Exported {
            kind: "password".to_owned(),
            did: self.did.to_string(),
            service: self.server.service().to_owned(),
            tokens: self.tokens(),
        };
        serde_json::to_string(&exported)
            .map_err(|_| Error::Syntax("this session cannot be exported".to_owned()))
    }

    fn end(&self) -> Result<()> {
        match self.with_refresh_token(DELETE, &self.tokens()) {
            Ok(_) | Err(Error::Denied { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// What it means that a session cannot be renewed.
fn ended(error: Error) -> Error {
    match error {
        Error::Denied { address, message } => Error::Denied {
            address,
            message: format!(
                "the session has ended: it expired, its app password was revoked, it was logged \
                 out, or another process renewed it; log in again ({message})"
            ),
        },
        error => error,
    }
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}
