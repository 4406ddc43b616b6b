//! A session that began in a browser.

use super::dpop::{Key, Proof};
use super::metadata::Server;
use super::tokens::{Endpoint, Granted, now};
use crate::credentials::{Answer, Credentials};
use crate::error::{Error, Result};
use crate::network::Network;
use crate::syntax::Did;
use crate::transport::{Method, Request};
use atdata_waiting::{PerProcess, undisturbed};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// How many seconds before its end a token is renewed, at most.
const EARLY: u64 = 60;

/// A session of an account with its server, begun in a browser and renewed by itself.
///
/// A refresh token is good for one time. Of processes that share a session, one that was forked or one
/// that restored the same export, the second to renew it is logged out: give each its own login.
#[derive(Debug)]
pub struct OAuthSession {
    did: Did,
    service: String,
    endpoint: Arc<Endpoint>,
    tokens: RwLock<Tokens>,
    /// What the account's server last gave for proofs.
    nonce: RwLock<Option<String>>,
    /// Held by the thread that renews. Each process has its own: a fork may happen meanwhile.
    renewing: PerProcess<Mutex<()>>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Tokens {
    access: String,
    refresh: String,
    scope: String,
    /// When they came, by our clock, in seconds since 1970; and for how many seconds they are good.
    obtained: u64,
    lifetime: Option<u64>,
}

/// As it is exported.
#[derive(Serialize, Deserialize)]
struct Exported {
    kind: String,
    did: String,
    service: String,
    client_id: String,
    key: String,
    server: Server,
    tokens: Tokens,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(***)")
    }
}

impl From<Granted> for Tokens {
    fn from(granted: Granted) -> Self {
        let Granted { access, refresh, scope, lifetime, .. } = granted;
        Self { access, refresh, scope, obtained: now(), lifetime }
    }
}

impl Tokens {
    /// Whether the time to renew them has come.
    fn is_old(&self) -> bool {
        let age = now().saturating_sub(self.obtained);
        self.lifetime.is_some_and(|lifetime| age >= lifetime - EARLY.min(lifetime / 4))
    }
}

impl OAuthSession {
    pub(super) fn new(service: String, endpoint: Arc<Endpoint>, granted: Granted) -> Self {
        Self {
            did: granted.sub.clone(),
            service,
            endpoint,
            tokens: RwLock::new(granted.into()),
            nonce: RwLock::default(),
            renewing: PerProcess::default(),
        }
    }

    /// Goes on with a session that was exported.
    ///
    /// # Errors
    /// [`Error::Syntax`] for what is no such session.
    pub fn restore(network: &Arc<Network>, exported: &str) -> Result<Self> {
        // What is wrong with it is not said: it is secret.
        let wrong = || Error::Syntax("this is not an exported session".to_owned());
        let exported: Exported = serde_json::from_str(exported).map_err(|_| wrong())?;
        for address in [&exported.service, &exported.server.token_endpoint] {
            // Without TLS only if the user had allowed it at the login. Names that have TLS may have
            // come from the network, and may lead to a private address by now.
            if address.starts_with("http://") {
                network.allow(address)?;
            }
        }
        let key = Key::restore(&exported.key).ok_or_else(wrong)?;
        let endpoint = Endpoint::new(network, exported.server, exported.client_id, key);
        Ok(Self {
            did: Did::parse(&exported.did)?,
            service: exported.service,
            endpoint: Arc::new(endpoint),
            tokens: RwLock::new(exported.tokens),
            nonce: RwLock::default(),
            renewing: PerProcess::default(),
        })
    }

    /// What the session may do, as the server granted it.
    #[must_use]
    pub fn scopes(&self) -> Vec<String> {
        self.tokens().scope.split(' ').map(str::to_owned).collect()
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
        // The refresh token can be used once: what comes of it must not be missed.
        let granted = undisturbed(|| self.endpoint.renew(&tokens.refresh))?;
        if granted.sub != self.did {
            let (issuer, other) = (&self.endpoint.server.issuer, &granted.sub);
            let message = format!("{issuer} renews the session of {} as one of {other}", self.did);
            return Err(Error::BadIdentity(message));
        }
        *self.tokens.write().unwrap_or_else(PoisonError::into_inner) = granted.into();
        Ok(())
    }

    fn learn_nonce(&self, answer: &Answer<'_>) {
        let new = answer.headers.iter().find(|(name, _)| name == "dpop-nonce");
        if let Some((_, new)) = new {
            *self.nonce.write().unwrap_or_else(PoisonError::into_inner) = Some(new.clone());
        }
    }
}

impl Credentials for OAuthSession {
    fn did(&self) -> &Did {
        &self.did
    }

    fn service(&self) -> &str {
        &self.service
    }

    fn authorize(&self, request: &mut Request) -> Result<()> {
        let mut tokens = self.tokens();
        if tokens.is_old() {
            self.renew(&tokens.access)?;
            tokens = self.tokens();
        }
        let nonce = self.nonce.read().unwrap_or_else(PoisonError::into_inner).clone();
        let proof = self.endpoint.key.prove(&Proof {
            method: if request.method == Method::Get { "GET" } else { "POST" },
            url: &request.url,
            nonce: nonce.as_deref(),
            token: Some(&tokens.access),
            ahead: self.endpoint.ahead(),
        });
        request.headers.push(("authorization".to_owned(), format!("DPoP {}", tokens.access)));
        request.headers.push(("dpop".to_owned(), proof));
        Ok(())
    }

    fn learn(&self, answer: &Answer<'_>) -> Result<bool> {
        self.learn_nonce(answer);
        let is_later = self.endpoint.learn_time(answer.headers);
        if answer.status != 401 {
            return Ok(false);
        }
        match answer.error.unwrap_or_default() {
            "use_dpop_nonce" => Ok(true),
            "invalid_dpop_proof" | "InvalidDpopProof" => Ok(is_later),
            "invalid_token" | "InvalidToken" | "ExpiredToken" => {
                let used = answer.authorization.and_then(|header| header.strip_prefix("DPoP "));
                self.renew(used.unwrap_or_default())?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn export(&self) -> Result<String> {
        let exported = Exported {
            kind: "oauth".to_owned(),
            did: self.did.to_string(),
            service: self.service.clone(),
            client_id: self.endpoint.client_id.clone(),
            key: self.endpoint.key.export(),
            server: self.endpoint.server.clone(),
            tokens: self.tokens(),
        };
        serde_json::to_string(&exported)
            .map_err(|_| Error::Syntax("this session cannot be exported".to_owned()))
    }

    fn end(&self) -> Result<()> {
        match self.endpoint.revoke(&self.tokens().refresh) {
            Err(Error::Denied { .. }) => Ok(()),
            outcome => outcome,
        }
    }
}
