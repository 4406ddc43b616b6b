//! A server on loopback that says what a test wants: directory, resolver and PDS in one.

use atdata_atproto::config::{NetworkConfig, Patience};
use atdata_atproto::{Client, Network};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

pub const DID: &str = "did:plc:abc123";
pub const HANDLE: &str = "alice.test";

/// A request that came.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub query: HashMap<String, String>,
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
    /// How many of this path came before.
    pub number: usize,
}

impl Asked {
    /// The address of this server.
    pub fn url(&self) -> String {
        format!("http://{}", self.headers["host"])
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The name of the method that is asked for.
    pub fn xrpc(&self) -> &str {
        self.path.strip_prefix("/xrpc/").unwrap_or_default()
    }
}

/// What is answered.
#[derive(Debug, Clone)]
pub enum Reply {
    Is(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// The connection is reset.
    Reset,
    /// The connection is closed after a good answer that did not say so.
    Closing(Value),
    /// The answer says that it has more bytes than come before the end.
    Short(Vec<u8>, usize),
    /// Bytes without an end.
    Endless,
    /// Nothing comes, for so long.
    Silence(Duration),
    /// What the server would say by itself.
    Usual,
}

pub fn ok(value: &Value) -> Reply {
    Reply::Is(200, vec![("content-type", "application/json".into())], value.to_string().into())
}

pub fn refused(status: u16, name: &str, message: &str) -> Reply {
    Reply::Is(status, vec![], json!({"error": name, "message": message}).to_string().into())
}

type Script = dyn Fn(&Asked) -> Reply + Send + Sync;

/// The server; it runs until the process ends.
pub struct Scripted {
    pub url: String,
    log: Arc<Mutex<Vec<Asked>>>,
}

impl Scripted {
    pub fn start(script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let log = Arc::new(Mutex::new(Vec::new()));
        let (script, seen): (Arc<Script>, _) = (Arc::new(script), Arc::clone(&log));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (script, seen) = (Arc::clone(&script), Arc::clone(&seen));
                thread::spawn(move || while serve(&stream, &*script, &seen).is_some() {});
            }
        });
        Self { url, log }
    }

    /// The requests so far whose path ends so.
    pub fn asked(&self, path: &str) -> Vec<Asked> {
        let log = self.log.lock().unwrap();
        log.iter().filter(|asked| asked.path.ends_with(path)).cloned().collect()
    }

    pub fn config(&self) -> NetworkConfig {
        let patience = Patience {
            first_pause: Duration::from_millis(4),
            longest_wait: Duration::from_secs(3),
            answer: Duration::from_secs(2),
            ..Patience::default()
        };
        let resolver = Some(self.url.clone());
        let plc = self.url.clone();
        NetworkConfig { plc, resolver, appview: None, patience, ..NetworkConfig::default() }
    }

    pub fn network(&self) -> Arc<Network> {
        Network::new(self.config()).unwrap()
    }

    pub fn client(&self) -> Client {
        Client::login(self.network(), HANDLE, "password", None).unwrap()
    }
}

fn serve(stream: &TcpStream, script: &Script, log: &Mutex<Vec<Asked>>) -> Option<()> {
    let mut asked = read(&mut BufReader::new(stream))?;
    {
        let mut log = log.lock().unwrap();
        asked.number = log.iter().filter(|before| before.path == asked.path).count();
        log.push(asked.clone());
    }
    let reply = match script(&asked) {
        Reply::Usual => usual(&asked),
        reply => reply,
    };
    match reply {
        Reply::Is(status, headers, body) => answer(stream, status, &headers, &body, body.len()),
        Reply::Closing(value) => {
            let body = value.to_string();
            answer(stream, 200, &[], body.as_bytes(), body.len()).and(None)
        }
        Reply::Short(body, length) => answer(stream, 200, &[], &body, length).and(None),
        Reply::Silence(time) => {
            thread::sleep(time);
            None
        }
        Reply::Endless => {
            answer(stream, 200, &[("transfer-encoding", "chunked".into())], b"", usize::MAX)?;
            let mut out = stream;
            loop {
                out.write_all(b"10000\r\n").and(out.write_all(&[b' '; 0x10000])).ok()?;
                out.write_all(b"\r\n").ok()?;
            }
        }
        Reply::Reset | Reply::Usual => {
            socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO)).ok()?;
            None
        }
    }
}

fn answer(
    mut stream: &TcpStream,
    status: u16,
    headers: &[(&str, String)],
    body: &[u8],
    length: usize,
) -> Option<()> {
    let mut head = format!("HTTP/1.1 {status} X\r\n");
    if length < usize::MAX {
        head += &format!("content-length: {length}\r\n");
    }
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    stream.write_all(format!("{head}\r\n").as_bytes()).ok()?;
    stream.write_all(body).ok()
}

fn read(from: &mut impl BufRead) -> Option<Asked> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if from.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let mut words = lines.first()?.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let headers: HashMap<_, _> = lines[1..]
        .iter()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    from.read_exact(&mut body).ok()?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    Some(Asked { method, path: path.to_owned(), query, headers, body, number: 0 })
}

/// The document of a DID whose PDS is at a URL.
pub fn document(did: &str, handle: &str, pds: &str) -> Value {
    json!({
        "id": did,
        "alsoKnownAs": [format!("at://{handle}")],
        "verificationMethod": [{
            "id": format!("{did}#atproto"), "type": "Multikey", "controller": did,
            "publicKeyMultibase": "zQ3shXjHeiBuRCKmM36cuYnm7YEMzhGnCmCyW92sRJ9pribSF",
        }],
        "service": [{
            "id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": pds,
        }],
    })
}

/// A token with times in it, as JWTs have them.
pub fn token(name: &str, life: u64) -> String {
    use base64::Engine;
    let encode = |text: String| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    let claims = json!({"iat": 1_000_000, "exp": 1_000_000 + life, "name": name});
    format!("{}.{}.x", encode("{}".to_owned()), encode(claims.to_string()))
}

pub fn session(name: &str) -> Value {
    json!({
        "did": DID, "handle": HANDLE,
        "accessJwt": token(name, 7200), "refreshJwt": token(&format!("{name}-refresh"), 90_000),
    })
}

fn usual(asked: &Asked) -> Reply {
    match asked.path.as_str() {
        "/did:plc:abc123" => ok(&document(DID, HANDLE, &asked.url())),
        _ => match asked.xrpc() {
            "com.atproto.identity.resolveHandle" if asked.query["handle"] == HANDLE => {
                ok(&json!({"did": DID}))
            }
            "com.atproto.server.createSession" => ok(&session("first")),
            "com.atproto.server.describeServer" => ok(&json!({"did": "did:web:localhost"})),
            "com.atproto.repo.getRecord" => {
                refused(400, "RecordNotFound", "Could not locate record")
            }
            _ => refused(400, "HandleNotFound", "Unable to resolve handle"),
        },
    }
}
