//! The public ways from a handle to a DID: DNS, the handle's web server, an app view.

use crate::scripted::{DID, HANDLE, document};
use atdata_atproto::config::NetworkConfig;
use atdata_atproto::transport::{Request, Response, Transport};
use atdata_atproto::{Error, Network, Result};
use serde_json::json;
use std::collections::HashMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::thread;

/// A name server on loopback that has these texts at `_atproto.alice.test`, and nothing else.
fn name_server(texts: &'static [&'static str]) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    thread::spawn(move || {
        let mut question = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut question) {
            let _ = socket.send_to(&answer(&question[..length], texts), from);
        }
    });
    address
}

fn answer(asked: &[u8], texts: &[&str]) -> Vec<u8> {
    let name = b"\x08_atproto\x05alice\x04test\x00";
    let end = 12 + asked[12..].iter().position(|byte| *byte == 0).unwrap() + 5;
    let known = asked[12..].to_ascii_lowercase().starts_with(name) && !texts.is_empty();
    let count = if known { texts.len() as u16 } else { 0 };
    let code: u8 = if known { 0 } else { 3 };
    let mut answer = [&asked[..2], &[0x81, 0x80 | code, 0, 1]].concat();
    answer.extend(count.to_be_bytes());
    answer.extend([0; 4]);
    answer.extend(&asked[12..end]);
    for text in &texts[..usize::from(count)] {
        let length = text.len() as u8;
        answer.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, length + 1, length]);
        answer.extend(text.as_bytes());
    }
    answer
}

/// Answers for the whole web.
#[derive(Debug, Default)]
struct Web(HashMap<String, (u16, String)>);

impl Transport for Web {
    fn send(&self, request: &Request) -> Result<Response> {
        let Some((status, body)) = self.0.get(&request.url) else {
            let address = request.address().to_owned();
            return Err(Error::Unreachable { address, message: "nobody".to_owned() });
        };
        let body = Box::new(std::io::Cursor::new(body.clone().into_bytes()));
        Ok(Response { status: *status, headers: vec![], body })
    }
}

const WELL_KNOWN: &str = "https://alice.test/.well-known/atproto-did";
const APPVIEW: &str = "https://view.test/xrpc/com.atproto.identity.resolveHandle?handle=alice.test";

fn network(texts: &'static [&'static str], pages: &[(&str, u16, &str)]) -> Arc<Network> {
    let mut web = Web::default();
    let own = document(DID, HANDLE, "https://pds.test").to_string();
    web.0.insert(format!("https://plc.directory/{DID}"), (200, own));
    web.0.extend(
        pages.iter().map(|(url, status, body)| ((*url).to_owned(), (*status, (*body).to_owned()))),
    );
    let config = NetworkConfig {
        nameserver: Some(name_server(texts)),
        appview: Some("https://view.test".to_owned()),
        patience: atdata_atproto::config::Patience { tries: 1, ..Default::default() },
        ..NetworkConfig::default()
    };
    Network::over(config, Arc::new(web)).unwrap()
}

#[test]
fn dns_is_asked_first() {
    let network = network(&["v=spf1", "did=did:plc:abc123"], &[(WELL_KNOWN, 200, "did:plc:other")]);
    assert_eq!(network.identity(HANDLE).unwrap().did.as_str(), DID);
}

#[test]
fn several_dids_in_dns_are_refused() {
    let network = network(&["did=did:plc:abc123", "did=did:plc:other"], &[]);
    assert!(matches!(network.identity(HANDLE), Err(Error::BadIdentity(_))));
}

#[test]
fn then_the_handles_own_server() {
    let network = network(&[], &[(WELL_KNOWN, 200, " did:plc:abc123\n")]);
    assert_eq!(network.identity(HANDLE).unwrap().did.as_str(), DID);
}

#[test]
fn then_an_app_view() {
    let found = json!({"did": DID}).to_string();
    for page in [(WELL_KNOWN, 200, "<html>Welcome"), (WELL_KNOWN, 404, "")] {
        let network = network(&[], &[page, (APPVIEW, 200, &found)]);
        assert_eq!(network.identity(HANDLE).unwrap().did.as_str(), DID);
    }
}

#[test]
fn what_none_of_them_knows_is_not_found_with_all_reasons() {
    let network =
        network(&[], &[(APPVIEW, 400, r#"{"error":"InvalidRequest","message":"unable"}"#)]);
    let error = network.identity(HANDLE).unwrap_err();
    assert!(matches!(error, Error::NotFound(_)), "{error}");
    let text = error.to_string();
    for part in ["@alice.test", "_atproto.alice.test", WELL_KNOWN, "view.test: unable"] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn without_a_network_nothing_is_said_about_the_handle() {
    let error = network(&[], &[]).identity(HANDLE).unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error}");
}
