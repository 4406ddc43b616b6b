//! Pipes, colours, and where things are written.

use crate::program::{atdata, done, results, run};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

#[test]
fn a_closed_pipe_ends_quietly() {
    let args = ["head", "-n", "100000", "--json", "--full", "splits"];
    let mut child =
        atdata().args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::with_capacity(16, child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("{\"key\":"));
    let run = done(child.wait_with_output().unwrap());
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_full_disk_is_told() {
    let Ok(full) = File::options().write(true).open("/dev/full") else { return };
    let run = done(atdata().args(["head", "primitives.tar"]).stdout(full).output().unwrap());
    assert_eq!(run.code, Some(5));
    assert!(run.stderr.starts_with("error: cannot write the results: "), "{}", run.stderr);
}

#[test]
fn colours_are_for_terminals_or_when_asked_for() {
    let plain = results(&["inspect", "primitives.tar"]);
    assert!(!plain.contains('\x1b'));
    let always = results(&["inspect", "--color", "always", "primitives.tar"]);
    assert!(always.contains("\x1b[1mShards\x1b[0m"));
    let error = run(&["--color=always", "head", "no.tar"]).stderr;
    assert_eq!(error, "\x1b[1;31merror:\x1b[0m no.tar: no such file\n");
    let json = results(&["inspect", "--json", "--color", "always", "primitives.tar"]);
    assert!(!json.contains('\x1b'));
}

#[test]
fn no_progress_off_a_terminal() {
    assert_eq!(run(&["verify", "splits"]).stderr, "");
}
