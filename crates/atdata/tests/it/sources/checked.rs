//! Shards with other bytes are refused, whatever way they are read.

use super::{Far, checksums, dataset, read};
use crate::{numbers, one_way};
use atdata::source::{Checked, DataSource};
use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// Twenty numbers in four shards, of which one has changed since it was hashed.
fn changed() -> (TempDir, Arc<Checked>) {
    let folder = tempfile::tempdir().unwrap();
    numbers(folder.path(), 20, 5);
    let source = Far::new(folder.path(), 4);
    let known = checksums(&source);
    change(&folder.path().join("numbers-000002.tar"));
    (folder, Arc::new(Checked::new(Arc::new(source), known)))
}

/// Changes a payload, so that the shard can be read as before.
fn change(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let at = bytes.windows(3).position(|part| part == b"\xa1n\x0a").unwrap();
    bytes[at + 2] = 77;
    fs::write(path, bytes).unwrap();
}

#[test]
fn right_shards_are_read_in_every_way() {
    let folder = tempfile::tempdir().unwrap();
    numbers(folder.path(), 20, 5);
    let source = Arc::new(Far::new(folder.path(), 4));
    let known = checksums(&*source);
    let all: Vec<i64> = (0..20).collect();
    let checked = || dataset(Arc::new(Checked::new(source.clone(), known.clone())));
    assert_eq!(read(checked().ordered()).0, all);
    let mut shuffled = read(checked().shuffled().seed(3)).0;
    shuffled.sort_unstable();
    assert_eq!(shuffled, all);
    assert_eq!(crate::number(&checked().get(13).unwrap()), 13);
    // Once a shard was found right it is not hashed again.
    let checked = checked();
    assert_eq!(read(checked.ordered()).0, all);
    let before = source.opened();
    assert_eq!(read(checked.ordered()).0, all);
    assert_eq!(source.opened() - before, 4);
}

#[test]
fn a_changed_shard_is_refused_in_every_way() {
    let (_folder, source) = changed();
    let data = dataset(source);
    let (numbers, error) = read(data.ordered());
    let error = error.unwrap();
    assert_eq!((error.kind(), numbers.len()), ("checksum", 15), "{error}");
    assert!(error.to_string().contains("far://numbers-000002.tar"), "{error}");
    assert_eq!(read(data.shuffled().seed(1)).1.unwrap().kind(), "checksum");
    assert_eq!(data.get(12).unwrap_err().kind(), "checksum");
    assert_eq!(crate::number(&data.get(7).unwrap()), 7);
    let batches: Vec<_> = data.ordered().batches(20).collect();
    assert_eq!(batches.into_iter().find_map(Result::err).unwrap().kind(), "checksum");
}

#[test]
fn a_shard_that_can_only_be_read_in_order_is_judged_at_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let source = Arc::clone(one_way(folder.path()).shards().source());
    let known = checksums(&*source);
    change(&folder.path().join("numbers-000001.tar"));
    let data = dataset(Arc::new(Checked::new(source, known)));
    let (numbers, error) = read(data.ordered());
    assert_eq!((error.unwrap().kind(), numbers.len()), ("checksum", 14));
}

#[test]
fn a_shard_that_nothing_is_known_of_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    numbers(folder.path(), 5, 5);
    let source = Arc::new(Far::new(folder.path(), 1));
    let data = dataset(Arc::new(Checked::new(source.clone(), HashMap::new())));
    let error = read(data.ordered()).1.unwrap();
    assert!(error.kind() == "invalid_argument" && error.to_string().contains("no checksum"));
    assert_eq!(source.opened(), 0);
}

#[test]
fn an_input_that_is_dropped_early_says_nothing() {
    let (_folder, source) = changed();
    let mut input = source.open("far://numbers-000002.tar").unwrap();
    input.read_exact(&mut [0; 100]).unwrap();
    drop(input);
    let (numbers, error) = read(dataset(source.clone()).ordered().into_iter().take(12));
    assert!(numbers.len() == 12 && error.is_none());
    // Read in part and then at any place, it is judged as a whole.
    let mut input = source.open("far://numbers-000002.tar").unwrap();
    input.read_exact(&mut [0; 100]).unwrap();
    assert!(input.read_at(0, &mut [0; 10]).is_err());
}
