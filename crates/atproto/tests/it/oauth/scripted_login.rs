//! An authorization server that says what a test wants, and checks every proof.

use crate::scripted::{Asked, DID, Reply, Scripted, ok};
use atdata_atproto::Result;
use atdata_atproto::oauth::{self, OAuthSession, Pending};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use p256::EncodedPoint;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

/// A server that does as it should where a script says [`Reply::Usual`].
pub fn start(script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Scripted {
    Scripted::start(move |asked| match script(asked) {
        Reply::Usual => usual(asked),
        reply => reply,
    })
}

/// Begins a login, has a "browser" come back with what it says of itself, and waits.
pub fn log_in(server: &Scripted) -> Result<OAuthSession> {
    let pending = begin(server)?;
    come_back(server, |state| format!("?code=the-code&state={state}&iss={}", server.url));
    pending.wait(Duration::from_secs(5))
}

pub fn begin(server: &Scripted) -> Result<Pending> {
    oauth::begin(&server.network(), &server.url, &["repo:com.example.note"], None)
}

/// Visits the address that the browser would be sent back to; `None` where nobody listens.
pub fn come_back(
    server: &Scripted,
    query: impl FnOnce(&str) -> String,
) -> thread::JoinHandle<String> {
    let pushed = form(server.asked("/oauth/par").last().unwrap());
    let address = pushed["redirect_uri"].clone();
    let target = query(&pushed["state"]);
    thread::spawn(move || visit(&address, &target))
}

pub fn visit(address: &str, target: &str) -> String {
    let host = address.strip_prefix("http://").unwrap().trim_end_matches('/');
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET /{target} HTTP/1.1\r\nhost: {host}\r\n\r\n").unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).unwrap();
    page
}

pub fn form(asked: &Asked) -> HashMap<String, String> {
    url::form_urlencoded::parse(&asked.body).into_owned().collect()
}

/// What the server says of itself.
pub fn metadata(url: &str) -> Value {
    json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/oauth/authorize"),
        "token_endpoint": format!("{url}/oauth/token"),
        "pushed_authorization_request_endpoint": format!("{url}/oauth/par"),
        "revocation_endpoint": format!("{url}/oauth/revoke"),
        "scopes_supported": ["atproto"],
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": ["ES256"],
        "authorization_response_iss_parameter_supported": true,
    })
}

pub fn tokens(name: &str) -> Value {
    json!({
        "sub": DID, "token_type": "DPoP", "scope": "atproto repo:com.example.note",
        "access_token": format!("{name}-access"), "refresh_token": format!("{name}-refresh"),
        "expires_in": 3600,
    })
}

fn usual(asked: &Asked) -> Reply {
    let url = asked.url();
    match asked.path.as_str() {
        "/.well-known/oauth-protected-resource" => {
            ok(&json!({"resource": url, "authorization_servers": [url]}))
        }
        "/.well-known/oauth-authorization-server" => ok(&metadata(&url)),
        "/oauth/par" => {
            checked(asked, |_| ok(&json!({"request_uri": "urn:one", "expires_in": 60})))
        }
        "/oauth/token" => checked(asked, |form| token(asked, form)),
        "/oauth/revoke" => checked(asked, |_| ok(&json!({}))),
        _ => Reply::Usual,
    }
}

/// The code's verifier must fit the challenge of the request that was pushed.
fn token(asked: &Asked, form: &HashMap<String, String>) -> Reply {
    match form["grant_type"].as_str() {
        "authorization_code" => {
            assert_eq!(form["code"], "the-code");
            assert!(form["code_verifier"].len() >= 43);
            ok(&tokens("first"))
        }
        _ => ok(&tokens(&format!("renewed-{}", asked.number))),
    }
}

fn checked(asked: &Asked, reply: impl FnOnce(&HashMap<String, String>) -> Reply) -> Reply {
    let claims = claims(asked);
    assert!(
        form(asked)["client_id"].starts_with(
            "http://localhost?redirect_uri=http%3A%2F%2F127.0.0.1%2F&scope=atproto+repo"
        )
    );
    if claims["nonce"] != "nonce-of-the-server" {
        return nonce_wanted(400, "nonce-of-the-server");
    }
    reply(&form(asked))
}

pub fn nonce_wanted(status: u16, nonce: &str) -> Reply {
    let body = json!({"error": "use_dpop_nonce"}).to_string();
    Reply::Is(status, vec![("dpop-nonce", nonce.to_owned())], body.into())
}

/// The claims of the proof, whose signature is of the key in it, and which is of this request.
pub fn claims(asked: &Asked) -> Value {
    let proof = &asked.headers["dpop"];
    let (signed, signature) = proof.rsplit_once('.').unwrap();
    let (head, claims) = signed.split_once('.').unwrap();
    let decode = |text: &str| BASE64URL.decode(text).unwrap();
    let head: Value = serde_json::from_slice(&decode(head)).unwrap();
    let claims: Value = serde_json::from_slice(&decode(claims)).unwrap();
    assert_eq!((&head["typ"], &head["alg"]), (&json!("dpop+jwt"), &json!("ES256")));
    let [x, y] = ["x", "y"].map(|name| decode(head["jwk"][name].as_str().unwrap()));
    let point = EncodedPoint::from_affine_coordinates(x[..].into(), y[..].into(), false);
    let key = VerifyingKey::from_encoded_point(&point).unwrap();
    let signature = Signature::from_slice(&decode(signature)).unwrap();
    key.verify(signed.as_bytes(), &signature).unwrap();
    assert_eq!(claims["htm"], asked.method);
    assert_eq!(claims["htu"], format!("{}{}", asked.url(), asked.path));
    if let Some(token) =
        asked.headers.get("authorization").and_then(|text| text.strip_prefix("DPoP "))
    {
        assert_eq!(claims["ath"], BASE64URL.encode(Sha256::digest(token)));
    }
    claims
}
