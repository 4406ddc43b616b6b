//! `ls`, `cat` and `reindex`: what they print and write, and what they say to mistakes.

use crate::program::{assert_snapshot, atdata, done, fixtures, results, run};
use serde_json::Value as Json;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A copy of the splits that may be written to; its folder's path.
fn splits() -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    for file in fs::read_dir(fixtures().join("splits")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "tar") {
            fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
        }
    }
    let path = folder.path().to_str().unwrap().to_owned();
    (folder, path)
}

fn here(folder: &Path, args: &[&str]) -> String {
    let run = done(atdata().current_dir(folder).args(args).output().unwrap());
    assert_eq!(run.stderr, "", "{args:?}");
    format!("{}[exit {}]\n", run.stdout, run.code.unwrap())
}

fn document(args: &[&str]) -> Json {
    serde_json::from_str(&run(args).stdout).unwrap()
}

fn failure(args: &[&str]) -> (i32, String) {
    let run = run(args);
    assert_eq!(run.stdout, "", "{args:?}");
    (run.code.unwrap(), run.stderr)
}

#[test]
fn indexes_are_listed_compared_and_made() {
    let (folder, _) = splits();
    let folder = folder.path();
    let mut shown = here(folder, &["reindex", "--check", "."]);
    shown += &here(folder, &["reindex", "."]);
    let one = fs::read(folder.join("train-000000.tar.idx")).unwrap();
    fs::write(folder.join("train-000002.tar.idx"), &one).unwrap();
    fs::remove_file(folder.join("test-000000.tar.idx")).unwrap();
    for args in [
        &["ls", "."][..],
        &["reindex", "--check", "--all", "."],
        &["reindex", "."],
        &["reindex", "."],
        &["ls", "."],
    ] {
        shown += &here(folder, args);
    }
    assert_snapshot("reindex", &shown);
    assert!(shown.lines().all(|line| line.chars().count() <= 80));
    assert_eq!(fs::read(folder.join("train-000000.tar.idx")).unwrap(), one);
    assert_eq!(fs::read_dir(folder).unwrap().count(), 8, "nothing temporary is left");
}

#[test]
fn broken_shards_get_no_index_and_the_others_do() {
    let (folder, path) = splits();
    fs::copy(fixtures().join("bad/missing_msgpack.tar"), folder.path().join("a.tar")).unwrap();
    let run = run(&["reindex", &path]);
    assert_eq!(run.code, Some(4));
    assert!(
        run.stdout.ends_with("failed: 4 indexes made; 1 shard cannot be read\n"),
        "{}",
        run.stdout
    );
    assert!(run.stderr.starts_with("error: Malformed sample"), "{}", run.stderr);
    assert!(!folder.path().join("a.tar.idx").exists());
    let found = document(&["reindex", "--json", &path]);
    assert_eq!((&found["ok"], &found["written"]), (&false.into(), &0.into()));
    assert_eq!(found["results"][0]["index"], Json::Null);
    assert_eq!(found["problems"][0]["kind"], "malformed_sample");
}

#[test]
fn an_index_that_cannot_be_written_is_told() {
    let folder = tempfile::tempdir().unwrap();
    // There is no room for the temporary name. (Root may write everywhere else.)
    let shard = folder.path().join("a".repeat(240) + ".tar");
    fs::copy(fixtures().join("arrays.tar"), &shard).unwrap();
    let run = run(&["reindex", shard.to_str().unwrap()]);
    assert_eq!(run.code, Some(5), "{}", run.stderr);
    assert!(run.stderr.starts_with("error: cannot write "), "{}", run.stderr);
    assert!(run.stdout.ends_with("failed: 1 index missing\n"), "{}", run.stdout);
}

#[test]
fn keys_are_listed_one_a_line() {
    let keys = results(&["ls", "--keys", "primitives.tar"]);
    assert!(keys.starts_with("p0000\np0001\n"));
    assert_eq!(keys.lines().count(), 17);
    let found = document(&["ls", "--json", "--keys", "splits"]);
    assert_eq!((&found["samples"], &found["indexes"]), (&310.into(), &0.into()));
    let all = found["results"].as_array().unwrap();
    assert_eq!(all[0]["keys"].as_array().unwrap().len(), 100);
    let help = results(&["ls", "--help"]);
    for key in found.as_object().unwrap().keys().chain(all[0].as_object().unwrap().keys()) {
        assert!(help.contains(key), "{key}");
    }
}

#[test]
fn ls_lists_what_can_be_read_then_tells_the_first_problem() {
    let run = run(&["ls", "bad"]);
    assert_eq!(run.code, Some(4));
    assert!(run.stdout.contains("no     bad/truncated_in_payload.tar\n"), "{}", run.stdout);
    assert!(run.stdout.ends_with("45 samples in 32 shards (1.5 MiB, no index)\n"));
    assert!(run.stderr.ends_with("hint: atdata verify lists this and 6 more\n"), "{}", run.stderr);
}

#[test]
fn cat_shows_one_sample() {
    assert_snapshot("cat", &results(&["cat", "primitives.tar", "p0004"]));
    let key = "a986abaa-e501-11f1-8000-000000000000";
    let shown = results(&["cat", "splits", key, "--field", "label"]);
    assert_eq!(shown, format!("{key}  splits/test-000000.tar\n  label  \"bird\"\n"));
    let line = results(&["cat", "--json", "--field", "tags", "primitives.tar", "p0003"]);
    let (key, shard) = (r#""key":"p0003""#, r#""shard":"primitives.tar""#);
    assert_eq!(line, format!(r#"{{{key},{shard},"fields":{{"tags":["t0","t1","t2"]}}}}"#) + "\n");
    let long = results(&["cat", "--field", "name", "primitives.tar", "p0005"]);
    assert_eq!(long.matches('z').count(), 70_000);
    assert!(long.lines().all(|line| line.chars().count() <= 80));
}

#[test]
fn an_index_beside_the_shard_is_used() {
    let (folder, path) = splits();
    let key = "a986abaa-e501-11f1-8000-000000000000";
    let before = results(&["cat", &path, key]);
    here(folder.path(), &["reindex", "."]);
    assert_eq!(results(&["cat", &path, key]), before);
}

#[test]
fn single_fields_are_written_as_bytes() {
    let bytes = |args: &[&str]| atdata().args(args).output().unwrap().stdout;
    let text = bytes(&["cat", "primitives.tar", "p0002", "--field", "name", "--raw"]);
    assert_eq!(text, "é漢字🎉".as_bytes());
    let data = bytes(&["cat", "primitives.tar", "p0001", "--field", "data", "--raw"]);
    assert_eq!(data, [0x36]);
    let key = "a986abaa-e501-11f1-8000-000000000000";
    let npy = bytes(&["cat", "splits", key, "--field", "pixels", "--npy"]);
    let header =
        b"\x93NUMPY\x01\0v\0{'descr': '|u1', 'fortran_order': False, 'shape': (8, 8, 3), }";
    assert_eq!(&npy[..header.len()], header);
    assert_eq!((npy.len(), &npy[128..131]), (128 + 8 * 8 * 3, &[211, 35, 169][..]));
}

#[test]
fn several_samples_of_a_key_are_told() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.tar", "b.tar"] {
        fs::copy(fixtures().join("primitives.tar"), folder.path().join(name)).unwrap();
    }
    let args = ["cat", folder.path().to_str().unwrap(), "p0001", "--field", "count"];
    let run = run(&args);
    assert_eq!((run.code, run.stdout.ends_with("a.tar\n  count  1\n")), (Some(0), true));
    assert_eq!(run.stderr, "note: 2 samples have the key p0001; this is the first\n");
}

#[test]
fn missing_keys_and_fields_say_what_there_is() {
    let told = [
        (3, "p00O3", "did you mean p0003 or p0013?"),
        (3, "nonsense", "the first key is p0000; atdata ls --keys primitives.tar lists all"),
    ];
    for (code, key, hint) in told {
        let text = format!("error: no sample in primitives.tar has the key {key}\nhint: {hint}\n");
        assert_eq!(failure(&["cat", "primitives.tar", key]), (code, text));
    }
    let none = failure(&["cat", "bad/links_and_devices.tar", "k"]);
    assert!(none.0 == 3 && none.1.ends_with("hint: there are no samples at all\n"), "{}", none.1);
    let lost = failure(&["cat", "bad/duplicate_keys.tar", "other"]);
    assert!(lost.0 == 4 && lost.1.contains("some are lost: the sample has"), "{}", lost.1);
    let broken = failure(&["cat", "bad/msgpack_truncated.tar", "k"]);
    assert!(broken.0 == 4 && broken.1.contains("(shard bad/msgpack_truncated.tar, key k,"));
    let fields = "name, count, score, active, data, tags, scores, meta, note";
    let text = format!("error: sample p0003 has no field nme\nhint: the fields are {fields}\n");
    assert_eq!(failure(&["cat", "primitives.tar", "p0003", "--field", "nme"]), (2, text));
}

#[test]
fn bytes_of_what_has_none_are_refused() {
    let cat = |args: &[&str]| failure(&[&["cat", "primitives.tar", "p0003"], args].concat());
    let (code, told) = cat(&["--field", "count", "--raw"]);
    assert_eq!(
        (code, told.lines().next()),
        (2, Some("error: field count is neither text nor bytes"))
    );
    for field in ["name", "data"] {
        let (code, told) = cat(&["--field", field, "--npy"]);
        assert!(code == 2 && told.starts_with(&format!("error: field {field} is no array\n")));
    }
    for wrong in [&["--raw"][..], &["--field", "data", "--raw", "--npy"], &["--full"]] {
        assert_eq!(cat(wrong).0, 2);
    }
    let (code, told) = cat(&["--json", "--field", "data", "--raw"]);
    assert!(code == 2 && told.contains("are no JSON"), "{told}");
}

#[test]
fn completions_name_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let script = results(&["completions", shell]);
        for word in ["inspect", "head", "cat", "ls", "verify", "reindex", "completions"] {
            assert!(script.contains(word), "{shell} {word}");
        }
    }
    assert_eq!(failure(&["completions", "tcsh"]).0, 2);
}

#[test]
fn files_that_a_shell_made_of_a_glob_are_one_target() {
    let (folder, _) = splits();
    let folder = folder.path();
    let files = ["train-000000.tar", "train-000001.tar", "train-000002.tar"];
    let of = |word: &str| here(folder, &[&[word][..], &files].concat());
    assert_eq!(of("verify"), here(folder, &["verify", "train-*.tar"]));
    assert_eq!(of("ls"), here(folder, &["ls", "train-*.tar"]));
    assert!(of("inspect").starts_with("train-00000{0,1,2}.tar\n"), "{}", of("inspect"));
    for odd in ["none.tar", ".", "*.tar", "@local/name"] {
        let run = atdata().current_dir(folder).args(["ls", files[0], odd]).output().unwrap();
        let run = done(run);
        assert!(run.code == Some(2) && run.stderr.contains("not the plain name"), "{}", run.stderr);
    }
}
