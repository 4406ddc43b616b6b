//! The authorization server's endpoints: tokens given, renewed, revoked.

use super::dpop::{Key, Proof};
use super::metadata::Server;
use crate::error::{Error, Result};
use crate::http_date;
use crate::network::Network;
use crate::syntax::Did;
use crate::transport::{Body, Request, Response};
use serde_json::Value;
use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;
use url::form_urlencoded::Serializer;

/// How often a proof is made anew when the server gives a nonce for it.
const TRIES: usize = 3;

/// Clocks that differ by less are left alone: an answer takes its time too.
const SKEW: i64 = 20;

/// The server, asked as one client with one key.
#[derive(Debug)]
pub(super) struct Endpoint {
    network: Arc<Network>,
    pub(super) server: Server,
    pub(super) client_id: String,
    pub(super) key: Key,
    nonce: RwLock<Option<String>>,
    /// How far its clock is ahead of ours, in seconds.
    ahead: AtomicI64,
}

/// What a token endpoint gives.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Granted {
    pub(super) sub: Did,
    pub(super) scope: String,
    pub(super) access: String,
    pub(super) refresh: String,
    /// In seconds from now; none if it is not told.
    pub(super) lifetime: Option<u64>,
}

impl fmt::Debug for Granted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Granted").field("sub", &self.sub).finish_non_exhaustive()
    }
}

/// What it says no with.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) status: u16,
    pub(super) error: String,
    /// Its words, which may repeat what was sent.
    pub(super) description: String,
}

impl Endpoint {
    pub(super) fn new(network: &Arc<Network>, server: Server, client_id: String, key: Key) -> Self {
        let (network, nonce) = (Arc::clone(network), RwLock::default());
        Self { network, server, client_id, key, nonce, ahead: AtomicI64::new(0) }
    }

    /// Sends a form; again where the server wants a nonce, or has another time than we.
    pub(super) fn post(
        &self,
        url: &str,
        form: &[(&str, &str)],
    ) -> Result<std::result::Result<Value, Refused>> {
        let mut tried = 0;
        loop {
            let answer = self.network.transport().send(&self.request(url, form))?;
            let is_news = self.learn(&answer);
            let outcome = read(url, answer)?;
            tried += 1;
            let again = outcome.as_ref().is_err_and(|refused| {
                matches!(refused.error.as_str(), "use_dpop_nonce" | "invalid_dpop_proof")
            });
            if !(again && is_news && tried < TRIES) {
                return Ok(outcome);
            }
        }
    }

    fn request(&self, url: &str, form: &[(&str, &str)]) -> Request {
        let mut body = Serializer::new(String::new());
        let body = body.append_pair("client_id", &self.client_id).extend_pairs(form).finish();
        let nonce = self.nonce.read().unwrap_or_else(PoisonError::into_inner).clone();
        let ahead = self.ahead();
        let proof = Proof { method: "POST", url, nonce: nonce.as_deref(), token: None, ahead };
        Request::post(url, Body::Bytes(body.into_bytes()))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/json")
            .header("dpop", self.key.prove(&proof))
    }

    /// Notes nonce and time, and says whether something is new.
    fn learn(&self, answer: &Response) -> bool {
        let is_later = self.learn_time(&answer.headers);
        let Some(new) = answer.header("dpop-nonce") else { return is_later };
        let mut nonce = self.nonce.write().unwrap_or_else(PoisonError::into_inner);
        let is_new = nonce.as_deref() != Some(new);
        *nonce = Some(new.to_owned());
        is_new || is_later
    }

    /// Notes the server's time, and says whether it is another than was thought.
    pub(super) fn learn_time(&self, headers: &[(String, String)]) -> bool {
        let date = headers.iter().find(|(name, _)| name == "date");
        let Some(there) = date.and_then(|(_, date)| http_date::seconds(date)) else { return false };
        let ahead = there.cast_signed() - now().cast_signed();
        let ahead = if ahead.abs() < SKEW { 0 } else { ahead };
        (self.ahead.swap(ahead, Ordering::Relaxed) - ahead).abs() >= SKEW
    }

    pub(super) fn ahead(&self) -> i64 {
        self.ahead.load(Ordering::Relaxed)
    }

    pub(super) fn exchange(&self, code: &str, redirect: &str, verifier: &str) -> Result<Granted> {
        self.grant(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect),
            ("code_verifier", verifier),
        ])
    }

    pub(super) fn renew(&self, refresh: &str) -> Result<Granted> {
        self.grant(&[("grant_type", "refresh_token"), ("refresh_token", refresh)])
    }

    /// Words of refusals are left out from here on: they may repeat a token.
    fn grant(&self, form: &[(&str, &str)]) -> Result<Granted> {
        let url = &self.server.token_endpoint;
        let refused = |refused: Refused| match refused.error.as_str() {
            "invalid_grant" => Error::Denied {
                address: self.server.issuer.clone(),
                message: "the session has ended: it expired, it was revoked, or another process \
                          renewed it; log in again (invalid_grant)"
                    .to_owned(),
            },
            _ => self.refused(url, refused),
        };
        self.read_grant(&self.post(url, form)?.map_err(refused)?)
    }

    fn refused(&self, url: &str, refused: Refused) -> Error {
        let Refused { status, error, .. } = refused;
        let address = url.to_owned();
        match status {
            401 | 403 => {
                Error::Denied { address, message: format!("it gives no session ({error})") }
            }
            500.. => {
                let message = format!("the server answers {status} {error}; try again later");
                Error::Unreachable { address: self.server.issuer.clone(), message }
            }
            _ => {
                let message = "it gives no session".to_owned();
                Error::Refused { address, status, name: error, message }
            }
        }
    }

    fn read_grant(&self, answer: &Value) -> Result<Granted> {
        let wrong = |message: &str| Error::BadAnswer {
            address: self.server.token_endpoint.clone(),
            message: message.to_owned(),
        };
        let text = |name: &str| {
            let value =
                answer[name].as_str().filter(|text| text.bytes().all(|b| b.is_ascii_graphic()));
            value
                .map(str::to_owned)
                .ok_or_else(|| wrong(&format!("the session it gives has no {name}")))
        };
        if !answer["token_type"].as_str().unwrap_or_default().eq_ignore_ascii_case("DPoP") {
            return Err(wrong("the token it gives could be used without its key"));
        }
        let scope = answer["scope"].as_str().unwrap_or_default().to_owned();
        if !scope.split(' ').any(|scope| scope == "atproto") {
            return Err(wrong("the session it gives is not for the AT Protocol"));
        }
        Ok(Granted {
            sub: Did::parse(&text("sub")?)?,
            scope,
            access: text("access_token")?,
            refresh: text("refresh_token")?,
            lifetime: answer["expires_in"].as_u64(),
        })
    }

    /// Ends a session, if the server lets that be done.
    pub(super) fn revoke(&self, refresh: &str) -> Result<()> {
        let Some(url) = &self.server.revocation_endpoint else { return Ok(()) };
        let refused = |refused| self.refused(url, refused);
        self.post(url, &[("token", refresh)])?.map(drop).map_err(refused)
    }
}

/// The JSON of an answer; null if it has none.
fn read(url: &str, answer: Response) -> Result<std::result::Result<Value, Refused>> {
    let status = answer.status;
    let json: Value = serde_json::from_slice(&answer.bytes()?).unwrap_or_default();
    if (200..300).contains(&status) {
        return Ok(Ok(json));
    }
    if (300..400).contains(&status) {
        let message = "it sends on to another address".to_owned();
        return Err(Error::BadAnswer { address: url.to_owned(), message });
    }
    let text = |name: &str, most: usize| {
        let text = json[name].as_str().unwrap_or_default().chars();
        text.filter(|c| !c.is_control()).take(most).collect::<String>()
    };
    let (error, description) = (text("error", 64), text("error_description", 300));
    Ok(Err(Refused { status, error, description }))
}

/// Seconds since 1970, by our clock.
pub(super) fn now() -> u64 {
    SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs()
}
