//! What is particular to an index in a file.

use super::{FIRST, entry, label, word};
use atdata::provider::{DocumentKind, IndexProvider, SqliteProvider};
use atdata::testing::check_provider;
use rusqlite::Connection;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;

#[test]
fn in_memory_keeps_the_contract() {
    check_provider(&|| Arc::new(SqliteProvider::in_memory().unwrap()));
}

#[test]
fn in_a_file_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let number = AtomicUsize::new(0);
    check_provider(&|| {
        let number = number.fetch_add(1, Ordering::Relaxed);
        let path = folder.path().join(format!("new folder {number}/index?.db"));
        Arc::new(SqliteProvider::open(&path).unwrap())
    });
}

/// An index with one entry in it, and the same file without us.
fn filled() -> (TempDir, PathBuf, SqliteProvider) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index.db");
    let index = SqliteProvider::open(&path).unwrap();
    index.put(&[entry("a", "cats")], &[label("cats", "a")]).unwrap();
    (folder, path, index)
}

fn fixture(folder: &Path) -> PathBuf {
    let path = folder.join("index.db");
    fs::copy(crate::fixtures().join("index/index.db"), &path).unwrap();
    path
}

fn message<T: std::fmt::Debug>(result: atdata::Result<T>) -> (&'static str, String) {
    let error = result.unwrap_err();
    (error.kind(), error.to_string())
}

#[test]
fn an_index_of_the_original_is_read_searched_and_has_a_history() {
    let folder = tempfile::tempdir().unwrap();
    let index = SqliteProvider::open(&fixture(folder.path())).unwrap();
    let names: Vec<String> =
        index.current(&FIRST).unwrap().into_iter().map(|entry| entry.name).collect();
    assert_eq!(names, ["labeled-v1", "text-v1"]);
    assert_eq!(index.search(&word("text"), &FIRST).unwrap().len(), 1);
    assert_eq!(index.documents(DocumentKind::Schema, &FIRST).unwrap().len(), 3);
    let history = index.history("text-v1").unwrap();
    assert_eq!(history[0].at, "2026-11-20T16:44:32.000000Z");
}

#[test]
fn what_the_original_writes_is_noticed() {
    let (_folder, path, index) = filled();
    let replace = "INSERT OR REPLACE INTO dataset_entries (cid, name, schema_ref, data_urls)";
    let original = Connection::open(&path).unwrap();
    let run = |statement: String| original.execute(&statement, []).unwrap();
    run(format!("{replace} VALUES ('b', 'cats', 'local://schemas/m.Other@1.0.0', x'90')"));
    assert_eq!(index.search(&word("dogs"), &FIRST).unwrap(), []);
    run("INSERT OR REPLACE INTO labels (name, cid, version) VALUES ('cats', 'b', '')".into());
    run(format!("{replace} VALUES ('b', 'dogs', 'local://schemas/m.Other@1.0.0', x'90')"));
    let found = index.search(&word("dogs"), &FIRST).unwrap();
    assert_eq!((found.len(), found[0].cid.as_str()), (1, "b"));
    let cids: Vec<String> =
        index.history("cats").unwrap().into_iter().map(|moment| moment.cid).collect();
    assert_eq!(cids, ["b", "a"]);
    run("DELETE FROM dataset_entries WHERE cid = 'b'".into());
    assert_eq!(index.search(&word("dogs"), &FIRST).unwrap(), []);
}

#[test]
fn a_broken_row_is_named_and_hides_no_other() {
    let (_folder, path, index) = filled();
    let original = Connection::open(&path).unwrap();
    for urls in ["x'c1'", "'text'", "5"] {
        let row = format!("REPLACE INTO dataset_entries VALUES ('z', 'bad', 's', {urls}, 1, 2, 3)");
        original.execute(&row, []).unwrap();
        let (kind, message) = message(index.named("bad", ""));
        assert_eq!(kind, "bad_index");
        assert!(message.contains("dataset_entries") && message.contains("entry z"), "{message}");
        assert_eq!(index.search(&word("cats"), &FIRST).unwrap().len(), 1);
        assert!(index.named("cats", "").unwrap().is_some());
    }
    assert!(index.remove_entry("z").unwrap());
    assert_eq!(index.entries(&FIRST).unwrap().len(), 1);
}

#[test]
fn a_newer_layout_is_refused_and_left_as_it_is() {
    let (_folder, path, index) = filled();
    let newer = Connection::open(&path).unwrap();
    newer.execute("UPDATE atdata_meta SET value = '2' WHERE key = 'layout'", []).unwrap();
    drop(newer);
    let before = fs::read(&path).unwrap();
    for result in [index.check(), index.put(&[entry("b", "dogs")], &[])] {
        let (kind, message) = message(result);
        assert_eq!(kind, "bad_index");
        assert!(message.contains("layout 2") && message.contains("upgrade"), "{message}");
    }
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn what_is_no_index_is_said_to_be_none() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    fs::write(&text, "not a database, but long enough to have a header".repeat(100)).unwrap();
    let check = |path: &Path| message(SqliteProvider::open(path).unwrap().check());
    let (kind, said) = check(&text);
    assert!(kind == "bad_index" && said.contains("not an SQLite database"), "{said}");
    let (kind, said) = check(folder.path());
    assert!(kind == "invalid_argument" && said.contains("is a folder"), "{said}");
    let (_, said) = check(&text.join("index.db"));
    assert!(said.contains("notes.txt"), "{said}");
}

#[test]
fn nothing_is_left_beside_a_file_that_nobody_uses() {
    let (folder, _path, index) = filled();
    index.search(&word("cats"), &FIRST).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn handles_of_several_threads_share_a_file() {
    let (_folder, path, _index) = filled();
    std::thread::scope(|scope| {
        for number in 0..8 {
            let path = &path;
            scope.spawn(move || {
                let index = SqliteProvider::open(path).unwrap();
                for put in 0..10 {
                    let cid = format!("{number}-{put}");
                    index.put(&[entry(&cid, &cid)], &[label(&cid, &cid)]).unwrap();
                }
            });
        }
    });
    let index = SqliteProvider::open(&path).unwrap();
    assert_eq!(index.entries(&FIRST).unwrap().len(), 81);
}
