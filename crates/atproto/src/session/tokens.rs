//! The two tokens of a session with a password.

use crate::error::{Error, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use std::time::{Duration, SystemTime};

/// How long before its end a token is renewed.
const EARLY: u64 = 60;

/// What authorizes requests, and what renews it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Tokens {
    pub(super) access: String,
    pub(super) refresh: String,
    /// When they came, by this machine's clock: seconds since 1970.
    obtained: u64,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(***)")
    }
}

impl Tokens {
    /// From the answer to `createSession` or `refreshSession`.
    pub(super) fn read(address: &str, answer: &Value) -> Result<Self> {
        let token = |key: &str| {
            let token =
                answer[key].as_str().filter(|token| token.bytes().all(|b| b.is_ascii_graphic()));
            token.map(str::to_owned).ok_or_else(|| Error::BadAnswer {
                address: address.to_owned(),
                message: format!("the session it gives has no {key}"),
            })
        };
        Ok(Self { access: token("accessJwt")?, refresh: token("refreshJwt")?, obtained: now() })
    }

    /// Whether the time to renew them has come. Only differences of one clock are looked at, for
    /// the server's may be another.
    pub(super) fn is_old(&self) -> bool {
        let Some(life) = life(&self.access) else { return false };
        // A token that lives shortly is used for the most of its life.
        let early = EARLY.min(life / 4);
        now().saturating_sub(self.obtained) >= life - early
    }
}

/// How many seconds a token lives, by what it says of itself.
fn life(token: &str) -> Option<u64> {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    claims["exp"].as_u64()?.checked_sub(claims["iat"].as_u64()?)
}

fn now() -> u64 {
    SystemTime::UNIX_EPOCH.elapsed().unwrap_or(Duration::ZERO).as_secs()
}
