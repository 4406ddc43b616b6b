//! A folder as a store: the contract, and that it is never left.

use atdata::store::{DataStore, LocalDiskStore, prefix_of};
use atdata::testing::check_store;
use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

#[test]
fn a_folder_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let number = AtomicUsize::new(0);
    check_store(&|| {
        let number = number.fetch_add(1, Ordering::Relaxed);
        let path = folder.path().join(format!("a {{b,c}}/new %20 {number}"));
        Arc::new(LocalDiskStore::new(path).unwrap())
    });
}

#[test]
fn it_is_not_left() {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalDiskStore::new(folder.path().join("store")).unwrap();
    let root = store.root().display();
    let outside = folder.path().join("data.tar");
    fs::write(&outside, "theirs").unwrap();
    let theirs = [
        outside.display().to_string(),
        format!("{root}/../data.tar"),
        format!("{root}/a/../../data.tar"),
        format!("file://{root}/../data.tar"),
        format!("{root}-2/data.tar"),
        format!("{root}//data.tar"),
        format!("{root}/./data.tar"),
        "data.tar".to_owned(),
        "s3://bucket/data.tar".to_owned(),
        String::new(),
    ];
    for url in &theirs {
        assert!(!store.holds(url), "{url}");
        for result in [store.remove(url), store.put_beside(url, b"ours")] {
            assert_eq!(result.unwrap_err().kind(), "invalid_argument", "{url}");
        }
    }
    assert_eq!(fs::read(outside).unwrap(), b"theirs");
    assert!(store.holds(&format!("file://{root}/a/data.tar")));
}

#[test]
fn links_are_not_followed_when_it_is_listed() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = LocalDiskStore::new(folder.path().join("elsewhere")).unwrap();
    let store = LocalDiskStore::new(folder.path().join("store")).unwrap();
    elsewhere.create("a").unwrap().commit(0).unwrap();
    let own = store.create("a").unwrap().commit(0).unwrap();
    symlink(elsewhere.root(), store.root().join("link")).unwrap();
    let mut found = Vec::new();
    let mut tell = |file: atdata::store::Found| {
        found.push(file.url);
        Ok(())
    };
    store.list(&mut tell).unwrap();
    assert_eq!(found, [own.url]);
}

#[test]
fn any_name_is_a_folder_within() {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalDiskStore::new(folder.path()).unwrap();
    for name in ["cats & dogs", "%41", "日本", "a b/c{0..9}", ".", "-rf", "a:b\\c", "~", "..."] {
        let prefix = prefix_of(name).unwrap();
        let mut sink = store.create(&prefix).unwrap();
        sink.write_all(name.as_bytes()).unwrap();
        let stored = sink.commit(0).unwrap();
        assert!(store.holds(&stored.url), "{name}");
        assert_eq!(fs::read(&stored.url).unwrap(), name.as_bytes());
        let source = store.source(vec![stored.url.clone()]);
        assert_eq!(source.shards().unwrap(), [stored.url]);
    }
}

#[test]
fn a_folder_that_cannot_be_one_and_a_signature_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "a file").unwrap();
    let store = LocalDiskStore::new(&file).unwrap();
    assert!(store.check().is_err() && store.create("a").is_err());
    let signed = store.read_url("/x", Some(Duration::from_secs(1)));
    assert_eq!(signed.unwrap_err().kind(), "unsupported");
    use std::os::unix::ffi::OsStrExt;
    let no_text = folder.path().join(std::ffi::OsStr::from_bytes(b"\xff"));
    assert_eq!(LocalDiskStore::new(no_text).unwrap_err().kind(), "invalid_argument");
}

#[test]
fn a_folder_may_be_spelt_in_many_ways() {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().display();
    let name = folder.path().file_name().unwrap().display();
    for root in
        [format!("{plain}//store/"), format!("{plain}/./store"), format!("{plain}/../{name}/store")]
    {
        let store = LocalDiskStore::new(root).unwrap();
        let stored = store.create("a").unwrap().commit(0).unwrap();
        assert!(store.holds(&stored.url), "{}", stored.url);
        store.put_beside(&format!("{}.idx", stored.url), b"index").unwrap();
        let mut listed = Vec::new();
        let mut tell = |found: atdata::store::Found| {
            listed.push(found.url);
            Ok(())
        };
        store.list(&mut tell).unwrap();
        assert!(listed.len() == 2 && listed.contains(&stored.url), "{listed:?}");
    }
}
