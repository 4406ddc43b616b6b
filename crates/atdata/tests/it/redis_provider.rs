//! An index in Redis: one server, one with TLS and a password, a cluster.

use super::servers::{self, Server};
use atdata::provider::{
    Document, DocumentKind, Entry, IndexProvider, Label, Page, Query, RedisOptions, RedisProvider,
};
use atdata::testing::check_provider;
use std::sync::Arc;
use std::time::{Duration, Instant};

fn url(server: &Server) -> String {
    match &server.ca {
        Some(ca) => format!("{}?ca={ca}", server.url),
        None => server.url.clone(),
    }
}

fn provider(server: &Server) -> RedisProvider {
    RedisProvider::from_url(&url(server)).unwrap()
}

/// What another program would use.
fn other(server: &Server) -> redis::Connection {
    redis::Client::open(server.url.as_str()).unwrap().get_connection().unwrap()
}

fn first(limit: usize) -> Page {
    Page { after: None, limit }
}

fn entry(cid: &str, name: &str) -> Entry {
    let reference = "atdata://local/schema/Image@1.0.0".into();
    let data_urls = vec![format!("/data/{cid}.tar")];
    Entry {
        cid: cid.into(),
        name: name.into(),
        schema_ref: reference,
        data_urls,
        ..Entry::default()
    }
}

fn label(name: &str, cid: &str) -> Label {
    Label { name: name.into(), cid: cid.into(), ..Label::default() }
}

fn names(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.name.as_str()).collect()
}

/// As the original writes an entry.
fn write_entry(connection: &mut redis::Connection, cid: &str, name: &str) {
    let mut command = redis::cmd("HSET");
    command.arg(format!("LocalDatasetEntry:{cid}")).arg(&["name", name, "cid", cid]);
    command.arg(&["schema_ref", "atdata://local/schema/Image@1.0.0"]);
    command.arg("data_urls").arg(b"\x91\xa6/x.tar");
    command.arg("metadata").arg(b"\x81\xa4tags\x91\xa6animal").exec(connection).unwrap();
}

/// As the original writes a label.
fn write_label(connection: &mut redis::Connection, name: &str, cid: &str) {
    let mut command = redis::cmd("HSET");
    command.arg(format!("Label:{name}@")).arg(&["cid", cid, "name", name, "version", ""]);
    command.exec(connection).unwrap();
}

fn flush(server: &Server) {
    use redis::cluster::ClusterClientBuilder;
    if server.url.starts_with("redis+cluster") {
        let node = server.url.replace("redis+cluster", "redis");
        let mut connection = ClusterClientBuilder::new([node]).build().unwrap().get_connection();
        let connection = connection.as_mut().unwrap();
        redis::cmd("FLUSHALL").exec(connection).unwrap();
        return;
    }
    let mut client = redis::Client::open(server.url.as_str()).unwrap();
    if let Some(ca) = &server.ca {
        let root_cert = Some(std::fs::read(ca).unwrap());
        let certificates = redis::TlsCertificates { client_tls: None, root_cert };
        client = redis::Client::build_with_tls(server.url.as_str(), certificates).unwrap();
    }
    redis::cmd("FLUSHALL").exec(&mut client.get_connection().unwrap()).unwrap();
}

fn keeps_the_contract(kind: &str) {
    let Some(server) = servers::start(kind, &[]) else { return };
    // Reached first: this makes sure that TLS has its cryptography.
    provider(&server).check().unwrap();
    check_provider(&|| {
        flush(&server);
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
