//! An index in Redis: one server, one with TLS and a password, a cluster.

mod bypassed;
mod failing;

use super::servers::{self, Server};
use atdata::provider::{Entry, IndexProvider, Label, Page, RedisProvider};
use atdata::testing::check_provider;
use redis::{Client, Cmd, Connection, FromRedisValue, TlsCertificates};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

fn url(server: &Server) -> String {
    match &server.ca {
        Some(ca) => format!("{}?ca={ca}", server.url),
        None => server.url.clone(),
    }
}

fn provider(server: &Server) -> RedisProvider {
    RedisProvider::from_url(&url(server)).unwrap()
}

/// Another program, connected to all there is.
struct Other(Vec<Connection>);

impl Other {
    fn of(server: &Server) -> Self {
        let url = |port: &u16| {
            let (scheme, rest) = server.url.split_once("://").unwrap();
            let (host, _) = rest.rsplit_once(':').unwrap();
            format!("{}://{host}:{port}", scheme.trim_end_matches("+cluster"))
        };
        let root_cert = server.ca.as_ref().map(|ca| std::fs::read(ca).unwrap());
        let client = |url: String| match &root_cert {
            Some(_) => {
                let certificates =
                    TlsCertificates { client_tls: None, root_cert: root_cert.clone() };
                Client::build_with_tls(url, certificates)
            }
            None => Client::open(url),
        };
        let connection = |port| client(url(port)).unwrap().get_connection().unwrap();
        Self(server.ports.iter().map(connection).collect())
    }

    /// Runs a command where the cluster lets it run.
    fn command<T: FromRedisValue>(&mut self, command: &Cmd) -> T {
        for connection in &mut self.0 {
            match command.query(connection) {
                Err(error) if error.is_cluster_error() => {}
                result => return result.unwrap(),
            }
        }
        panic!("no node took it");
    }

    /// Runs a command of words.
    fn run<T: FromRedisValue>(&mut self, words: &str) -> T {
        let mut command = Cmd::new();
        for word in words.split(' ') {
            command.arg(word);
        }
        self.command(&command)
    }

    fn flush(&mut self) {
        self.0.iter_mut().for_each(|connection| redis::cmd("FLUSHALL").exec(connection).unwrap());
    }

    /// How often it was asked for a command.
    fn calls(&mut self, command: &str) -> u64 {
        let told: String = self.run("INFO commandstats");
        let start = format!("cmdstat_{command}:calls=");
        let calls = told.lines().find_map(|line| line.strip_prefix(&start)?.split(',').next());
        calls.map_or(0, |calls| calls.parse().unwrap())
    }
}

fn first(limit: usize) -> Page {
    Page { after: None, limit }
}

fn entry(cid: &str, name: &str) -> Entry {
    Entry {
        cid: cid.into(),
        name: name.into(),
        schema_ref: "atdata://local/schema/Image@1.0.0".into(),
        data_urls: vec![format!("/data/{cid}.tar")],
        ..Entry::default()
    }
}

fn label(name: &str, cid: &str) -> Label {
    Label { name: name.into(), cid: cid.into(), ..Label::default() }
}

fn names(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.name.as_str()).collect()
}

fn keeps_the_contract(kind: &str) {
    let Some(server) = servers::start(kind, &[]) else { return };
    // Reached first: from then on TLS has its cryptography.
    provider(&server).check().unwrap();
    check_provider(&|| {
        Other::of(&server).flush();
        Arc::new(provider(&server))
    });
}

#[test]
fn one_server_keeps_the_contract() {
    keeps_the_contract("redis");
}

#[test]
fn a_server_with_password_and_tls_keeps_the_contract() {
    keeps_the_contract("redis-tls");
}

#[test]
fn a_cluster_keeps_the_contract() {
    keeps_the_contract("redis-cluster");
}

#[test]
fn what_is_written_has_the_form_of_the_original() {
    let Some(server) = servers::start("redis", &[]) else { return };
    let described = Label { description: Some("good".into()), ..label("cats", "a") };
    provider(&server).put(&[entry("a", "cats")], &[described]).unwrap();
    let mut other = Other::of(&server);
    let row: BTreeMap<String, Vec<u8>> = other.run("HGETALL LocalDatasetEntry:a");
    let fields: Vec<&str> = row.keys().map(String::as_str).collect();
    assert_eq!(fields, ["cid", "data_urls", "name", "schema_ref"]);
    assert_eq!(row["data_urls"], b"\x91\xab/data/a.tar");
    let row: BTreeMap<String, String> = other.run("HGETALL Label:cats@");
    let expected = [("cid", "a"), ("description", "good"), ("name", "cats"), ("version", "")];
    assert_eq!(row, expected.map(|(key, value)| (key.into(), value.into())).into());
    let keys: BTreeSet<String> = other.run("KEYS *");
    let theirs = keys.into_iter().filter(|key| !key.starts_with("atdata:{index}:"));
    assert_eq!(theirs.collect::<Vec<_>>(), ["Label:cats@", "LocalDatasetEntry:a"]);
}

#[test]
fn a_name_or_a_page_takes_two_round_trips() {
    let Some(server) = servers::start("redis", &[]) else { return };
    let provider = provider(&server);
    let named = |number: usize| (format!("cid{number:04}"), format!("name{number:04}"));
    let rows: Vec<_> = (0..1000).map(named).collect();
    let entries: Vec<Entry> = rows.iter().map(|(cid, name)| entry(cid, name)).collect();
    let labels: Vec<Label> = rows.iter().map(|(cid, name)| label(name, cid)).collect();
    provider.put(&entries, &labels).unwrap();
    let mut other = Other::of(&server);
    // On one server each is a transaction.
    let mut trips = |work: &dyn Fn() -> usize, expected: usize| {
        let before = other.calls("exec");
        assert_eq!(work(), expected);
        other.calls("exec") - before
    };
    let page = Page { after: Some("name0500".into()), limit: 100 };
    assert_eq!(trips(&|| provider.named("name0700", "").unwrap().iter().count(), 1), 2);
    assert_eq!(trips(&|| provider.current(&page).unwrap().len(), 100), 2);
    assert_eq!(trips(&|| provider.entries(&first(100)).unwrap().len(), 100), 2);
    let query = atdata::provider::Query { schema: Some("Image".into()), ..Default::default() };
    assert_eq!(trips(&|| provider.search(&query, &page).unwrap().len(), 100), 2);
}

#[test]
fn no_name_holds_a_zero_byte() {
    let provider = RedisProvider::from_url("redis://localhost:1").unwrap();
    let error = provider.put(&[entry("a", "ca\0ts")], &[]).unwrap_err();
    assert_eq!(error.kind(), "invalid_argument");
}
