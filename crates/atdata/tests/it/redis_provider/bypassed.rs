//! What the original writes past our own keys.

use super::super::servers::{self, Server};
use super::{Other, entry, first, label, names, provider};
use atdata::provider::{DocumentKind, IndexProvider, Query};

/// As the original writes an entry.
fn write_entry(other: &mut Other, cid: &str, name: &str) {
    let mut command = redis::cmd("HSET");
    command.arg(format!("LocalDatasetEntry:{cid}")).arg(&["name", name, "cid", cid]);
    command.arg(&["schema_ref", "atdata://local/schema/Image@1.0.0"]);
    command.arg("data_urls").arg(b"\x91\xa6/x.tar");
    command.arg("metadata").arg(b"\x81\xa4tags\x91\xa6animal");
    other.command::<()>(&command);
}

/// As the original writes a label.
fn write_label(other: &mut Other, name: &str, version: &str, cid: &str) {
    let mut command = redis::cmd("HSET");
    command.arg(format!("Label:{name}@{version}"));
    command.arg(&["cid", cid, "name", name, "version", version]);
    other.command::<()>(&command);
}

fn animals() -> Query {
    Query { tags: vec!["animal".into()], ..Query::default() }
}

fn on_a_server_and_a_cluster(check: impl Fn(&Server)) {
    for kind in ["redis", "redis-cluster"] {
        if let Some(server) = servers::start(kind, &[]) {
            check(&server);
        }
    }
}

#[test]
fn rows_of_the_original_are_listed_and_found() {
    on_a_server_and_a_cluster(|server| {
        let (provider, mut other) = (provider(server), Other::of(server));
        provider.put(&[entry("a", "ours")], &[label("ours", "a")]).unwrap();
        write_entry(&mut other, "b", "theirs");
        write_label(&mut other, "theirs", "", "b");
        write_label(&mut other, "theirs", "1.0.0", "b");
        write_entry(&mut other, "c", "bare");
        other.run::<()>("SET LocalSchema:Image@1.0.0 {}");
        assert_eq!(names(&provider.current(&first(9)).unwrap()), ["bare", "ours", "theirs"]);
        assert_eq!(names(&provider.search(&animals(), &first(9)).unwrap()), ["bare", "theirs"]);
        assert_eq!(provider.entries(&first(9)).unwrap().len(), 3);
        assert_eq!(provider.named("bare", "").unwrap().unwrap().cid, "c");
        assert_eq!(provider.labels("b").unwrap().len(), 2);
        assert_eq!(provider.history("theirs").unwrap().len(), 1);
        assert_eq!(provider.versions(DocumentKind::Schema, "Image").unwrap(), ["1.0.0"]);
    });
}

#[test]
fn any_first_question_finds_rows_of_the_original() {
    let Some(server) = servers::start("redis", &[]) else { return };
    let ask: [fn(&dyn IndexProvider) -> usize; 6] = [
        |provider| provider.current(&first(9)).unwrap().len(),
        |provider| provider.entries(&first(9)).unwrap().len(),
        |provider| provider.search(&animals(), &first(9)).unwrap().len(),
        |provider| provider.labels("b").unwrap().len(),
        |provider| provider.named("bare", "").unwrap().iter().count(),
        |provider| provider.documents(DocumentKind::Lens, &first(9)).unwrap().len(),
    ];
    for (ask, expected) in ask.iter().zip([2, 2, 2, 1, 1, 1]) {
        let mut other = Other::of(&server);
        other.flush();
        write_entry(&mut other, "b", "theirs");
        write_label(&mut other, "theirs", "", "b");
        write_entry(&mut other, "c", "bare");
        other.run::<()>("SET LocalLens:Gray@1.0.0 {}");
        assert_eq!(ask(&provider(&server)), expected);
    }
}

#[test]
fn a_label_that_the_original_moves_is_followed() {
    on_a_server_and_a_cluster(|server| {
        let (provider, mut other) = (provider(server), Other::of(server));
        let labels = [label("cats", "a"), label("dogs", "b")];
        provider.put(&[entry("a", "cats"), entry("b", "dogs")], &labels).unwrap();
        write_label(&mut other, "cats", "", "b");
        let found = provider.current(&first(9)).unwrap();
        assert_eq!((found[0].name.as_str(), found[0].cid.as_str()), ("cats", "b"));
        let moments = provider.history("cats").unwrap();
        assert_eq!((moments.len(), moments[0].cid.as_str()), (2, "b"));
        assert_eq!(provider.labels("b").unwrap().len(), 2);
        assert_eq!(provider.labels("a").unwrap().len(), 0);
    });
}

#[test]
fn what_others_remove_is_gone() {
    on_a_server_and_a_cluster(|server| {
        let (provider, mut other) = (provider(server), Other::of(server));
        let labels = [label("cats", "a"), label("dogs", "b")];
        provider.put(&[entry("a", "cats"), entry("b", "dogs")], &labels).unwrap();
        other.run::<()>("DEL LocalDatasetEntry:a");
        other.run::<()>("DEL Label:cats@");
        assert_eq!(names(&provider.current(&first(9)).unwrap()), ["dogs"]);
        assert_eq!(provider.entries(&first(9)).unwrap().len(), 1);
    });
}

#[test]
fn keys_of_other_programs_cost_one_look() {
    let Some(server) = servers::start("redis", &[]) else { return };
    let (provider, mut other) = (provider(&server), Other::of(&server));
    provider.put(&[entry("a", "cats")], &[label("cats", "a")]).unwrap();
    for key in ["session:1", "Label:", "LocalSchema:without-version", "atdata:other"] {
        other.run::<()>(&format!("SET {key} x"));
    }
    for _ in 0..3 {
        assert_eq!(names(&provider.current(&first(9)).unwrap()), ["cats"]);
        assert_eq!(other.calls("scan"), 1);
    }
    other.run::<()>("DEL session:1");
    write_entry(&mut other, "b", "dogs");
    // One key less and one more: only the next change shows it.
    write_label(&mut other, "dogs", "", "b");
    assert_eq!(names(&provider.current(&first(9)).unwrap()), ["cats", "dogs"]);
}

#[test]
fn names_and_versions_with_an_at_sign_are_told_apart() {
    let Some(server) = servers::start("redis", &[]) else { return };
    let mut other = Other::of(&server);
    write_entry(&mut other, "a", "a@b");
    write_label(&mut other, "a@b", "c@1", "a");
    let labels = provider(&server).labels("a").unwrap();
    assert_eq!((labels[0].name.as_str(), labels[0].version.as_str()), ("a@b", "c@1"));
}
