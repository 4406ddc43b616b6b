//! The program, run in the folder of the fixtures.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

/// What a run gave.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures")
}

pub(crate) fn atdata() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_atdata"));
    command.current_dir(fixtures()).env_remove("NO_COLOR").env("TERM", "xterm");
    command
}

pub(crate) fn run(args: &[&str]) -> Run {
    done(atdata().args(args).output().unwrap())
}

pub(crate) fn done(output: Output) -> Run {
    let stdout = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(!stderr.contains("panicked"), "{stderr}");
    Run { code: output.status.code(), stdout, stderr }
}

/// A run that has nothing to complain about; its results.
pub(crate) fn results(args: &[&str]) -> String {
    let run = run(args);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{args:?}");
    run.stdout
}

/// Compares with `snapshots/{name}.txt`, which `UPDATE_SNAPSHOTS=1` writes anew.
pub(crate) fn assert_snapshot(name: &str, found: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/snapshots");
    let path = folder.join(format!("{name}.txt"));
    if env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(&path, found).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, expected, "snapshot {name}");
}
