//! A real network for tests: `scripts/serve.py atproto`, from Rust.
#![allow(clippy::print_stderr, reason = "a test that is left out says so")]

use atdata_atproto::config::NetworkConfig;
use atdata_atproto::{Client, Network};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, OnceLock};

/// A PLC directory, a resolver and two PDSs, with alice on the first and bob on the second.
pub struct RealNetwork {
    /// What it said of itself.
    pub about: Value,
    process: Child,
    /// When it closes, at the latest when this process ends, the network ends.
    commands: Option<ChildStdin>,
}

impl Drop for RealNetwork {
    fn drop(&mut self) {
        drop(self.commands.take());
        self.process.wait().unwrap();
    }
}

/// The network that all tests of this process share; none where it cannot be had.
pub fn network() -> Option<&'static RealNetwork> {
    static NETWORK: OnceLock<Option<RealNetwork>> = OnceLock::new();
    // Carol is for the one test that must be alone with its account.
    let accounts =
        ["alice.test:alice-password", "bob.test:bob-password@1", "carol.test:carol-password@1"];
    let options = accounts.map(|account| ["--account", account]);
    NETWORK.get_or_init(|| start(options.as_flattened())).as_ref()
}

/// A network of one test's own.
pub fn start(options: &[&str]) -> Option<RealNetwork> {
    started(options).map_err(|reason| leave_out(&reason)).ok()
}

fn started(options: &[&str]) -> Result<RealNetwork, String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/serve.py");
    let mut command = Command::new("python3");
    command.arg(script).arg("atproto").args(options);
    let mut process = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let mut line = String::new();
    let mut answers = BufReader::new(process.stdout.take().unwrap());
    answers.read_line(&mut line).map_err(|error| error.to_string())?;
    let about: Value = serde_json::from_str(&line).unwrap_or(Value::String(line));
    if !about["missing"].is_null() {
        return Err(about.to_string());
    }
    assert!(about["plc"].is_string(), "the network did not start: {about}");
    let commands = process.stdin.take();
    Ok(RealNetwork { about, process, commands })
}

fn leave_out(reason: &str) {
    let message = format!("left out: there is no AT Protocol network here: {reason}");
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{message}");
    eprintln!("{message}");
}

impl RealNetwork {
    /// What the environment would say.
    pub fn config(&self) -> NetworkConfig {
        let environment = &self.about["environment"];
        NetworkConfig::from_variables(|name| environment[name].as_str().map(str::to_owned))
    }

    pub fn network(&self) -> Arc<Network> {
        Network::new(self.config()).unwrap()
    }

    /// The program that runs JavaScript for it.
    pub fn node(&self) -> String {
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts");
        let mut command = Command::new("python3");
        command.current_dir(scripts).args(["-c", "import serve_atproto as s; print(s.node())"]);
        let said = command.output().unwrap().stdout;
        String::from_utf8(said).unwrap().trim().to_owned()
    }

    pub fn pds(&self, number: usize) -> &str {
        self.about["pds"][number].as_str().unwrap()
    }

    pub fn alice(&self) -> Client {
        Client::login(self.network(), "alice.test", "alice-password", None).unwrap()
    }
}
