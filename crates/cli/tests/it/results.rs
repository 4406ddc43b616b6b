//! What the commands print, word by word.

use crate::program::{assert_snapshot, atdata, done, results, run};
use atdata::{DictSample, Value, WriteOptions, write_samples};
use std::fs;
use std::path::Path;

#[test]
fn inspect_shows_shards_fields_and_a_sample() {
    for (name, target) in [
        ("inspect_primitives", "primitives.tar"),
        ("inspect_arrays", "arrays.tar"),
        ("inspect_splits", "splits"),
        ("inspect_long_names", "long_names_pax.tar"),
        ("inspect_nothing", "bad/links_and_devices.tar"),
        ("inspect_ragged", "bad/ragged_arrays.tar"),
    ] {
        assert_snapshot(name, &results(&["inspect", target]));
    }
}

#[test]
fn patterns_globs_and_folders_mean_the_same() {
    let by_pattern = results(&["head", "-n", "300", "splits/train-{000000..000002}.tar"]);
    let by_glob = results(&["head", "-n", "300", "splits/train-*.tar"]);
    assert_eq!(by_pattern, by_glob);
    assert_eq!(by_pattern.matches("\n  idx ").count(), 250);
    let folder = results(&["head", "--samples", "400", "splits"]);
    assert_eq!(folder.matches("\n  idx ").count(), 310);
}

#[test]
fn head_shows_samples_in_80_columns() {
    let shown = results(&["head", "-n", "12", "primitives.tar"]);
    assert_snapshot("head_primitives", &shown);
    let long_names = results(&["head", "long_names_gnu.tar"]);
    let values = long_names.lines().filter(|line| line.starts_with("  "));
    assert!(shown.lines().chain(values).all(|line| line.chars().count() <= 80));
    assert_snapshot("head_npy", &results(&["head", "-n", "3", "legacy_npy.tar"]));
}

#[test]
fn head_shows_wanted_fields_in_their_order() {
    let shown = results(&["head", "-n1", "--fields", "count,name", "primitives.tar"]);
    assert_eq!(shown, "p0000\n  count  0\n  name   \"\"\n");
    assert_eq!(results(&["head", "-n", "0", "primitives.tar"]), "");
}

#[test]
fn many_shards_are_listed_when_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let numbers = (0..15).map(|i| DictSample::from([("n", Value::Int(i))]));
    let path = folder.path().join("n.tar");
    write_samples(numbers, path, WriteOptions::new().max_count(1)).unwrap();
    let run = |args: &[&str]| {
        let run = done(atdata().current_dir(folder.path()).args(args).output().unwrap());
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
        run.stdout
    };
    assert!(run(&["inspect", "."]).contains("… and 5 more; --all lists them"));
    assert_eq!(run(&["inspect", "--all", "."]).matches("n-0000").count(), 15);
    assert_eq!(run(&["verify", "."]), "ok: 15 samples whole in 15 shards (30.0 KiB, 15 indexes)\n");
}

#[test]
fn verify_says_what_is_whole() {
    let whole = "ok: 310 samples whole in 4 shards (660.0 KiB, no index)\n";
    for jobs in ["1", "3", "100"] {
        assert_eq!(results(&["verify", "--jobs", jobs, "splits"]), whole);
    }
}

#[test]
fn verify_compares_the_index_with_the_shard() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("n.tar");
    let write = |first: i64| {
        let numbers = (first..first + 3).map(|i| DictSample::from([("n", Value::Int(i))]));
        let options = WriteOptions::new().key(move |i, _| format!("k{}", i as i64 + first));
        write_samples(numbers, &path, options).unwrap();
    };
    write(0);
    let index = folder.path().join("n.tar.idx");
    let old = fs::read(&index).unwrap();
    write(5);
    fs::write(&index, old).unwrap();
    let run = run(&["verify", path.to_str().unwrap()]);
    assert_eq!(run.code, Some(1));
    assert!(run.stdout.contains("problem: the index is not that of the shard"), "{}", run.stdout);
    assert!(run.stdout.contains("3 samples whole"), "{}", run.stdout);
}

#[test]
fn a_bad_payload_is_one_problem_though_there_is_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("n.tar");
    let numbers = (0..3).map(|i| DictSample::from([("n", Value::Int(i))]));
    write_samples(numbers, &path, WriteOptions::new()).unwrap();
    spoil(&path, 512 + 1024);
    let run = run(&["verify", path.to_str().unwrap()]);
    assert_eq!((run.code, run.stdout.matches("problem:").count()), (Some(1), 1), "{}", run.stdout);
    assert!(run.stdout.contains("key 000000001, byte 1536"), "{}", run.stdout);
}

/// Overwrites a byte with one that starts no value.
fn spoil(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] = 0xc1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn text_of_others_cannot_steer_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("evil.tar");
    let sample = DictSample::from([("f\x1b[2J", Value::Str("a\x1b]0;x\x07\u{202e}".into()))]);
    write_samples([sample], &path, WriteOptions::new()).unwrap();
    for word in ["head", "inspect"] {
        let shown = results(&[word, path.to_str().unwrap()]);
        assert!(shown.contains("\"a\\u{1b}]0;x\\u{7}\\u{202e}\""), "{shown}");
        assert!(!shown.contains(['\x1b', '\x07', '\u{202e}']), "{shown}");
    }
}
