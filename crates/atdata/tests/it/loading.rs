//! Paths, patterns, folders and splits.

use atdata::load::{find, find_in, split_of};
use std::fs;
use std::path::Path;

fn touch(folder: &Path, names: &[&str]) {
    for name in names {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, b"").unwrap();
    }
}

fn names(folder: &Path, found: Vec<(String, Vec<String>)>) -> Vec<(String, Vec<String>)> {
    let short = |file: &String| {
        let file = Path::new(file).strip_prefix(folder).unwrap();
        file.to_string_lossy().into_owned()
    };
    found.into_iter().map(|(split, files)| (split, files.iter().map(short).collect())).collect()
}

fn split(name: &str, files: &[&str]) -> (String, Vec<String>) {
    (name.to_owned(), files.iter().map(|&file| file.to_owned()).collect())
}

#[test]
fn splits_are_whole_words_of_the_name_or_the_folder() {
    let cases = [
        ("train-000.tar", "train"),
        ("my_training.000.tar", "train"),
        ("test000.tar", "test"),
        ("testing-1.tar", "test"),
        ("val-0.tar", "validation"),
        ("VALID.tar", "validation"),
        ("dev-0.tar", "validation"),
        ("development.tar", "validation"),
        ("latest-0.tar", "train"),
        ("x/test/000.tar", "test"),
        ("test/train-0.tar", "train"),
        ("test/x/000.tar", "train"),
        ("data.tar", "train"),
    ];
    for (file, wanted) in cases {
        assert_eq!(split_of(file), wanted, "{file}");
    }
}

#[test]
fn folders_have_shards_and_split_folders() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    touch(path, &["train-1.tar", "train-0.tar", "train-0.tar.idx", ".train-2.tar", "notes.txt"]);
    touch(path, &["test/b.tar", "test/a.tar", "other/c.tar", "test/deep/d.tar"]);
    let found = names(path, find(&path.to_string_lossy()).unwrap());
    let wanted = [
        split("train", &["train-0.tar", "train-1.tar"]),
        split("test", &["test/a.tar", "test/b.tar"]),
    ];
    assert_eq!(found, wanted);
}

#[test]
fn globs_braces_and_files_are_found_or_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    touch(path, &["data-0.tar", "data-1.tar", "test.tar"]);
    let found =
        |pattern: &str| find(&path.join(pattern).to_string_lossy()).map(|found| names(path, found));
    assert_eq!(found("data-*.tar").unwrap(), [split("train", &["data-0.tar", "data-1.tar"])]);
    assert_eq!(found("data-{1..0}.tar").unwrap(), [split("train", &["data-1.tar", "data-0.tar"])]);
    assert_eq!(found("test.tar").unwrap(), [split("test", &["test.tar"])]);
    for missing in ["none.tar", "data-{0..2}.tar", "none-*.tar", "none/"] {
        assert_eq!(found(missing).unwrap_err().kind(), "not_found", "{missing}");
    }
    let error = found("data-{0..2}.tar").unwrap_err().to_string();
    assert!(error.contains("data-2.tar") && error.contains("{0..2}"), "{error}");
}

#[test]
fn given_files_are_relative_to_the_path() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    touch(path, &["a.tar", "b.tar", "eval.tar"]);
    let files = [("train".to_owned(), vec!["{a,b}.tar".to_owned()]), split("test", &["eval*.tar"])];
    let found = find_in(&format!("{}/", path.to_string_lossy()), &files).unwrap();
    let wanted = [split("train", &["a.tar", "b.tar"]), split("test", &["eval.tar"])];
    assert_eq!(names(path, found), wanted);
}
