//! What DID a handle names: one service's word, or DNS, the handle's web server, an app view.

use super::dns;
use crate::error::{Error, Result};
use crate::network::Network;
use crate::syntax::{Did, Handle};
use crate::transport::Request;

const RESOLVE: &str = "com.atproto.identity.resolveHandle";

/// How many ways there are before the last.
const LAST: usize = 2;

/// The most bytes of a handle's own file.
const CAP: u64 = 4 << 10;

/// The DID that a handle names.
pub(super) fn did_of(network: &Network, handle: &Handle) -> Result<Did> {
    if let Some(resolver) = &network.config().resolver {
        return ask(network, resolver, handle)?.map_err(|why| missing(handle, &[why]));
    }
    let mut reasons = Vec::new();
    for way in [by_dns, by_web, by_appview] {
        match way(network, handle) {
            Ok(Ok(did)) => return Ok(did),
            Ok(Err(reason)) => reasons.push(reason),
            // Most handles have no web server of their own; the last one that is asked must answer.
            Err(Error::Unreachable { address, message }) if reasons.len() < LAST => {
                reasons.push(format!("{address}: {message}"));
            }
            Err(error) => return Err(error),
        }
    }
    Err(missing(handle, &reasons))
}

/// A DID, or why this way leads to none.
type Found = std::result::Result<Did, String>;

fn by_dns(network: &Network, handle: &Handle) -> Result<Found> {
    let name = format!("_atproto.{handle}");
    let texts = match dns::texts(&name, network.config().nameserver) {
        Ok(texts) => texts,
        Err(why) => return Ok(Err(format!("DNS, {name}: {why}"))),
    };
    let dids: Vec<&str> = texts.iter().filter_map(|text| text.strip_prefix("did=")).collect();
    match dids.as_slice() {
        [] => Ok(Err(format!("DNS, {name}: no text begins with did="))),
        [did] => Did::parse(did).map(Ok),
        _ => Err(Error::BadIdentity(format!("@{handle}: DNS names several DIDs at {name}"))),
    }
}

fn by_web(network: &Network, handle: &Handle) -> Result<Found> {
    let url = format!("https://{handle}/.well-known/atproto-did");
    // Most handles have no such file, and some no server: one try is enough.
    let request = Request { cap: CAP, repeatable: false, ..Request::get(url.as_str()) };
    let answer = match network.transport().send(&request) {
        Ok(answer) => answer,
        Err(Error::Forbidden { address, message }) => {
            return Ok(Err(format!("{address}: {message}")));
        }
        Err(error) => return Err(error),
    };
    if answer.status != 200 {
        return Ok(Err(format!("{url}: status {}", answer.status)));
    }
    let text = String::from_utf8_lossy(&answer.bytes()?).trim().to_owned();
    // A web site may answer with a page of its own to everything.
    Ok(Did::parse(&text).map_err(|_| format!("{url}: this is not a DID")))
}

fn by_appview(network: &Network, handle: &Handle) -> Result<Found> {
    match &network.config().appview {
        Some(appview) => ask(network, appview, handle),
        None => Ok(Err("no service knows handles here".to_owned())),
    }
}

fn ask(network: &Network, service: &str, handle: &Handle) -> Result<Found> {
    let answer = network.xrpc(service).ask(RESOLVE, &[("handle", handle.as_str())])?;
    match answer {
        Ok(answer) => match answer["did"].as_str() {
            Some(did) => Did::parse(did).map(Ok),
            None => Ok(Err(format!("{service}: its answer holds no DID"))),
        },
        Err(refusal) if refusal.is_missing() || refusal.status == 400 => {
            Ok(Err(format!("{service}: {}", refusal.message)))
        }
        Err(refusal) => Err(refusal.into_error()),
    }
}

fn missing(handle: &Handle, reasons: &[String]) -> Error {
    Error::NotFound(format!("@{handle}: no account has this handle ({})", reasons.join("; ")))
}
