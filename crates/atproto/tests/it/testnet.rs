//! A real network for tests: `scripts/serve.py atproto`, shared by the tests of this process.
#![allow(clippy::print_stderr, reason = "a test that is left out says so")]

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// What the network's line of JSON says: `url`, `plc`, `accounts`, ...; `None` where it cannot run.
/// With `CI=true` that is a failure.
pub fn real_network() -> Option<&'static Value> {
    static NETWORK: OnceLock<Option<Value>> = OnceLock::new();
    NETWORK.get_or_init(start).as_ref()
}

pub fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts")
}

fn start() -> Option<Value> {
    let mut command = Command::new("python3");
    command.arg(scripts().join("serve.py")).arg("atproto");
    command.args(["--account", "alice.test:secret", "--account", "bob.test:secret@1"]);
    let process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut process = process.spawn().expect("python3 runs scripts/serve.py");
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let said: Value = serde_json::from_str(&line).unwrap_or_default();
    if said["url"].is_string() {
        // Its stdin stays open until this process ends; then the network stops.
        std::mem::forget(process);
        return Some(said);
    }
    process.wait().unwrap();
    let message = format!("left out: there is no AT Protocol network here: {line}");
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{message}");
    eprintln!("{message}");
    None
}
