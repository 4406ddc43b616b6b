//! Writing: whole or not at all, the same bytes for the same samples.

use super::number;
use atdata::{DictSample, Error, Progress, Sample, Value, WriteOptions, write_samples};
use std::cell::RefCell;
use std::fs;
use std::path::Path;
use std::rc::Rc;

fn samples(count: i64) -> impl Iterator<Item = DictSample> {
    (0..count).map(|n| DictSample::from([("n", Value::Int(n))]))
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn the_same_samples_give_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.tar", "b.tar"] {
        write_samples(samples(20), folder.path().join(name), WriteOptions::new()).unwrap();
    }
    let bytes = |name: &str| fs::read(folder.path().join(name)).unwrap();
    assert_eq!(bytes("a.tar"), bytes("b.tar"));
    assert_eq!(bytes("a.tar.idx"), bytes("b.tar.idx"));
}

#[test]
fn limits_of_samples_and_bytes_begin_new_shards() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new").join("data.tar");
    let dataset = write_samples(samples(5), &path, WriteOptions::new().max_count(2)).unwrap();
    assert_eq!(dataset.shards().counts().unwrap(), [2, 2, 1]);
    assert!(files(path.parent().unwrap()).contains(&"data-000002.tar".to_owned()));

    let sized = folder.path().join("sized.tar");
    let dataset = write_samples(samples(5), &sized, WriteOptions::new().max_size(4096)).unwrap();
    for shard in dataset.shards().names().unwrap() {
        assert!(fs::metadata(shard).unwrap().len() <= 4096);
    }
    assert_eq!(dataset.shards().counts().unwrap(), [3, 2]);
}

#[test]
fn nothing_is_left_of_a_write_that_fails_or_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.tar");
    fs::write(&path, b"old").unwrap();
    let bad = samples(3).chain([DictSample::from([("n", Value::Nil)])]);
    let options = WriteOptions::new()
        .max_count(1)
        .key(|n, _| if n < 3 { n.to_string() } else { "not.allowed".to_owned() });
    let error = write_samples(bad, &path, options).unwrap_err();
    assert_eq!(error.kind(), "bad_key");
    let options = WriteOptions::new().progress(|progress| progress.samples < 2000);
    let error = write_samples(samples(9000), &path, options).unwrap_err();
    assert!(matches!(error, Error::Stopped));
    assert_eq!(
        (files(folder.path()), fs::read(&path).unwrap()),
        (vec!["data.tar".into()], b"old".into())
    );
}

#[test]
fn keys_are_numbers_unless_they_are_given() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.tar");
    let options = WriteOptions::new().max_count(2);
    let dataset = write_samples(samples(3), &path, options).unwrap();
    assert_eq!(dataset.shards().index(1).unwrap().key(0), "000000002");
    let options =
        WriteOptions::new().key(|number, sample| format!("k{number}-{}", super::number(sample)));
    let dataset = write_samples(samples(3), &path, options).unwrap();
    assert_eq!(dataset.shards().index(0).unwrap().key(2), "k2-2");
    let same = WriteOptions::new().key(|number, _: &DictSample| format!("k{}", number % 2));
    assert_eq!(write_samples(samples(3), &path, same).unwrap_err().kind(), "member_twice");
}

#[test]
fn progress_is_told_and_ends_with_all() {
    let folder = tempfile::tempdir().unwrap();
    let seen = Rc::new(RefCell::new(Vec::new()));
    let told = Rc::clone(&seen);
    let options = WriteOptions::new().progress(move |progress: Progress| {
        told.borrow_mut().push(progress);
        true
    });
    let path = folder.path().join("data.tar");
    write_samples(samples(2500), &path, options).unwrap();
    let seen = seen.borrow();
    assert_eq!(seen.iter().map(|p| p.samples).collect::<Vec<_>>(), [1000, 2000, 2500]);
    assert_eq!(seen[2].bytes, fs::metadata(&path).unwrap().len());
}

#[test]
fn an_empty_set_is_a_shard_without_samples() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.tar");
    let dataset = write_samples(samples(0), &path, WriteOptions::new()).unwrap();
    assert_eq!((dataset.len().unwrap(), fs::metadata(&path).unwrap().len()), (0, 1024));
}

#[test]
fn mistakes_are_told_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &Path, options| write_samples(samples(1), path, options).unwrap_err();
    assert_eq!(write(folder.path(), WriteOptions::new()).kind(), "invalid_argument");
    let path = folder.path().join("a.tar");
    assert_eq!(write(&path, WriteOptions::new().max_count(0)).kind(), "invalid_argument");
    let remote = Path::new("s3://bucket/a.tar");
    assert_eq!(write(remote, WriteOptions::new()).kind(), "unsupported");
    assert!(files(folder.path()).is_empty());
    let large = DictSample::from([("n", Value::Int(number(&samples(1).next().unwrap())))]);
    assert!(large.to_bytes().is_ok());
}
