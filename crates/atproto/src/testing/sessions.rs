//! `com.atproto.server.*Session`: passwords and tokens.

use super::call::{Answer, Call, Checked, Refusal, Reply, text};
use super::network::State;
use crate::syntax::Did;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::SystemTime;

const ACCESS_SECONDS: u64 = 2 * 60 * 60;
const REFRESH_SECONDS: u64 = 90 * 24 * 60 * 60;

pub(super) struct Sessions {
    did: Did,
    /// None once it was revoked.
    password: Option<String>,
    service: String,
    /// Tokens, and whether they are still good.
    access: HashMap<String, bool>,
    refresh: HashMap<String, bool>,
}

impl Sessions {
    pub(super) fn new(did: &Did, password: &str, service: &str) -> Self {
        Self {
            did: did.clone(),
            password: Some(password.to_owned()),
            service: service.to_owned(),
            access: HashMap::new(),
            refresh: HashMap::new(),
        }
    }

    pub(super) fn expire(&mut self) {
        self.access.values_mut().for_each(|good| *good = false);
    }

    pub(super) fn revoke(&mut self) {
        self.expire();
        self.refresh.values_mut().for_each(|good| *good = false);
        self.password = None;
    }

    /// Whether a token is one of ours; an error if it has expired.
    pub(super) fn is_access(&self, token: &str) -> Checked<bool> {
        match self.access.get(token) {
            Some(false) => Err(Refusal::new(400, "ExpiredToken", "Token has expired")),
            good => Ok(good.is_some()),
        }
    }

    fn begin(&mut self) -> (String, String) {
        let access = self.token("at+jwt", "com.atproto.access", ACCESS_SECONDS);
        let refresh = self.token("refresh+jwt", "com.atproto.refresh", REFRESH_SECONDS);
        self.access.insert(access.clone(), true);
        self.refresh.insert(refresh.clone(), true);
        (access, refresh)
    }

    /// A token in the form that a PDS's have; what stands for its signature is random.
    fn token(&self, kind: &str, scope: &str, seconds: u64) -> String {
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs();
        let header = json!({"typ": kind, "alg": "HS256"});
        let claims = json!({
            "scope": scope, "aud": self.service, "sub": self.did.as_str(),
            "iat": now, "exp": now + seconds,
        });
        let part = |json: Value| BASE64URL.encode(json.to_string());
        let mut signature = [0; 32];
        let filled = getrandom::fill(&mut signature);
        assert!(filled.is_ok(), "the operating system has no random numbers");
        format!("{}.{}.{}", part(header), part(claims), BASE64URL.encode(signature))
    }
}

pub(super) fn create(state: &mut State, call: &Call) -> Answer {
    let input = call.json()?;
    let (name, password) = (text(&input, "identifier")?, text(&input, "password")?);
    let here = state.accounts.iter_mut().filter(|account| account.server == call.origin);
    let wrong = || Refusal::new(401, "AuthenticationRequired", "Invalid identifier or password");
    let account = { here }
        .find(|account| account.is_called(name))
        .filter(|account| account.sessions.password.as_deref() == Some(password))
        .ok_or_else(wrong)?;
    let tokens = account.sessions.begin();
    Ok(Reply::Json(session(account, Some(tokens))))
}

pub(super) fn get(state: &mut State, call: &Call) -> Answer {
    Ok(Reply::Json(session(state.authorized(call)?, None)))
}

/// A refresh token is good for one time; a PDS allows two hours for it to be used again.
pub(super) fn refresh(state: &mut State, call: &Call) -> Answer {
    let account = take_refresh(state, call)?;
    let tokens = account.sessions.begin();
    Ok(Reply::Json(session(account, Some(tokens))))
}

/// A session that ended is deleted already.
pub(super) fn delete(state: &mut State, call: &Call) -> Answer {
    call.token()?;
    let _ = take_refresh(state, call);
    Ok(Reply::Nothing)
}

fn take_refresh<'a>(state: &'a mut State, call: &Call) -> Checked<&'a mut super::Account> {
    let token = call.token()?;
    let mut here = state.accounts.iter_mut().filter(|account| account.server == call.origin);
    let account = here.find(|account| account.sessions.refresh.contains_key(token));
    let unknown = || Refusal::new(400, "InvalidToken", "Token could not be verified");
    let account = account.ok_or_else(unknown)?;
    match account.sessions.refresh.insert(token.to_owned(), false) {
        Some(true) => Ok(account),
        _ => Err(Refusal::new(400, "ExpiredToken", "Token has been revoked")),
    }
}

fn session(account: &super::Account, tokens: Option<(String, String)>) -> Value {
    let mut session = json!({
        "did": account.did.as_str(),
        "didDoc": account.document(),
        "handle": account.handle.as_str(),
        "email": format!("{}@example.com", account.handle),
        "emailConfirmed": false,
        "active": true,
    });
    if let Some((access, refresh)) = tokens {
        session["accessJwt"] = Value::from(access);
        session["refreshJwt"] = Value::from(refresh);
    }
    session
}
