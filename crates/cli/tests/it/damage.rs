//! Broken shards: what is whole, then one clear error.

use crate::program::{fixtures, run};
use std::fs;

/// The broken shards, and where in them the first sample is that cannot be read. Those that are
/// left out read as dictionaries: what is wrong with them shows only under a typed reader.
const BROKEN: [(&str, &str); 14] = [
    ("bad_header_checksum", "byte 0)"),
    ("duplicate_keys", "key k, byte 1536)"),
    ("empty", "byte 0)"),
    ("huge_size", "byte 0)"),
    ("missing_msgpack", "key k, byte 512)"),
    ("msgpack_bad_utf8", "key k, field name, byte 519)"),
    ("msgpack_bomb_len", "key k, field a, byte 515)"),
    ("msgpack_bomb_map", "key k, byte 512)"),
    ("msgpack_deep", "key k, field a, byte 1539)"),
    ("msgpack_not_a_map", "key k, byte 512)"),
    ("msgpack_trailing", "key k, byte 520)"),
    ("msgpack_truncated", "key k, field name, byte 562)"),
    ("truncated_in_header", "byte 300)"),
    ("truncated_in_payload", "byte 5000)"),
];

fn names() -> Vec<String> {
    let files = fs::read_dir(fixtures().join("bad")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> =
        names.filter_map(|name| Some(name.strip_suffix(".tar")?.to_owned())).collect();
    names.sort();
    names
}

fn place(name: &str) -> Option<&'static str> {
    BROKEN.iter().find(|(broken, _)| *broken == name).map(|(_, place)| *place)
}

#[test]
fn head_and_inspect_end_with_one_clear_error() {
    for name in names() {
        let target = format!("bad/{name}.tar");
        for args in [["head", "-n99", &target], ["inspect", "--all", &target]] {
            let run = run(&args);
            let Some(place) = place(&name) else {
                assert_eq!(run.code, Some(0), "{args:?}: {}", run.stderr);
                continue;
            };
            assert_eq!(run.code, Some(4), "{args:?}: {}", run.stderr);
            let first = run.stderr.lines().next().unwrap();
            assert!(first.starts_with("error: ") && first.ends_with(place), "{args:?}: {first}");
            assert!(first.contains(&format!("(shard {target}, ")), "{args:?}: {first}");
            assert_eq!(run.stderr.matches("error:").count(), 1, "{args:?}");
        }
    }
}

#[test]
fn verify_lists_what_is_broken() {
    for name in names() {
        let run = run(&["verify", &format!("bad/{name}.tar")]);
        let broken = place(&name);
        assert_eq!(run.code, Some(i32::from(broken.is_some())), "{name}: {}", run.stdout);
        assert_eq!(
            run.stdout.matches("problem: ").count(),
            usize::from(broken.is_some()),
            "{name}"
        );
        assert_eq!(run.stderr, "");
    }
}

#[test]
fn good_samples_come_before_the_error() {
    let run = run(&["head", "bad/truncated_in_payload.tar", "--fields", "count"]);
    assert!(run.stdout.starts_with("p0000\n  count  0\n\np0001\n"), "{}", run.stdout);
}

#[test]
fn a_missing_end_is_a_warning() {
    let run = run(&["verify", "bad/no_end_blocks.tar"]);
    assert_eq!(run.code, Some(0));
    assert!(run.stdout.contains("warning: the archive ends without its two blocks of zeros"));
    assert!(run.stdout.ends_with("(376.0 KiB, no index), 1 warning\n"), "{}", run.stdout);
}

#[test]
fn long_lists_of_problems_are_cut_unless_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..25 {
        let path = folder.path().join(format!("{number:02}.tar"));
        fs::copy(fixtures().join("bad/empty.tar"), path).unwrap();
    }
    let target = folder.path().to_str().unwrap();
    let cut = run(&["verify", target]);
    assert_eq!((cut.code, cut.stdout.matches("problem: ").count()), (Some(1), 20));
    assert!(cut.stdout.contains("… and 5 more; --all lists them\n"));
    let all = run(&["verify", "--all", target]);
    assert_eq!(all.stdout.matches("problem: ").count(), 25);
    let inspect = run(&["inspect", target]);
    assert!(inspect.stderr.ends_with("hint: atdata verify lists this and 24 more\n"));
}
