//! The network in memory: that it answers as a real PDS does, and what else it can.

mod conversation;

use crate::ask::Asker;
use crate::pds;
use atdata_atproto::client::BlobBody;
use atdata_atproto::proof::verify_record;
use atdata_atproto::testing::LocalAtmosphere;
use atdata_atproto::transport::{Request, Transport};
use atdata_atproto::{Client, Did, Nsid, RecordKey, cid};
use serde_json::{Value, json};
use std::sync::Arc;

const LENS: &str = "ac.foundation.dataset.lens";

fn asker(network: &LocalAtmosphere) -> Asker {
    Asker::new(network.transport(), network.pds())
}

fn get_json(transport: &dyn Transport, url: &str) -> Value {
    serde_json::from_reader(transport.send(&Request::get(url)).unwrap().body).unwrap()
}

/// The same calls, in the same order, have the same answers.
#[test]
fn it_answers_as_a_real_pds_does() {
    let Some(real) = pds::network() else { return };
    let network = LocalAtmosphere::new();
    network.account("carol.test", "carol-password").unwrap();
    let ours = conversation::hold(network.transport(), network.pds());
    let theirs = conversation::hold(real.network().transport().clone(), real.pds(1));
    let both = ours.iter().zip(&theirs);
    let differ = both.filter(|((_, ours), (_, theirs))| ours != theirs);
    let shown = differ.map(|((call, ours), (_, theirs))| {
        let call: String = call.chars().take(300).collect();
        format!("{call}\n  ours   {ours}\n  theirs {theirs}\n")
    });
    assert_eq!(shown.collect::<String>(), "");
    assert_eq!(ours.len(), theirs.len());
}

/// Verifies a record by what the network says of it, from the handle to the value.
fn verified(transport: Arc<dyn Transport>, resolver: &str, plc: &str, rkey: &str) -> Value {
    let handles = Asker::new(transport.clone(), resolver);
    let handle = json!({"handle": "bob.test"});
    let (_, found) = handles.get("com.atproto.identity.resolveHandle", &handle);
    let did = Did::parse(found["did"].as_str().unwrap()).unwrap();
    let document = get_json(&*transport, &format!("{plc}/{did}"));
    let key = document["verificationMethod"][0]["publicKeyMultibase"].as_str().unwrap();
    let pds = Asker::new(transport, document["service"][0]["serviceEndpoint"].as_str().unwrap());
    let params = json!({"did": did.as_str(), "collection": LENS, "rkey": rkey});
    let (status, car) = pds.bytes("com.atproto.sync.getRecord", &params);
    assert_eq!(status, 200);
    let (collection, rkey) = (Nsid::parse(LENS).unwrap(), RecordKey::parse(rkey).unwrap());
    let record = verify_record(&car, &did, key, &collection, &rkey).unwrap();
    let (_, commit) = pds.get("com.atproto.sync.getLatestCommit", &json!({"did": did.as_str()}));
    assert_eq!(commit, json!({"cid": record.commit_cid.to_string(), "rev": record.rev.as_str()}));
    assert_eq!(cid::of_record(&record.value).unwrap(), record.cid);
    for place in (0..car.len()).step_by(3) {
        let mut tampered = car.clone();
        tampered[place] ^= 1;
        let refused = verify_record(&tampered, &did, key, &collection, &rkey);
        assert!(refused.is_err(), "byte {place}");
    }
    record.value
}

fn fill(asker: &mut Asker) {
    let did = asker.log_in("bob.test", "bob-password")["did"].clone();
    for i in 0..60 {
        let record = json!({"$type": LENS, "n": i});
        let input =
            json!({"repo": did, "collection": LENS, "rkey": format!("many-{i}"), "record": record});
        assert_eq!(asker.post("com.atproto.repo.putRecord", &input).0, 200);
    }
}

#[test]
fn records_of_a_real_pds_verify_and_tampered_ones_do_not() {
    let Some(real) = pds::network() else { return };
    let transport = real.network().transport().clone();
    let address = |name: &str| real.about[name].as_str().unwrap();
    fill(&mut Asker::new(transport.clone(), real.pds(1)));
    let value = verified(transport, address("resolver"), address("plc"), "many-41");
    assert_eq!(value, json!({"$type": LENS, "n": 41}));
}

#[test]
fn records_in_memory_verify_too() {
    let network = LocalAtmosphere::new();
    network.account("bob.test", "bob-password").unwrap();
    fill(&mut asker(&network));
    let value = verified(network.transport(), network.resolver(), network.plc(), "many-41");
    assert_eq!(value, json!({"$type": LENS, "n": 41}));
}

/// What a user's own offline test would do.
#[test]
fn a_client_publishes_and_another_reads_and_verifies() {
    let local = LocalAtmosphere::new();
    local.account_on("https://other.test", "alice.test", "password").unwrap();
    let alice = Client::login(local.network(), "alice.test", "password", None).unwrap();
    let blob = alice.upload(BlobBody::bytes(b"hello".to_vec(), "application/x-tar")).unwrap();
    let lens = Nsid::parse(LENS).unwrap();
    let record = json!({"$type": LENS, "blob": blob.to_value()});
    let written = alice.create(&lens, None, record.clone()).unwrap();

    let network = local.network();
    let identity = network.identity("@alice.test").unwrap();
    let repo = network.repo("@alice.test").unwrap();
    let car = repo.record_proof(&lens, written.uri.rkey()).unwrap();
    let key = identity.signing_key.unwrap();
    let proven = verify_record(&car, &identity.did, &key, &lens, written.uri.rkey()).unwrap();
    assert_eq!((proven.cid, proven.value), (written.cid, record));
    let read = std::io::read_to_string(repo.blob(&blob.cid).unwrap()).unwrap();
    assert_eq!(read, "hello");
    local.corrupt_blob(&identity.did, &blob.cid);
    let error = std::io::read_to_string(repo.blob(&blob.cid).unwrap()).unwrap_err();
    assert!(error.to_string().contains(&blob.cid.to_string()), "{error}");
}

#[test]
fn a_client_survives_failures_and_expired_tokens_but_not_a_revoked_password() {
    let local = LocalAtmosphere::new();
    let did = local.account("alice.test", "password").unwrap();
    let alice = Client::login(local.network(), "alice.test", "password", None).unwrap();
    let lens = Nsid::parse(LENS).unwrap();
    let write = || alice.create(&lens, None, json!({"$type": LENS}));
    local.fail_next(1, 503);
    alice.repo().unwrap().collections().unwrap();
    local.expire_tokens(&did);
    write().unwrap();
    local.revoke(&did);
    let error = write().unwrap_err();
    assert_eq!(error.kind(), "denied", "{error}");
}

#[test]
fn accounts_on_two_servers_know_of_each_other_by_the_directory_only() {
    let network = LocalAtmosphere::new();
    let alice = network.account("alice.test", "a").unwrap();
    let bob = network.account_on("https://other.test", "bob.test", "b").unwrap();
    let other = Asker::new(network.transport(), "https://other.test");
    let params = json!({"repo": "alice.test", "collection": LENS});
    assert_eq!(other.get("com.atproto.repo.listRecords", &params).0, 400);
    let transport = network.transport();
    for (did, server) in [(&alice, "https://pds.test"), (&bob, "https://other.test")] {
        let document = get_json(&*transport, &format!("{}/{did}", network.plc()));
        assert_eq!(document["service"][0]["serviceEndpoint"], server);
    }
    let known = transport.send(&Request::get("https://bob.test/.well-known/atproto-did")).unwrap();
    assert_eq!(std::io::read_to_string(known.body).unwrap(), bob.as_str());
}

#[test]
fn wrong_accounts_and_addresses_are_errors() {
    let network = LocalAtmosphere::new();
    network.account("alice.test", "a").unwrap();
    assert_eq!(network.account("alice.test", "b").unwrap_err().kind(), "conflict");
    assert_eq!(network.account("alice", "b").unwrap_err().kind(), "syntax");
    let elsewhere = network.transport().send(&Request::get("https://example.com/x"));
    let expected =
        "cannot reach https://example.com: nobody listens there in this network in memory";
    assert_eq!(elsewhere.unwrap_err().to_string(), expected);
}

#[test]
fn a_test_can_have_it_fail() {
    let network = LocalAtmosphere::new();
    let did = network.account("alice.test", "secret").unwrap();
    let mut asker = asker(&network);
    let session = asker.log_in("alice.test", "secret");
    let who = |asker: &Asker| asker.get("com.atproto.server.getSession", &json!({}));
    network.fail_next(2, 503);
    assert_eq!([who(&asker).0, who(&asker).0, who(&asker).0], [503, 503, 200]);
    network.expire_tokens(&did);
    assert_eq!(who(&asker).1["error"], "ExpiredToken");
    asker.token = session["refreshJwt"].as_str().map(str::to_owned);
    let renew = |asker: &Asker| asker.post("com.atproto.server.refreshSession", &Value::Null);
    let (status, renewed) = renew(&asker);
    assert_eq!((status, renew(&asker).0), (200, 400));
    asker.token = renewed["accessJwt"].as_str().map(str::to_owned);
    assert_eq!(who(&asker).0, 200);
    network.revoke(&did);
    assert_eq!(who(&asker).1["error"], "ExpiredToken");
    let input = json!({"identifier": "alice.test", "password": "secret"});
    assert_eq!(asker.post("com.atproto.server.createSession", &input).0, 401);
}

#[test]
fn blobs_have_a_limit_and_may_be_corrupted() {
    let network = LocalAtmosphere::new();
    let did = network.account("alice.test", "secret").unwrap();
    let mut asker = asker(&network);
    asker.log_in("alice.test", "secret");
    network.limit_blobs(5);
    let upload = |bytes: &[u8]| asker.upload("com.atproto.repo.uploadBlob", "a/b", bytes.to_vec());
    assert_eq!(upload(b"hello!").0, 413);
    let (_, about) = asker.get("com.atproto.server.describeServer", &json!({}));
    assert_eq!(about["blobUploadLimit"], 5);
    let blob = upload(b"hello").1["blob"].clone();
    let record = json!({"$type": LENS, "b": blob});
    let input = json!({"repo": did.as_str(), "collection": LENS, "record": record});
    assert_eq!(asker.post("com.atproto.repo.createRecord", &input).0, 200);
    let cid = cid::of_blob(b"hello");
    let params = json!({"did": did.as_str(), "cid": cid.to_string()});
    assert_eq!(asker.bytes("com.atproto.sync.getBlob", &params).1, b"hello");
    assert!(network.corrupt_blob(&did, &cid));
    assert_ne!(asker.bytes("com.atproto.sync.getBlob", &params).1, b"hello");
    assert!(!network.corrupt_blob(&did, &cid::of_blob(b"")));
}
