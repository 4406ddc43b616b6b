//! Sources by address.

use crate::{number, numbers};
use atdata::{Dataset, DictSample, Error, SourceOptions, open_source, open_store};

fn open(patterns: &[&str], allow_pipe: bool) -> atdata::Result<Dataset<DictSample>> {
    let patterns = patterns.iter().map(ToString::to_string).collect();
    let options = SourceOptions { allow_pipe, ..SourceOptions::default() };
    open_source(patterns, &options).map(Dataset::from_source)
}

#[test]
fn commands_give_shards() {
    let folder = tempfile::tempdir().unwrap();
    numbers(folder.path(), 10, 5);
    let path = folder.path().display();
    let mixed = format!("pipe:cat {path}/numbers-{{000000..000001}}.tar");
    let file = format!("{path}/numbers-000000.tar");
    let dataset = open(&[&mixed, &file], true).unwrap();
    let read: Vec<i64> =
        dataset.ordered().into_iter().map(|sample| number(&sample.unwrap())).collect();
    assert_eq!(read, (0..10).chain(0..5).collect::<Vec<_>>());
}

#[test]
fn a_command_that_fails_is_no_end() {
    let folder = tempfile::tempdir().unwrap();
    let shard = numbers(folder.path(), 5, 10).shards().names().unwrap()[0].clone();
    let command = format!("pipe:cat {shard}; echo no such luck >&2; exit 3");
    let read: Vec<_> = open(&[&command], true).unwrap().ordered().into_iter().collect();
    let error = read.last().unwrap().as_ref().unwrap_err().to_string();
    assert!(error.contains("no such luck") && error.contains('3'), "{error}");
    assert!(read[..read.len() - 1].iter().all(Result::is_ok));
}

#[test]
fn commands_must_be_allowed() {
    let error = open(&["pipe:curl -u me:pw host"], false).unwrap_err();
    assert!(matches!(&error, Error::Unsupported(text) if text.contains("allow_pipe=True")));
    assert!(!error.to_string().contains("pw"), "{error}");
}

#[test]
fn schemes_that_there_are_not_are_named() {
    for scheme in ["sftp", "ftp", "hdfs", "memory"] {
        let url = format!("{scheme}://me:pw@host/x.tar");
        let error = open(&["a.tar", &url], false).unwrap_err().to_string();
        assert!(error.contains(scheme) && error.contains("s3://"), "{error}");
        let refused = open_store(&url).unwrap_err().to_string();
        assert!(!error.contains("pw") && !refused.contains("pw"), "{error} {refused}");
    }
}

#[test]
fn addresses_that_are_none_make_no_files() {
    let folder = std::env::current_dir().unwrap();
    let files = || std::fs::read_dir(&folder).unwrap().count();
    let before = files();
    for address in ["", "  ", "sqlite:index.db", "redis:secret@host", "postgres:secret@host"] {
        let error = atdata::open::open_provider(address).unwrap_err();
        assert_eq!(error.kind(), "invalid_argument", "{address}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    assert_eq!(open_store("").unwrap_err().kind(), "invalid_argument");
    assert_eq!(files(), before);
}
