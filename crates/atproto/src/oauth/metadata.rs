//! Which server logs the accounts of a PDS in, and where it wants to be asked.

use crate::error::{Error, Result};
use crate::network::Network;
use crate::transport::Request;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

/// What a document of this kind has at most.
const CAP: u64 = 256 << 10;

#[derive(Deserialize)]
struct Resource {
    resource: String,
    authorization_servers: Vec<String>,
}

/// An authorization server, as it describes itself.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, Deserialize)]
pub(super) struct Server {
    pub(super) issuer: String,
    pub(super) authorization_endpoint: String,
    pub(super) token_endpoint: String,
    pub(super) pushed_authorization_request_endpoint: String,
    pub(super) revocation_endpoint: Option<String>,
    #[serde(default, skip_serializing)]
    scopes_supported: Vec<String>,
    #[serde(default, skip_serializing)]
    code_challenge_methods_supported: Vec<String>,
    #[serde(default, skip_serializing)]
    dpop_signing_alg_values_supported: Vec<String>,
    #[serde(default, skip_serializing)]
    authorization_response_iss_parameter_supported: bool,
}

/// The server that the PDS at an address names.
pub(super) fn discover(network: &Network, pds: &str) -> Result<Server> {
    let pds = origin(pds)?;
    let resource: Resource =
        fetch(network, &format!("{pds}/.well-known/oauth-protected-resource"))?;
    let wrong = |message: &str| Err(bad(&pds, message));
    let [issuer] = resource.authorization_servers.as_slice() else {
        return wrong("it names no server that logs its accounts in, or several");
    };
    if resource.resource.trim_end_matches('/') != pds {
        return wrong("what it says of logging in is about another server");
    }
    if origin(issuer).ok().as_ref() != Some(issuer) {
        return wrong(
            "the server that logs its accounts in has no address of the form https://host",
        );
    }
    let server: Server =
        fetch(network, &format!("{issuer}/.well-known/oauth-authorization-server"))?;
    server.check(issuer)?;
    Ok(server)
}

impl Server {
    fn check(&self, issuer: &str) -> Result<()> {
        let wrong = |message: &str| Err(bad(issuer, message));
        if self.issuer != issuer {
            return wrong("it says that it is another server");
        }
        let has = |list: &[String], wanted: &str| list.iter().any(|item| item == wanted);
        let is_fit = has(&self.scopes_supported, "atproto")
            && has(&self.code_challenge_methods_supported, "S256")
            && has(&self.dpop_signing_alg_values_supported, "ES256")
            && self.authorization_response_iss_parameter_supported;
        if !is_fit {
            return wrong("its OAuth is not that of the AT Protocol");
        }
        if self.endpoints().any(|endpoint| !is_like(issuer, endpoint)) {
            return wrong("it wants to be asked where no web server is, or without TLS");
        }
        Ok(())
    }

    fn endpoints(&self) -> impl Iterator<Item = &str> {
        let needed = [
            &self.authorization_endpoint,
            &self.token_endpoint,
            &self.pushed_authorization_request_endpoint,
        ];
        needed.into_iter().chain(&self.revocation_endpoint).map(String::as_str)
    }
}

/// A browser will open it: only the web, and with TLS unless the issuer has none either.
fn is_like(issuer: &str, endpoint: &str) -> bool {
    let Ok(url) = Url::parse(endpoint) else { return false };
    let scheme = url.scheme();
    scheme == "https" || scheme == "http" && issuer.starts_with("http://")
}

/// `https://host` or `https://host:port` of an address.
fn origin(address: &str) -> Result<String> {
    let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    url.map(|url| url.origin().ascii_serialization()).ok_or_else(|| {
        let shown: String = address.chars().take(100).collect();
        Error::Syntax(format!("{shown:?} is not the address of a server (https://host)"))
    })
}

fn fetch<T: DeserializeOwned>(network: &Network, url: &str) -> Result<T> {
    let mut request = Request::get(url).header("accept", "application/json");
    request.cap = CAP;
    let answer = network.transport().send(&request)?;
    if answer.status != 200 {
        let message =
            format!("it has no OAuth (status {}); log in with an app password", answer.status);
        return Err(bad(url, &message));
    }
    let wrong = |error: serde_json::Error| {
        bad(url, &format!("what it says of its OAuth is wrong: {error}"))
    };
    serde_json::from_slice(&answer.bytes()?).map_err(wrong)
}

fn bad(address: &str, message: &str) -> Error {
    Error::BadAnswer { address: address.to_owned(), message: message.to_owned() }
}
