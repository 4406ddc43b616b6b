//! `convert`: what it prints, and users' mistakes.

use crate::program::{assert_snapshot, atdata, done, fixtures};
use atdata::{DictSample, Value, WriteOptions, write_samples};
use std::fs;
use std::path::Path;

/// What a run in a folder prints, results first.
fn told(folder: &Path, args: &[&str]) -> String {
    let run = done(atdata().current_dir(folder).arg("convert").args(args).output().unwrap());
    let code = run.code.unwrap();
    let place = fixtures().to_string_lossy().into_owned();
    let text = format!("$ atdata convert {}\n{}{}", args.join(" "), run.stdout, run.stderr);
    format!("{text}exit {code}\n\n").replace(&place, "FIXTURES")
}

#[test]
fn data_comes_in_and_goes_out() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("cats.csv"), "name,weight,zip\nTom,4,007\nFelix,3.5,12\nMiez,,1\n")
        .unwrap();
    fs::create_dir(folder.join("lines")).unwrap();
    fs::write(folder.join("lines/train.jsonl"), "{\"a\": 1}\n{\"a\": null}\n").unwrap();
    fs::write(folder.join("lines/test.jsonl"), "{\"a\": 2, \"b\": [true]}\n").unwrap();
    let primitives = fixtures().join("primitives.tar");
    let primitives = primitives.to_str().unwrap();
    let mut all = String::new();
    for args in [
        &["cats.csv", "cats.tar"][..],
        &["cats.csv", "cats.tar"],
        &["cats.csv", "cats.tar", "--overwrite", "--maxcount", "2", "--json"],
        &["lines", "lines.tar"],
        &["cats-000000.tar", "cats.jsonl"],
        &["cats-000000.tar", "cats.jsonl"],
        &["cats-{000000..000001}.tar", "plain.tar", "--to", "webdataset"],
        &["plain.tar", "again.tar"],
        &[primitives, "primitives.parquet", "--maxcount", "50"],
        &["primitives-*.parquet", "primitives.tar", "--maxsize", "20KiB"],
    ] {
        all += &told(folder, args);
    }
    let versions =
        all.lines().filter(|line| !line.contains(".parquet ...") && !line.contains("to parquet:"));
    assert_snapshot("convert", &versions.collect::<Vec<_>>().join("\n"));
}

#[test]
fn mistakes_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    write("a.csv", "n,word\n1,a\nx,b\n");
    write("short.csv", "n,word\n1\n");
    write("bad.jsonl", "{\"n\": 1}\n{\"n\":\n");
    write("notes", "hello\n");
    write("empty.csv", "");
    write(
        "int.json",
        r#"{"name": "N", "fields": [{"name": "n", "fieldType": {"$type": "local#primitive", "primitive": "int"}}]}"#,
    );
    let mut all = String::new();
    for args in [
        &["none.csv", "a.tar"][..],
        &["notes", "a.tar"],
        &["empty.csv", "a.tar"],
        &["short.csv", "a.tar"],
        &["bad.jsonl", "a.tar"],
        &["a.csv", "a.tar", "--schema", "int.json"],
        &["a.csv", "a.tar", "--from", "excel"],
        &["a.csv", "a.parquet"],
        &["a.csv", "shards"],
        &["a.csv", "@local/a"],
        &["a.csv", "a.tar", "--maxsize", "much"],
        &["a.csv", "a.tar", "--delimiter", ";;"],
        &["a.csv", "a.tar", "--type", "cats:Cat"],
        &["", "a.tar"],
    ] {
        all += &told(folder, args);
    }
    assert_snapshot("convert_mistakes", &all);
    assert!(!folder.join("a.tar").exists());
}

#[test]
fn manifests_beside_shards_are_no_data_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::create_dir(folder.join("cats")).unwrap();
    let rows = (0..4).map(|n| DictSample::from([("n", Value::Int(n))]));
    let options = WriteOptions::new().manifest(true);
    write_samples(rows, folder.join("cats/train.tar"), options).unwrap();
    assert!(folder.join("cats/train.manifest.parquet").is_file());
    let said = told(folder, &["cats", "cats.jsonl"]);
    assert!(said.contains("ok: shards to jsonl: 4 samples"), "{said}");
    // Beside no shard, such a file is data.
    fs::create_dir(folder.join("tables")).unwrap();
    let names = ["cats/train.manifest.parquet", "tables/cats.manifest.parquet"];
    fs::copy(folder.join(names[0]), folder.join(names[1])).unwrap();
    let said = told(folder, &["tables", "tables.tar"]);
    assert!(said.contains("ok: parquet to shards: 4 samples"), "{said}");
}
