//! The client against the reference server.

use crate::pds::{self, RealNetwork};
use atdata_atproto::client::{BlobBody, Swap, Write};
use atdata_atproto::{Client, Error, Nsid, RecordKey, Tid, cid, value};
use serde_json::{Value, json};
use std::io::Read;

/// A collection of one test's own.
fn collection(name: &str) -> Nsid {
    Nsid::parse(&format!("com.example.{name}")).unwrap()
}

fn record(collection: &Nsid, text: &str) -> Value {
    json!({"$type": collection.as_str(), "text": text})
}

fn rkey(text: &str) -> RecordKey {
    RecordKey::parse(text).unwrap()
}

#[test]
fn accounts_are_found_by_handle_and_did() {
    let Some(real) = pds::network() else { return };
    let network = real.network();
    for (index, handle) in ["alice.test", "bob.test"].iter().enumerate() {
        let identity = network.identity(handle).unwrap();
        assert_eq!(identity.pds, real.pds(index));
        assert_eq!(identity.did.as_str(), real.about["accounts"][index]["did"]);
        assert_eq!(network.identity(identity.did.as_str()).unwrap(), identity);
        assert!(identity.signing_key.is_some());
    }
    assert!(matches!(network.identity("nobody.test"), Err(Error::NotFound(_))));
    assert!(matches!(
        network.identity("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"),
        Err(Error::NotFound(_))
    ));
}

#[test]
fn every_kind_of_value_comes_back_as_it_was() {
    let Some(real) = pds::network() else { return };
    let (client, kinds) = (real.alice(), collection("kinds"));
    let all = json!({
        "$type": kinds.as_str(), "text": "ä \u{1f600} \u{0}", "yes": true, "none": null,
        "small": -1, "large": i64::MAX >> 10, "list": [1, [2, {"deep": []}]], "empty": {},
        "bytes": value::bytes(&[0, 255, 7]), "link": value::link(&cid::of_blob(b"x")),
    });
    let written = client.create(&kinds, Some(rkey("Name:1.0.0")), all.clone()).unwrap();
    assert!(written.commit.is_some());
    let found = client.repo().unwrap().get(&kinds, &rkey("Name:1.0.0")).unwrap();
    assert_eq!((found.value, found.cid, found.uri), (all, written.cid, written.uri));
    assert!(client.repo().unwrap().collections().unwrap().contains(&kinds));
}

#[test]
fn two_hundred_and_fifty_records_are_listed_to_the_end_by_somebody_else() {
    let Some(real) = pds::network() else { return };
    let (client, many) = (real.alice(), collection("many"));
    for part in [150, 100] {
        let writes = (0..part).map(|_| Write::Create {
            collection: many.clone(),
            rkey: None,
            record: record(&many, "one of many"),
        });
        assert_eq!(client.apply(writes.collect(), None).unwrap().len(), part);
    }
    let repo = real.network().repo("@alice.test").unwrap();
    let keys: Vec<_> = repo.records(&many).map(|found| found.unwrap().uri.rkey().clone()).collect();
    assert_eq!(keys.len(), 250);
    assert!(keys.is_sorted_by(|a, b| a > b));
    let page = repo.page(&many, 7, None, true).unwrap();
    let oldest: Vec<_> =
        page.records.into_iter().map(|found| found.unwrap().uri.rkey().clone()).collect();
    assert!(oldest.iter().eq(keys.iter().rev().take(7)));
}

#[test]
fn stale_swaps_are_conflicts() {
    let Some(real) = pds::network() else { return };
    let (client, swaps) = (real.alice(), collection("swaps"));
    let put = |text: &str, swap| client.put(&swaps, rkey("self"), record(&swaps, text), swap);
    let must_be = |cid| Swap { record: Some(cid), commit: None };
    let first = put("first", must_be(None)).unwrap();
    assert!(matches!(put("again", must_be(None)), Err(Error::Conflict(_))));
    let second = put("second", must_be(Some(first.cid))).unwrap();
    let error = put("third", must_be(Some(first.cid))).unwrap_err();
    assert!(error.to_string().contains(&second.cid.to_string()), "{error}");
    let stale = Swap { record: None, commit: Some(first.commit.unwrap().cid) };
    assert!(matches!(put("fourth", stale), Err(Error::Conflict(_))));
    assert!(matches!(
        client.delete(&second.uri, must_be(Some(first.cid))),
        Err(Error::Conflict(_))
    ));
    client.delete(&second.uri, must_be(Some(second.cid))).unwrap();
    client.delete(&second.uri, Swap::default()).unwrap();
    let gone = client.repo().unwrap().get(&swaps, &rkey("self")).unwrap_err();
    assert!(matches!(gone, Error::NotFound(_)), "{gone}");
}

#[test]
fn a_key_is_taken_once() {
    let Some(real) = pds::network() else { return };
    let (client, taken) = (real.alice(), collection("taken"));
    let create = |text| client.create(&taken, Some(rkey("one")), record(&taken, text));
    create("first").unwrap();
    let error = create("second").unwrap_err();
    assert!(matches!(error, Error::Conflict(_)), "{error}");
    create("first").unwrap();
}

#[test]
fn changes_are_made_together_or_not_at_all() {
    let Some(real) = pds::network() else { return };
    let (client, together) = (real.alice(), collection("together"));
    let old = client.create(&together, None, record(&together, "old")).unwrap();
    let writes = vec![
        Write::Create { collection: together.clone(), rkey: None, record: record(&together, "a") },
        Write::Update {
            collection: together.clone(),
            rkey: old.uri.rkey().clone(),
            record: record(&together, "b"),
        },
        Write::Delete { collection: together.clone(), rkey: Tid::now().into() },
    ];
    // There is nothing under the last key, so nothing is done.
    client.apply(writes.clone(), None).unwrap_err();
    let written = client.apply(writes[..2].to_vec(), None).unwrap();
    assert_eq!(written[1].uri, old.uri);
    assert_eq!(written[0].commit, written[1].commit);
    let stale = old.commit.map(|commit| commit.cid);
    assert!(matches!(client.apply(writes[..1].to_vec(), stale), Err(Error::Conflict(_))));
    assert_eq!(client.repo().unwrap().records(&together).count(), 2);
}

#[test]
fn four_mebibytes_go_up_and_come_back() {
    let Some(real) = pds::network() else { return };
    let (client, blobs) = (real.alice(), collection("blobs"));
    assert_eq!(client.limits().unwrap().blob_bytes, 5 << 20);
    let bytes: Vec<u8> = (0..4_u32 << 20).map(|n| (n ^ (n >> 9)) as u8).collect();
    let blob = client.upload(BlobBody::bytes(bytes.clone(), "application/x-tar")).unwrap();
    assert_eq!((blob.size, blob.mime.as_str()), (4 << 20, "application/x-tar"));
    let repo = real.network().repo("alice.test").unwrap();
    let early = repo.blob(&blob.cid).unwrap_err();
    assert!(matches!(early, Error::NotFound(_)), "{early}");
    let with_blob = json!({"$type": blobs.as_str(), "blob": blob.to_value()});
    client.create(&blobs, None, with_blob).unwrap();
    let mut read = Vec::new();
    let mut reader = repo.blob(&blob.cid).unwrap();
    assert_eq!(reader.size(), Some(4 << 20));
    reader.read_to_end(&mut read).unwrap();
    assert!(read == bytes);
    assert!(repo.blob_url(&blob.cid).starts_with(real.pds(0)));
    let large = client.upload(BlobBody::bytes(vec![0; (5 << 20) + 1], "a/b")).unwrap_err();
    assert!(matches!(large, Error::TooLarge { limit: Some(5_242_880), .. }), "{large}");
}

#[test]
fn a_record_too_large_is_said_to_be() {
    let Some(real) = pds::network() else { return };
    let (client, large) = (real.alice(), collection("large"));
    let error = client.create(&large, None, record(&large, &"x".repeat(1_100_000))).unwrap_err();
    assert!(matches!(error, Error::TooLarge { bytes, .. } if bytes > 1_100_000), "{error}");
}

#[test]
fn a_proof_of_a_record_is_a_car() {
    let Some(real) = pds::network() else { return };
    let (client, proofs) = (real.alice(), collection("proofs"));
    let written = client.create(&proofs, None, record(&proofs, "proven")).unwrap();
    let car = client.repo().unwrap().record_proof(&proofs, written.uri.rkey()).unwrap();
    assert!(car.windows(36).any(|part| part == written.cid.to_bytes()));
}

fn procedure(client: &Client, method: &str, body: &Value) -> Value {
    client.xrpc().procedure(method, body).unwrap()
}

#[test]
fn a_revoked_app_password_ends_its_sessions_clearly() {
    let Some(real) = pds::network() else { return };
    let (alice, revoked) = (real.alice(), collection("revoked"));
    let name = json!({"name": "to-revoke"});
    let made = procedure(&alice, "com.atproto.server.createAppPassword", &name);
    let password = made["password"].as_str().unwrap();
    let client = Client::login(real.network(), "alice.test", password, None).unwrap();
    client.create(&revoked, None, record(&revoked, "before")).unwrap();
    procedure(&alice, "com.atproto.server.revokeAppPassword", &name);
    let error = Client::login(real.network(), "alice.test", password, None).unwrap_err();
    assert!(matches!(error, Error::Denied { .. }), "{error}");
    assert!(
        error.to_string().contains("revoked") && !error.to_string().contains(password),
        "{error}"
    );
    // Its token is good until it is to be renewed; then it ends.
    let mut exported: Value = serde_json::from_str(&client.export().unwrap()).unwrap();
    exported["tokens"]["obtained"] = json!(0);
    let old = Client::restore(real.network(), &exported.to_string()).unwrap();
    let error = old.create(&revoked, None, record(&revoked, "after")).unwrap_err();
    assert!(matches!(error, Error::Denied { .. }), "{error}");
    assert!(error.to_string().contains("log in again"), "{error}");
}

#[test]
fn a_session_goes_on_renews_itself_and_ends() {
    let Some(real) = pds::network() else { return };
    let (client, goes_on) = (real.alice(), collection("sessions"));
    let mut exported: Value = serde_json::from_str(&client.export().unwrap()).unwrap();
    exported["tokens"]["obtained"] = json!(0);
    let again = Client::restore(real.network(), &exported.to_string()).unwrap();
    again.create(&goes_on, None, record(&goes_on, "renewed")).unwrap();
    assert_ne!(again.export().unwrap(), exported.to_string());
    again.logout().unwrap();
    assert!(matches!(
        Client::login(real.network(), "alice.test", "wrong", None),
        Err(Error::Denied { .. })
    ));
}

#[test]
fn too_many_requests_are_said_to_be() {
    let options = ["--pds", "1", "--rate-limits", "--account", "alice.test:alice-password"];
    let Some(real) = pds::start(&options) else { return };
    let login = || Client::login(real.network(), "alice.test", "alice-password", None);
    let errors = (0..40).map(|_| login()).find_map(Result::err);
    let Some(Error::RateLimited { wait, .. }) = errors else { panic!("{errors:?}") };
    assert!((61..=300).contains(&wait.as_secs()), "{wait:?}");
}

#[test]
fn nobody_writes_to_what_is_anothers() {
    let Some(real) = pds::network() else { return };
    let bob = Client::login(real.network(), "bob.test", "bob-password", None).unwrap();
    assert_eq!(bob.credentials().service(), real.pds(1));
    let body = json!({
        "repo": real.about["accounts"][0]["did"], "collection": "com.example.note", "rkey": "x",
        "record": {"$type": "com.example.note"},
    });
    let error = bob.xrpc().procedure("com.atproto.repo.createRecord", &body).unwrap_err();
    assert!(
        matches!(error, Error::Denied { .. } | Error::Refused { .. } | Error::NotFound(_)),
        "{error}"
    );
}

#[test]
fn without_leave_a_private_network_is_not_reached() {
    let Some(real) = pds::network() else { return };
    let config = atdata_atproto::config::NetworkConfig {
        allow_private: vec![],
        service: None,
        ..RealNetwork::config(real)
    };
    let network = atdata_atproto::Network::new(config).unwrap();
    let repo = network.repo("alice.test").unwrap();
    let error = repo.collections().unwrap_err();
    assert!(matches!(error, Error::Forbidden { .. }), "{error}");
    assert!(error.to_string().contains("ATDATA_ALLOW_PRIVATE=localhost:"), "{error}");
}
