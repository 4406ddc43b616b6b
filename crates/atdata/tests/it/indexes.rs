//! Indexes: made, found, and found out when they are wrong.

use super::{number, numbers};
use atdata::{Dataset, DictSample, Value, WriteOptions, write_samples};
use std::fs;
use std::path::Path;

fn reopened(folder: &Path) -> Dataset<DictSample> {
    Dataset::open(folder.join("numbers-000000.tar").to_string_lossy()).unwrap()
}

#[test]
fn an_index_lies_beside_every_shard_that_is_written() {
    let folder = tempfile::tempdir().unwrap();
    numbers(folder.path(), 10, 10);
    let index = fs::read(folder.path().join("numbers-000000.tar.idx")).unwrap();
    let index = atdata::format::ShardIndex::decode(&index).unwrap();
    assert_eq!(index, reopened(folder.path()).shards().walk(0).unwrap());
    assert_eq!((index.len(), index.key(3)), (10, "000000003"));
}

#[test]
fn without_an_index_or_with_a_broken_one_the_headers_are_walked() {
    let folder = tempfile::tempdir().unwrap();
    numbers(folder.path(), 10, 10);
    let path = folder.path().join("numbers-000000.tar.idx");
    for bytes in [None, Some(&b"rubbish"[..])] {
        fs::remove_file(&path).unwrap();
        fs::write(&path, bytes.unwrap_or_default()).unwrap();
        let dataset = reopened(folder.path());
        assert_eq!((dataset.len().unwrap(), number(&dataset.get(7).unwrap())), (10, 7));
    }
}

#[test]
fn the_index_of_another_shard_is_not_believed() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    numbers(one.path(), 10, 10);
    numbers(other.path(), 12, 12);
    let name = "numbers-000000.tar";
    fs::copy(other.path().join(name), one.path().join(name)).unwrap();
    let dataset = reopened(one.path());
    assert_eq!((dataset.len().unwrap(), number(&dataset.get(11).unwrap())), (12, 11));
}

#[test]
fn an_index_of_the_same_size_but_other_places_is_found_out_when_it_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let dataset = numbers(folder.path(), 10, 10);
    assert_eq!(dataset.len().unwrap(), 10);
    // The shard changes after its index was read: headers where payloads were.
    let path = folder.path().join("numbers-000000.tar");
    let mut bytes = fs::read(&path).unwrap();
    bytes[512 * 6..512 * 8].fill(0);
    fs::write(&path, &bytes).unwrap();
    let error = dataset.get(3).unwrap_err();
    assert_eq!(error.kind(), "bad_shard_index");
    assert!(error.to_string().contains("written anew"), "{error}");
}

#[test]
fn where_the_places_have_changed_but_not_the_number_of_samples_they_are_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.tar");
    let write = |lengths: [usize; 3]| {
        let rows = lengths.map(|length| DictSample::from([("raw", Value::Bytes(vec![7; length]))]));
        write_samples(rows, &path, WriteOptions::new()).unwrap()
    };
    write([100, 900, 10]);
    let stale = fs::read(folder.path().join("data.tar.idx")).unwrap();
    // As large as before, its last sample in the same place.
    write([900, 100, 10]);
    fs::write(folder.path().join("data.tar.idx"), stale).unwrap();
    let dataset: Dataset<DictSample> = Dataset::open(path.to_string_lossy()).unwrap();
    let length = |sample: DictSample| match sample.get("raw") {
        Some(Value::Bytes(bytes)) => bytes.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!(length(dataset.get(0).unwrap()), 900);
    assert_eq!(length(dataset.get(1).unwrap()), 100);
    let mut all: Vec<usize> =
        dataset.shuffled().into_iter().map(|sample| length(sample.unwrap())).collect();
    all.sort_unstable();
    assert_eq!(all, [10, 100, 900]);
}

#[test]
fn samples_of_the_same_size_under_other_keys_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.tar");
    let write = |prefix: &'static str| {
        let rows = (0..3).map(|n| DictSample::from([("n", Value::Int(n))]));
        let options = WriteOptions::new().key(move |number, _| format!("{prefix}{number}"));
        write_samples(rows, &path, options).unwrap()
    };
    write("k");
    let stale = fs::read(folder.path().join("data.tar.idx")).unwrap();
    write("m");
    fs::write(folder.path().join("data.tar.idx"), stale).unwrap();
    let dataset: Dataset<DictSample> = Dataset::open(path.to_string_lossy()).unwrap();
    assert_eq!(dataset.by_key("k0").unwrap_err().kind(), "unknown_key");
    assert_eq!(number(&dataset.by_key("m2").unwrap()), 2);
}
