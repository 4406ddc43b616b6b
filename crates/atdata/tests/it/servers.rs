//! Real servers for tests: `scripts/serve.py`, from Rust.
#![allow(dead_code, reason = "without features for databases and stores, little of this is used")]
#![allow(clippy::print_stderr, reason = "a test that is left out says so")]

use serde_json::Value as Json;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

/// A server that runs until it is dropped.
pub struct Server {
    /// What a client would be given, password included.
    pub url: String,
    /// Where it listens, on 127.0.0.1; of a cluster, its first node.
    pub port: u16,
    /// All it listens on: of a cluster, all nodes'.
    pub ports: Vec<u16>,
    /// The password, where it asks for one.
    pub password: Option<String>,
    /// The file with the certificate of its CA, where it speaks TLS.
    pub ca: Option<String>,
    /// All that it says of itself.
    pub about: Json,
    pipes: Mutex<Option<(ChildStdin, BufReader<ChildStdout>)>>,
    process: Child,
}

impl Server {
    /// Stops it; what it holds is kept.
    pub fn stop(&self) {
        self.tell("stop");
    }

    /// Starts it again, on the same port.
    pub fn start(&self) {
        self.tell("start");
    }

    fn tell(&self, command: &str) {
        let mut pipes = self.pipes.lock().unwrap();
        let (commands, answers) = pipes.as_mut().unwrap();
        writeln!(commands, "{command}").unwrap();
        let answer = read_line(answers);
        assert_eq!(answer["done"], command, "scripts/serve.py answered {answer}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.pipes.lock().unwrap().take());
        self.process.wait().unwrap();
    }
}

/// Starts a server of a kind that `scripts/serve.py` knows. Where its program is missing, says so
/// and returns `None`: the test is left out. With `CI=true` that is a failure.
pub fn start(kind: &str, options: &[&str]) -> Option<Server> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/serve.py");
    let mut command = Command::new("python3");
    command.arg(script).arg(kind).args(options).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut process = command.spawn().expect("python3 runs scripts/serve.py");
    let pipes = (process.stdin.take().unwrap(), process.stdout.take().map(BufReader::new).unwrap());
    running(process, pipes).map_err(|reason| leave_out(kind, &reason)).ok()
}

/// A server that the tests of this process share, started when it is first asked for.
pub fn shared(kind: &'static str) -> Option<&'static Server> {
    static SERVERS: Mutex<Option<HashMap<&str, Option<&'static Server>>>> = Mutex::new(None);
    let mut servers = SERVERS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let servers = servers.get_or_insert_default();
    // Never dropped: when the process ends its pipes close, and the server stops.
    *servers
        .entry(kind)
        .or_insert_with(|| start(kind, &[]).map(|server| &*Box::leak(server.into())))
}

fn running(
    mut process: Child,
    mut pipes: (ChildStdin, BufReader<ChildStdout>),
) -> Result<Server, String> {
    let about = read_line(&mut pipes.1);
    let text = |key: &str| about[key].as_str().map(str::to_owned);
    let Some(url) = text("url") else {
        process.wait().unwrap();
        return Err(about.to_string());
    };
    let ports = about["ports"].as_array().unwrap().iter();
    let ports: Vec<u16> = ports.map(|port| port.as_u64().unwrap().try_into().unwrap()).collect();
    let (password, ca) = (text("password"), text("ca"));
    let pipes = Mutex::new(Some(pipes));
    Ok(Server { url, port: ports[0], ports, password, ca, about, pipes, process })
}

fn leave_out(kind: &str, reason: &str) {
    let message = format!("left out: there is no server of kind {kind} here: {reason}");
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{message}");
    eprintln!("{message}");
}

fn read_line(answers: &mut BufReader<ChildStdout>) -> Json {
    let mut line = String::new();
    answers.read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap_or(Json::String(line))
}

#[test]
fn a_server_stops_and_starts_on_the_same_port() {
    let Some(server) = start("redis", &[]) else { return };
    let reachable = || std::net::TcpStream::connect(("127.0.0.1", server.port)).is_ok();
    assert!(reachable());
    server.stop();
    assert!(!reachable());
    server.start();
    assert!(reachable());
}
