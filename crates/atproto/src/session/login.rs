//! Beginning a session with a password, at the right server and for the right account.

use super::PasswordSession;
use super::tokens::Tokens;
use crate::error::{Error, Result};
use crate::identity::Identity;
use crate::network::Network;
use crate::syntax::Did;
use crate::transport::Body;
use serde_json::{Value, json};

const CREATE: &str = "com.atproto.server.createSession";

/// Where most accounts are, and what their handles end with.
const SERVICE: &str = "https://bsky.social";
const OF_SERVICE: &str = ".bsky.social";

impl PasswordSession {
    /// Logs in as a handle or a DID. The server is `service` if it is named, else the account's
    /// own; of one that is not found, that of the network's configuration, or for handles of
    /// `bsky.social` that. Later requests go to the server that the account's DID document names.
    ///
    /// # Errors
    /// [`Error::Denied`] for a wrong password; [`Error::BadIdentity`] when the server speaks of
    /// another account than the handle names.
    pub fn login(
        network: &Network,
        identifier: &str,
        password: &str,
        service: Option<&str>,
    ) -> Result<Self> {
        let identifier = identifier.trim();
        let identifier = identifier.strip_prefix('@').unwrap_or(identifier);
        if let Some(service) = service {
            network.allow(service)?;
        }
        let (service, found) = at(network, service, identifier)?;
        let service = service.as_str();
        let answer = create(network, service, identifier, password)?;
        let tokens = Tokens::read(service, &answer)?;
        let did = answer["did"].as_str().unwrap_or_default();
        let did = Did::parse(did).map_err(|_| Error::BadAnswer {
            address: service.to_owned(),
            message: "the session it gives has no DID".to_owned(),
        })?;
        check(&did, found.as_ref(), service, identifier)?;
        let identity = found.map_or_else(|| network.identity(did.as_str()), Ok)?;
        Ok(Self::new(did, network.xrpc(&identity.pds), tokens))
    }
}

/// Where to log in, and the account if it was found. A password goes only where the user or the
/// account says: what was not found has its server only if that is named, or if its handle is one
/// of `bsky.social`.
fn at(
    network: &Network,
    named: Option<&str>,
    identifier: &str,
) -> Result<(String, Option<Identity>)> {
    let error = match network.identity(identifier) {
        Ok(identity) => {
            let service = named.unwrap_or(&identity.pds).to_owned();
            return Ok((service, Some(identity)));
        }
        Err(error) => error,
    };
    let configured = network.config().service.as_deref();
    let default = Some(SERVICE).filter(|_| identifier.ends_with(OF_SERVICE));
    let otherwise = named.or(configured).or(default).filter(|_| !identifier.starts_with("did:"));
    match (error, otherwise) {
        (Error::NotFound(_) | Error::Unreachable { .. }, Some(service)) => {
            Ok((service.to_owned(), None))
        }
        (error, _) => Err(error),
    }
}

fn create(network: &Network, service: &str, identifier: &str, password: &str) -> Result<Value> {
    let server = network.xrpc(service);
    let body = json!({"identifier": identifier, "password": password});
    let request = server.post(CREATE, Body::Bytes(body.to_string().into_bytes()));
    let mut request = request.header("content-type", "application/json");
    // A session whose answer was lost is of no use to anybody.
    request.repeatable = true;
    // A server may repeat what it was sent.
    let answer =
        server.exchange(&request)?.map_err(|refusal| refusal.without(password).into_error());
    Ok(serde_json::from_slice(&answer?.bytes()?).unwrap_or_default())
}

/// A server must not speak of another account than the one that is meant.
fn check(did: &Did, known: Option<&Identity>, service: &str, identifier: &str) -> Result<()> {
    match known {
        Some(identity) if identity.did != *did => Err(Error::BadIdentity(format!(
            "{service} logs {identifier} in as {did}, but {identifier} is {}",
            identity.did
        ))),
        _ => Ok(()),
    }
}
