//! Who is who.

use crate::scripted::{DID, HANDLE, Reply, Scripted, document, ok, refused};
use atdata_atproto::config::NetworkConfig;
use atdata_atproto::{Did, Error, Network, Nsid};
use serde_json::{Value, json};

fn with_document(change: impl Fn(&mut Value, &str) + Send + Sync + 'static) -> Scripted {
    Scripted::start(move |asked| match asked.path.as_str() {
        "/did:plc:abc123" => {
            let mut found = document(DID, HANDLE, &asked.url());
            change(&mut found, &asked.url());
            ok(&found)
        }
        _ => Reply::Usual,
    })
}

#[test]
fn a_handle_and_a_did_lead_to_each_other() {
    let server = Scripted::start(|_| Reply::Usual);
    let network = server.network();
    let by_handle = network.identity("@Alice.Test").unwrap();
    let by_did = network.identity(DID).unwrap();
    assert_eq!(by_handle, by_did);
    assert_eq!(by_handle.did.as_str(), DID);
    assert_eq!(by_handle.handle.unwrap().as_str(), HANDLE);
    assert_eq!(by_handle.pds, server.url);
    assert!(by_handle.signing_key.unwrap().starts_with("zQ3s"));
}

#[test]
fn what_was_found_is_kept_until_it_is_forgotten() {
    let server = Scripted::start(|_| Reply::Usual);
    let network = server.network();
    for _ in 0..3 {
        network.identity(HANDLE).unwrap();
        network.identity("nobody.test").unwrap_err();
    }
    assert_eq!(server.asked(DID).len(), 1);
    assert_eq!(server.asked("resolveHandle").len(), 2);
    network.forget(&Did::parse(DID).unwrap());
    network.identity(HANDLE).unwrap();
    assert_eq!(server.asked(DID).len(), 2);
}

#[test]
fn a_handle_that_does_not_point_back_is_refused_and_both_sides_named() {
    let server = with_document(|document, _| document["alsoKnownAs"] = json!(["at://bob.test"]));
    let error = server.network().identity(HANDLE).unwrap_err();
    assert!(matches!(error, Error::BadIdentity(_)));
    let text = error.to_string();
    assert!(
        text.contains("@alice.test") && text.contains("@bob.test") && text.contains(DID),
        "{text}"
    );
    // By its DID it is found, and has no handle: bob.test is nobody's.
    assert_eq!(server.network().identity(DID).unwrap().handle, None);
}

#[test]
fn documents_that_are_wrong_are_refused() {
    type Change = fn(&mut Value, &str);
    let changes: [(Change, &str); 8] = [
        (|doc, _| doc["id"] = json!("did:plc:other"), "is that of another DID"),
        (|doc, _| doc["service"] = json!([]), "names no server"),
        (|doc, _| doc["service"][0]["type"] = json!("Other"), "names no server"),
        (
            |doc, url| doc["service"][0]["serviceEndpoint"] = json!(format!("{url}/path")),
            "https://host",
        ),
        (
            |doc, url| doc["service"][0]["serviceEndpoint"] = json!(format!("{url}?q")),
            "https://host",
        ),
        (
            |doc, _| doc["service"][0]["serviceEndpoint"] = json!("https://a:b@c.com"),
            "https://host",
        ),
        (|doc, _| doc["service"][0]["serviceEndpoint"] = json!("ftp://c.com"), "https://host"),
        (|doc, _| doc["service"][0]["serviceEndpoint"] = json!({"a": 1}), "https://host"),
    ];
    for (change, words) in changes {
        let error = with_document(change).network().identity(DID).unwrap_err();
        assert!(matches!(error, Error::BadIdentity(_)), "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn keys_of_old_documents_are_given_in_the_present_form() {
    let present = "zQ3shXjHeiBuRCKmM36cuYnm7YEMzhGnCmCyW92sRJ9pribSF";
    let (base, bytes) = multibase::decode(present).unwrap();
    let old = multibase::encode(base, &bytes[2..]);
    let server = with_document(move |document, _| {
        let key = &mut document["verificationMethod"][0];
        key["type"] = json!("EcdsaSecp256k1VerificationKey2019");
        key["publicKeyMultibase"] = json!(old);
    });
    let identity = server.network().identity(DID).unwrap();
    assert_eq!(identity.signing_key.as_deref(), Some(present));
}

#[test]
fn accounts_that_are_not_there_are_not_found() {
    let server = Scripted::start(|asked| match asked.path.as_str() {
        "/did:plc:gone" => refused(410, "", ""),
        "/did:plc:missing" => refused(404, "", ""),
        "/did:plc:broken" => Reply::Is(200, vec![], b"<html>".to_vec()),
        _ => Reply::Usual,
    });
    let network = server.network();
    for (who, kind) in [
        ("did:plc:gone", "not_on_network"),
        ("did:plc:missing", "not_on_network"),
        ("nobody.test", "not_on_network"),
        ("did:plc:broken", "bad_identity"),
        ("did:key:z123", "bad_identity"),
        ("nobody", "syntax"),
        ("did:web:localhost%2Fx", "bad_identity"),
        ("did:web:a.com:..:b", "bad_identity"),
    ] {
        let error = network.identity(who).unwrap_err();
        assert_eq!(error.kind(), kind, "{who}: {error}");
    }
}

#[test]
fn a_did_web_has_its_document_at_its_host_port_and_path() {
    let server = Scripted::start(|asked| {
        let port = asked.headers["host"].rsplit(':').next().unwrap().to_owned();
        let (plain, path) =
            (format!("did:web:localhost%3A{port}"), format!("did:web:localhost%3A{port}:some:one"));
        match asked.path.as_str() {
            "/.well-known/did.json" => ok(&document(&plain, HANDLE, "https://pds.example.com")),
            "/some/one/did.json" => ok(&document(&path, HANDLE, "https://pds.example.com")),
            _ => Reply::Usual,
        }
    });
    let port = server.url.rsplit(':').next().unwrap();
    let allow_private = vec!["loopback".to_owned()];
    let network = Network::new(NetworkConfig { allow_private, ..server.config() }).unwrap();
    for did in
        [format!("did:web:localhost%3A{port}"), format!("did:web:localhost%3A{port}:some:one")]
    {
        let identity = network.identity(&did).unwrap();
        assert_eq!((identity.pds.as_str(), identity.handle), ("https://pds.example.com", None));
    }
    // Nobody allowed it.
    let did = format!("did:web:localhost%3A{port}");
    let error = server.network().identity(&did).unwrap_err();
    assert!(matches!(error, Error::Forbidden { .. }), "{error}");
}

#[test]
fn a_repository_that_moved_is_found_anew() {
    let new = Scripted::start(|asked| match asked.xrpc() {
        "com.atproto.repo.describeRepo" => ok(&json!({"collections": ["com.example.note"]})),
        _ => Reply::Usual,
    });
    let to = new.url.clone();
    let server = Scripted::start(move |asked| match (asked.path.as_str(), asked.number) {
        ("/did:plc:abc123", 1..) => ok(&document(DID, HANDLE, &to)),
        ("/xrpc/com.atproto.repo.describeRepo", _) => refused(400, "RepoDeactivated", "moved away"),
        _ => Reply::Usual,
    });
    let allow_private = vec!["loopback".to_owned()];
    let network = Network::new(NetworkConfig { allow_private, ..server.config() }).unwrap();
    let repo = network.repo(HANDLE).unwrap();
    assert_eq!(repo.identity().pds, server.url);
    assert_eq!(repo.collections().unwrap(), [Nsid::parse("com.example.note").unwrap()]);
    assert_eq!(repo.identity().pds, new.url);
}
