//! DID documents: where they are, and what is taken from them.

use super::Identity;
use crate::error::{Error, Result};
use crate::network::Network;
use crate::syntax::{Did, Handle};
use crate::transport::Request;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use serde_json::Value;
use url::Url;

/// The most bytes of a document.
const CAP: u64 = 256 << 10;

/// Fetches the document of a DID.
pub(super) fn fetch(network: &Network, did: &Did) -> Result<Value> {
    let url = match did.method() {
        "plc" => format!("{}/{did}", network.config().plc.trim_end_matches('/')),
        "web" => web_url(did)?,
        method => {
            return Err(Error::BadIdentity(format!(
                "{did}: DIDs of the method {method:?} have no meaning here; only did:plc and did:web do"
            )));
        }
    };
    let answer = network.transport().send(&Request { cap: CAP, ..Request::get(url.as_str()) })?;
    match answer.status {
        200..=299 => {}
        404 => return Err(Error::NotFound(format!("{did}: there is no such account"))),
        410 => return Err(Error::NotFound(format!("{did}: this account was deleted"))),
        status @ 500.. => {
            let message = format!("it answers {status}; try again later");
            return Err(Error::Unreachable { address: url, message });
        }
        status => {
            let message = format!("it answers {status} to the question about a DID document");
            return Err(Error::BadAnswer { address: url, message });
        }
    }
    let document = serde_json::from_slice(&answer.bytes()?);
    document.map_err(|_| wrong(did, "is not JSON"))
}

/// `did:web:host%3Aport:some:path` is at `https://host:port/some/path/did.json`.
fn web_url(did: &Did) -> Result<String> {
    let mut parts = did.identifier().split(':');
    let host = parts.next().unwrap_or_default().replace("%3A", ":").replace("%3a", ":");
    let path: Vec<&str> = parts.collect();
    let path = if path.is_empty() { ".well-known".to_owned() } else { path.join("/") };
    // What is on this machine hardly has a certificate; the guard asks whether it may be reached.
    let name = host.split(':').next().unwrap_or_default();
    let scheme = if matches!(name, "localhost" | "127.0.0.1") { "http" } else { "https" };
    let text = format!("{scheme}://{host}/{path}/did.json");
    let url = Url::parse(&text).ok().filter(|url| url.username().is_empty());
    // What a parser of URLs changes (escapes, "..") was no plain host and path.
    let plain =
        url.filter(|url| url.as_str() == text || url.port().is_none() && host.contains(':'));
    plain.map(String::from).ok_or_else(|| {
        Error::BadIdentity(format!("{did}: this is not the name of a host and a path"))
    })
}

/// Takes what matters from a document, which must be the DID's own.
pub(super) fn read(did: &Did, document: Value) -> Result<Identity> {
    if document["id"] != did.as_str() {
        return Err(wrong(did, "is that of another DID"));
    }
    let pds = item(&document, "service", did, "#atproto_pds")
        .filter(|service| service["type"] == "AtprotoPersonalDataServer")
        .ok_or_else(|| wrong(did, "names no server that holds its repository (#atproto_pds)"))?;
    let endpoint = pds["serviceEndpoint"].as_str().and_then(origin);
    let pds = endpoint.ok_or_else(|| {
        wrong(did, "names a server (#atproto_pds) that is not of the form https://host")
    })?;
    let signing_key = signing_key(&document, did);
    Ok(Identity { did: did.clone(), handle: None, pds, signing_key, document })
}

/// The handle that a document claims: the first of its names that is one.
pub(super) fn handle_in(document: &Value) -> Option<Handle> {
    let names = document["alsoKnownAs"].as_array()?.iter().filter_map(Value::as_str);
    let mut handles = names.filter_map(|name| name.strip_prefix("at://"));
    handles.find_map(|handle| Handle::parse(handle).ok())
}

fn signing_key(document: &Value, did: &Did) -> Option<String> {
    let method = item(document, "verificationMethod", did, "#atproto")?;
    let key = method["publicKeyMultibase"].as_str()?;
    match method["type"].as_str()? {
        "Multikey" => Some(key.to_owned()),
        "EcdsaSecp256k1VerificationKey2019" => {
            let point = k256::PublicKey::from_sec1_bytes(&point(key)?).ok()?;
            Some(multikey(&[0xe7, 0x01], &point.to_sec1_bytes()))
        }
        "EcdsaSecp256r1VerificationKey2019" => {
            let point = p256::PublicKey::from_sec1_bytes(&point(key)?).ok()?;
            let point = point.to_encoded_point(true);
            Some(multikey(&[0x80, 0x24], point.as_bytes()))
        }
        _ => None,
    }
}

/// The point of a key in documents of the old form, where the type says what curve it is on.
fn point(key: &str) -> Option<Vec<u8>> {
    // Decoding takes time with the square of the length.
    let short = Some(key).filter(|key| key.len() <= 128)?;
    multibase::decode(short).ok().map(|(_, point)| point)
}

/// The present form: a code of the curve, and the compressed point.
fn multikey(code: &[u8], point: &[u8]) -> String {
    multibase::encode(multibase::Base::Base58Btc, [code, point].concat())
}

/// An item of a list by its id, which may be written with the DID or without.
fn item<'a>(document: &'a Value, list: &str, did: &Did, id: &str) -> Option<&'a Value> {
    let whole = format!("{did}{id}");
    document[list].as_array()?.iter().find(|item| item["id"] == id || item["id"] == whole.as_str())
}

/// A URL that is a server and nothing more.
fn origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let anonymous = url.username().is_empty() && url.password().is_none();
    let web = matches!(url.scheme(), "http" | "https") && url.host().is_some();
    (bare && anonymous && web).then(|| url.origin().ascii_serialization())
}

fn wrong(did: &Did, message: &str) -> Error {
    Error::BadIdentity(format!("{did}: its DID document {message}"))
}
