//! Logging in with a browser, at a real PDS: the browser is played by a program.

mod faults;
mod scripted_login;

use crate::pds::{self, RealNetwork};
use atdata_atproto::credentials::Credentials;
use atdata_atproto::oauth::{self, OAuthSession, Pending};
use atdata_atproto::{Client, Error, Network, Nsid, Result};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

const LENS: &str = "ac.foundation.dataset.lens";
const LENS_SCOPE: &str = "repo:ac.foundation.dataset.lens";
const PATIENCE: Duration = Duration::from_secs(60);

/// Logs bob in, in a browser of its own; `--reject` refuses.
fn browse(real: &RealNetwork, pending: Pending, more: &[&str]) -> Result<OAuthSession> {
    let script =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/atproto/oauth-headless.mjs");
    let mut browser = Command::new(real.node());
    browser.arg(script).args([pending.authorize_url(), "bob.test", "bob-password"]).args(more);
    let browser = browser.stdout(Stdio::null()).spawn().unwrap();
    let outcome = pending.wait(PATIENCE);
    assert!(browser.wait_with_output().unwrap().status.success());
    outcome
}

fn begin(real: &RealNetwork, network: &Arc<Network>, scopes: &[&str]) -> Pending {
    oauth::begin(network, real.pds(1), scopes, Some("bob.test")).unwrap()
}

fn create(client: &Client, collection: &str) -> Result<Value> {
    let body = json!({
        "repo": client.did().as_str(), "collection": collection,
        "record": {"$type": collection, "name": "by OAuth"},
    });
    client.xrpc().procedure("com.atproto.repo.createRecord", &body)
}

fn exported(client: &Client) -> Value {
    serde_json::from_str(&client.export().unwrap()).unwrap()
}

#[test]
fn a_login_in_the_browser_gives_a_session_of_its_scopes_that_goes_on_and_ends() {
    let Some(real) = pds::network() else { return };
    let network = real.network();
    let pending = begin(real, &network, &[LENS_SCOPE, "blob:*/*"]);
    assert!(pending.authorize_url().starts_with(&format!("{}/oauth/authorize?", real.pds(1))));
    let bob = network.identity("bob.test").unwrap();
    let session = browse(real, pending.expect(bob.did.clone()), &[]).unwrap();
    assert_eq!((session.did(), session.service()), (&bob.did, real.pds(1)));
    assert_eq!(session.scopes(), ["atproto", LENS_SCOPE, "blob:*/*"]);

    let client = Client::with(network.clone(), Arc::new(session));
    create(&client, LENS).unwrap();
    let error = create(&client, "app.bsky.feed.post").unwrap_err();
    assert!(matches!(error, Error::Denied { .. }), "{error}");
    assert!(error.to_string().contains("wider scopes"), "{error}");
    let blob = atdata_atproto::client::BlobBody::bytes(b"tar".to_vec(), "application/x-tar");
    client.upload(blob).unwrap();

    goes_on_and_ends(&client, &network);
}

/// It is renewed before a token's end, and when the server does not take a token any more.
fn goes_on_and_ends(client: &Client, network: &Arc<Network>) {
    let mut old = exported(client);
    assert_eq!(old["kind"], "oauth");
    let before = old.clone();
    old["tokens"]["obtained"] = json!(0);
    let renewed = Client::restore(network.clone(), &old.to_string()).unwrap();
    create(&renewed, LENS).unwrap();
    let mut now = exported(&renewed);
    assert_ne!(now["tokens"], before["tokens"]);

    let token = now["tokens"]["access"].as_str().unwrap().to_owned();
    let (start, signature) = token.rsplit_once('.').unwrap();
    let other: String = signature.chars().rev().collect();
    now["tokens"]["access"] = json!(format!("{start}.{other}"));
    let last = Client::restore(network.clone(), &now.to_string()).unwrap();
    create(&last, LENS).unwrap();

    last.logout().unwrap();
    let mut ended = exported(&last);
    ended["tokens"]["obtained"] = json!(0);
    let ended = Client::restore(network.clone(), &ended.to_string()).unwrap();
    let error = create(&ended, LENS).unwrap_err();
    assert!(matches!(error, Error::Denied { .. }), "{error}");
    assert!(error.to_string().contains("log in again"), "{error}");
}

#[test]
fn a_refused_login_is_denied() {
    let Some(real) = pds::network() else { return };
    let pending = begin(real, &real.network(), &[LENS_SCOPE]);
    let error = browse(real, pending, &["--reject"]).unwrap_err();
    assert!(matches!(error, Error::Denied { .. }), "{error}");
    let expected = "refuses: the login was not allowed in the browser (access_denied)";
    assert!(error.to_string().ends_with(expected), "{error}");
}

#[test]
fn a_login_as_somebody_else_is_not_taken() {
    let Some(real) = pds::network() else { return };
    let network = real.network();
    let alice = network.identity("alice.test").unwrap().did;
    let pending = begin(real, &network, &[LENS_SCOPE]).expect(alice.clone());
    let error = browse(real, pending, &[]).unwrap_err();
    assert!(matches!(error, Error::BadIdentity(_)), "{error}");
    assert!(error.to_string().contains(&format!("not as {alice}")), "{error}");
}

#[test]
fn a_scope_that_the_server_does_not_know_is_not_granted() {
    let Some(real) = pds::network() else { return };
    let pending = begin(real, &real.network(), &["everything", LENS_SCOPE]);
    let session = browse(real, pending, &[]).unwrap();
    assert_eq!(session.scopes(), ["atproto", LENS_SCOPE]);
}

#[test]
fn records_written_by_oauth_are_bobs() {
    let Some(real) = pds::network() else { return };
    let network = real.network();
    let session = browse(real, begin(real, &network, &[LENS_SCOPE]), &[]).unwrap();
    let client = Client::with(network.clone(), Arc::new(session));
    let written = create(&client, LENS).unwrap();
    let rkey = written["uri"].as_str().unwrap().rsplit('/').next().unwrap();
    let rkey = atdata_atproto::RecordKey::parse(rkey).unwrap();
    let found = network.repo("bob.test").unwrap().get(&Nsid::parse(LENS).unwrap(), &rkey).unwrap();
    assert_eq!(found.value["name"], "by OAuth");
}
