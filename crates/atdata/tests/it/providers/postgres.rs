//! What is particular to an index in `PostgreSQL`.

use super::{FIRST, entry, label, word};
use crate::servers;
use atdata::provider::{Document, DocumentKind, IndexProvider, PostgresProvider};
use atdata::testing::check_provider;
use postgres::{Client, NoTls};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// A database schema of its own on the server that the tests share, and a client of it without us.
fn fresh(server: &servers::Server) -> (String, Client) {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let schema = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let mut client = Client::connect(&server.url, NoTls).unwrap();
    client.batch_execute(&format!("CREATE SCHEMA {schema}; SET search_path = {schema}")).unwrap();
    (format!("{}?options=-c%20search_path%3D{schema}", server.url), client)
}

/// Leaves what the original would have made.
const FORGET: &str =
    "DROP TABLE atdata_meta, atdata_facts, atdata_history, atdata_facets, atdata_pending;
     DROP FUNCTION atdata_entry_changed CASCADE; DROP FUNCTION atdata_label_changed CASCADE";

#[test]
fn it_keeps_the_contract() {
    let Some(server) = servers::shared("postgres") else { return };
    check_provider(&|| Arc::new(PostgresProvider::open(&fresh(server).0).unwrap()));
}

#[test]
fn what_the_original_writes_is_noticed() {
    let Some(server) = servers::shared("postgres") else { return };
    let (url, mut original) = fresh(server);
    let index = PostgresProvider::open(&url).unwrap();
    index.put(&[entry("a", "cats")], &[label("cats", "a")]).unwrap();
    let insert = "INSERT INTO dataset_entries (cid, name, schema_ref, data_urls) VALUES";
    let mut run = |statement: String| original.execute(&statement, &[]).unwrap();
    run(format!("{insert} ('b', 'dogs', 'local://schemas/m.Other@1.0.0', '\\x90')"));
    run("UPDATE labels SET cid = 'b'".into());
    let found = index.search(&word("dogs"), &FIRST).unwrap();
    assert_eq!((found.len(), found[0].cid.as_str()), (1, "b"));
    let cids: Vec<String> =
        index.history("cats").unwrap().into_iter().map(|moment| moment.cid).collect();
    assert_eq!(cids, ["b", "a"]);
    run("DELETE FROM dataset_entries WHERE cid = 'b'".into());
    assert_eq!(index.search(&word("dogs"), &FIRST).unwrap(), []);
}

#[test]
fn rows_from_before_are_found_and_a_broken_one_is_named() {
    let Some(server) = servers::shared("postgres") else { return };
    let (url, mut original) = fresh(server);
    let index = PostgresProvider::open(&url).unwrap();
    index.put(&[entry("a", "cats")], &[label("cats", "a")]).unwrap();
    original
        .batch_execute(&format!(
            "{FORGET}; INSERT INTO dataset_entries VALUES ('z', 'bad', 's', '\\xc1')"
        ))
        .unwrap();
    let index = PostgresProvider::open(&url).unwrap();
    assert_eq!(index.search(&word("cats"), &FIRST).unwrap().len(), 1);
    assert_eq!(index.history("cats").unwrap().len(), 1);
    let error = index.named("bad", "").unwrap_err();
    assert_eq!(error.kind(), "bad_index");
    assert!(error.to_string().contains("entry z"), "{error}");
}

#[test]
fn a_role_that_may_make_no_triggers_keeps_the_contract() {
    let Some(server) = servers::shared("postgres") else { return };
    let (_, mut owner) = fresh(server);
    let role = "guest".to_owned() + &std::process::id().to_string();
    owner.batch_execute(&format!("CREATE ROLE {role} LOGIN PASSWORD 'pw'")).unwrap();
    let guest = |url: &str| {
        url.replace(server.url.split_once('@').unwrap().0, &format!("postgres://{role}:pw"))
    };
    check_provider(&|| {
        let (url, mut owner) = fresh(server);
        PostgresProvider::open(&url).unwrap().check().unwrap();
        owner
            .batch_execute(&format!(
                "{FORGET}; GRANT ALL ON SCHEMA {schema} TO {role};
                 GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
                schema = url.rsplit_once("%3D").unwrap().1
            ))
            .unwrap();
        Arc::new(PostgresProvider::open(&guest(&url)).unwrap())
    });
}

#[test]
fn a_newer_layout_is_refused() {
    let Some(server) = servers::shared("postgres") else { return };
    let (url, mut newer) = fresh(server);
    PostgresProvider::open(&url).unwrap().check().unwrap();
    newer.execute("UPDATE atdata_meta SET value = '2'", &[]).unwrap();
    let error = PostgresProvider::open(&url).unwrap().check().unwrap_err();
    assert_eq!(error.kind(), "bad_index");
    assert!(error.to_string().contains("layout 2"), "{error}");
}

#[test]
fn many_may_begin_at_once() {
    let Some(server) = servers::shared("postgres") else { return };
    let (url, _) = fresh(server);
    thread::scope(|scope| {
        for number in 0..16 {
            let index = PostgresProvider::open(&url).unwrap();
            scope.spawn(move || {
                let cid = number.to_string();
                index.put(&[entry(&cid, &cid)], &[label(&cid, &cid)]).unwrap();
            });
        }
    });
    let index = PostgresProvider::open(&url).unwrap();
    assert_eq!(index.current(&FIRST).unwrap().len(), 16);
}

#[test]
fn a_handle_works_after_a_restart_of_the_server() {
    let Some(server) = servers::start("postgres", &[]) else { return };
    let index = PostgresProvider::open(&server.url).unwrap();
    let document = Document { name: "A".into(), version: "1.0.0".into(), json: "{}".into() };
    index.put(&[entry("a", "cats")], &[label("cats", "a")]).unwrap();
    server.stop();
    let error = index.named("cats", "").unwrap_err();
    assert_eq!(error.kind(), "unreachable");
    server.start();
    assert!(index.named("cats", "").unwrap().is_some());
    server.stop();
    server.start();
    assert!(index.create_document(DocumentKind::Schema, &document).unwrap());
    assert!(!index.create_document(DocumentKind::Schema, &document).unwrap());
}

#[test]
fn errors_say_what_to_do_and_hold_no_password() {
    let Some(server) = servers::shared("postgres") else { return };
    let password = server.password.as_deref().unwrap();
    let check = |from: &str, to: &str| {
        let index = PostgresProvider::open(&server.url.replace(from, to)).unwrap();
        let error = index.check().unwrap_err();
        let shown = format!("{error} {error:?} {index:?} {}", index.address());
        assert!(!shown.contains(password) && !shown.contains("wrong-secret"), "{shown}");
        (error.kind(), error.to_string())
    };
    assert_eq!(check(password, "wrong-secret").0, "denied");
    assert_eq!(check("/postgres", "/no_such_database").0, "not_found");
    assert_eq!(check(&server.port.to_string(), "1").0, "unreachable");
    let (kind, said) = check("/postgres", "/postgres?sslmode=require");
    assert!(kind == "unreachable" && said.contains("sslmode"), "{said}");
}

#[test]
fn no_transaction_is_left_open() {
    let Some(server) = servers::shared("postgres") else { return };
    let (url, mut client) = fresh(server);
    let index = PostgresProvider::open(&format!("{url}&application_name=left_open")).unwrap();
    index.put(&[entry("a", "cats")], &[]).unwrap();
    let error = index.put(&[entry("b", "dogs")], &[label("do\0gs", "b")]).unwrap_err();
    assert_eq!(error.kind(), "invalid_argument");
    assert_eq!(index.entry("b").unwrap(), None);
    index.search(&word("cats"), &FIRST).unwrap();
    let states = client
        .query("SELECT state FROM pg_stat_activity WHERE application_name = 'left_open'", &[])
        .unwrap();
    let states: Vec<String> = states.iter().map(|row| row.get(0)).collect();
    assert_eq!(states, ["idle"]);
}
