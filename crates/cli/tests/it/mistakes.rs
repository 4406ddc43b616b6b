//! Users' mistakes: one line that says what is wrong, a hint where there is one, the right code.

use crate::program::{assert_snapshot, atdata, done, results, run};
use std::fs;

fn failure(args: &[&str]) -> (i32, String) {
    let run = run(args);
    assert_eq!(run.stdout, "", "{args:?}");
    (run.code.unwrap(), run.stderr)
}

#[test]
fn a_missing_file_is_named_with_one_like_it() {
    let hint = "hint: did you mean splits/train-000001.tar?\n";
    let expected = format!("error: splits/trian-000001.tar: no such file\n{hint}");
    for word in ["inspect", "head", "verify", "ls", "reindex"] {
        assert_eq!(failure(&[word, "splits/trian-000001.tar"]), (3, expected.clone()));
    }
    let (code, told) = failure(&["head", "no/such.tar"]);
    assert_eq!(
        (code, told.as_str()),
        (3, "error: no/such.tar: no such file\nhint: there is no folder no\n")
    );
}

#[test]
fn patterns_say_which_of_their_files_is_missing() {
    let (code, told) = failure(&["head", "splits/train-{000002..000003}.tar"]);
    assert_eq!(code, 3);
    assert!(told.starts_with(
        "error: splits/train-000003.tar: no such file (of the pattern splits/train-{000002..000003}.tar)\n"
    ));
    let told = "error: x*.tar: no file fits this pattern\n";
    assert_eq!(failure(&["inspect", "x*.tar"]), (3, told.to_owned()));
    let (code, told) = failure(&["inspect", "{0..99999999}.tar"]);
    assert_eq!(code, 2, "{told}");
}

#[test]
fn a_folder_without_shards_says_where_there_are_some() {
    let folder = tempfile::tempdir().unwrap();
    let parts = folder.path().join("parts");
    fs::create_dir(&parts).unwrap();
    fs::copy(crate::program::fixtures().join("arrays.tar"), parts.join("a.tar")).unwrap();
    let target = folder.path().to_str().unwrap();
    let (code, told) = failure(&["inspect", target]);
    let expected = format!(
        "error: {target}: no .tar files in this folder\nhint: there are shards in {target}/parts\n"
    );
    assert_eq!((code, told), (3, expected));
}

#[test]
fn a_file_that_is_no_shard_says_what_it_is() {
    let told = "error: not a tar archive (no header) (shard expected.json, byte 0)\n";
    assert_eq!(failure(&["head", "expected.json"]), (4, told.to_owned()));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tar.gz");
    fs::write(&path, [&[0x1f, 0x8b, 8, 0][..], &[7; 600]].concat()).unwrap();
    let (code, told) = failure(&["head", path.to_str().unwrap()]);
    assert!(code == 4 && told.contains("\nhint: the file is compressed"), "{told}");
}

#[test]
fn wrong_usage_is_2() {
    let wrong: [&[&str]; 7] = [
        &[],
        &["frobnicate"],
        &["head"],
        &["head", "-n", "many", "arrays.tar"],
        &["inspect", ""],
        &["inspect", "--samples", "0", "arrays.tar"],
        &["head", "--full", "arrays.tar"],
    ];
    for args in wrong {
        let (code, told) = failure(args);
        assert_eq!(code, 2, "{args:?}: {told}");
        assert!(!told.is_empty());
    }
    let (code, told) = failure(&["head", "sftp://host/a.tar"]);
    assert!(code == 2 && told.contains("hint: "), "{told}");
}

#[test]
fn a_condition_that_makes_no_sense_shows_where() {
    let (code, told) = failure(&["head", "--where", "count = 1", "primitives.tar"]);
    let wanted = "error: condition, character 7: = means nothing here: write ==\n\
        hint: atdata head --help shows what can be asked\n";
    assert_eq!((code, told.as_str()), (2, wanted));
    let (code, told) = failure(&["head", "--where", "cuont == 1", "primitives.tar"]);
    let wanted = "the first sample has no field 'cuont' (did you mean 'count'?);";
    assert!(code == 3 && told.contains(wanted), "{code} {told}");
}

#[test]
fn a_field_that_no_sample_has_is_a_slip() {
    let run = run(&["head", "-n1", "--fields", "cuont,name", "primitives.tar"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), "p0000\n  name  \"\"\n"));
    let told = "error: no sample shown has a field cuont\n\
        hint: the fields are name, count, score, active, data, tags, scores, meta, note\n";
    assert_eq!(run.stderr, told);
}

const WORDS: [&str; 16] = [
    "inspect",
    "head",
    "verify",
    "ls",
    "cat",
    "reindex",
    "convert",
    "push",
    "pull",
    "search",
    "history",
    "rm",
    "gc",
    "schema",
    "doctor",
    "completions",
];

#[test]
fn help_has_examples_and_exit_codes() {
    for word in WORDS {
        let help = results(&[word, "--help"]);
        assert!(help.contains("Examples:\n") && help.contains("Exit codes:\n"), "{help}");
        assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
    }
    assert_snapshot("help", &results(&["--help"]));
    assert!(results(&["--version"]).starts_with("atdata "));
}

#[test]
fn backtraces_are_never_shown() {
    let output = atdata().env("RUST_BACKTRACE", "full").args(["head", "no.tar"]).output();
    let run = done(output.unwrap());
    assert_eq!(run.stderr, "error: no.tar: no such file\n");
}
