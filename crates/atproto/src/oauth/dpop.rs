//! `DPoP`: each request is signed with the session's own key.

use super::random_text;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use std::fmt;
use std::time::SystemTime;

/// The key of a session.
#[derive(Clone)]
pub(super) struct Key(SigningKey);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(***)")
    }
}

/// What a proof is of.
pub(super) struct Proof<'a> {
    pub(super) method: &'a str,
    pub(super) url: &'a str,
    /// What the server last gave to show that the proof is new.
    pub(super) nonce: Option<&'a str>,
    /// The token that the request is made with.
    pub(super) token: Option<&'a str>,
    /// How far the server's clock is ahead of ours, in seconds.
    pub(super) ahead: i64,
}

impl Key {
    pub(super) fn generate() -> Self {
        loop {
            // All but a few of the numbers of 256 bits are keys.
            if let Some(key) = Self::restore(&random_text()) {
                return key;
            }
        }
    }

    pub(super) fn restore(exported: &str) -> Option<Self> {
        let bytes = BASE64URL.decode(exported).ok()?;
        SigningKey::from_slice(&bytes).ok().map(Self)
    }

    /// The private key. It is secret.
    pub(super) fn export(&self) -> String {
        BASE64URL.encode(self.0.to_bytes())
    }

    /// The value of the header `DPoP`.
    pub(super) fn prove(&self, proof: &Proof<'_>) -> String {
        let header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": self.public()});
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs();
        let url = proof.url.split(['?', '#']).next().unwrap_or_default();
        let mut claims = json!({
            "jti": random_text(),
            "htm": proof.method,
            "htu": url,
            "iat": now.saturating_add_signed(proof.ahead),
        });
        if let Some(nonce) = proof.nonce {
            claims["nonce"] = Value::from(nonce);
        }
        if let Some(token) = proof.token {
            claims["ath"] = Value::from(super::hash_text(token));
        }
        let part = |json: &Value| BASE64URL.encode(json.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature: Signature = self.0.sign(signed.as_bytes());
        format!("{signed}.{}", BASE64URL.encode(signature.to_bytes()))
    }

    fn public(&self) -> Value {
        let point = self.0.verifying_key().to_encoded_point(false);
        // After the byte that says "not compressed" come 32 bytes of x and 32 of y.
        let (x, y) = point.as_bytes()[1..].split_at(32);
        json!({"kty": "EC", "crv": "P-256", "x": BASE64URL.encode(x), "y": BASE64URL.encode(y)})
    }
}
