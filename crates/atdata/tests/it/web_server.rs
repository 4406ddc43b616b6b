//! A web server for tests: one file, and how it is served.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// How files are served.
#[derive(Debug, Clone, Default)]
pub struct Serving {
    /// Whether parts of files can be asked for.
    pub ranges: bool,
    /// Whether the size is told before the bytes come.
    pub sized: bool,
    pub etag: Option<&'static str>,
    /// What a query must hold, or there is a 403.
    pub query: Option<&'static str>,
    /// Where every path redirects to, but `/file.tar` and what begins with it.
    pub redirect: Option<String>,
    /// So many bytes of a body are sent at most, in the first so many answers.
    pub cut: Option<(usize, usize)>,
}

/// A server of one file, at `/file.tar`; it runs until the process ends.
pub struct WebServer {
    pub url: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl WebServer {
    pub fn start(content: Vec<u8>, serving: Serving) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (content, seen) = (Arc::new(content), Arc::clone(&heads));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (content, seen, serving) =
                    (Arc::clone(&content), Arc::clone(&seen), serving.clone());
                thread::spawn(move || answer(client, &content, &serving, &seen));
            }
        });
        Self { url, heads }
    }

    /// The heads of all requests so far.
    pub fn requests(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

fn answer(
    client: TcpStream,
    content: &[u8],
    serving: &Serving,
    seen: &Mutex<Vec<String>>,
) -> Option<()> {
    let mut head = String::new();
    let mut reader = BufReader::new(client.try_clone().ok()?);
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let number = {
        let mut seen = seen.lock().unwrap();
        seen.push(head.clone());
        seen.len() - 1
    };
    let target = head.split_whitespace().nth(1)?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let refused = serving.query.is_some_and(|needed| !query.contains(needed));
    let (status, body) = match path {
        "/file.tar" if refused => ("403 Forbidden", &b"<Code>AccessDenied</Code>"[..]),
        "/file.tar" => return send(client, &head, content, serving, number),
        _ => ("404 Not Found", &b"no"[..]),
    };
    let redirect = serving.redirect.as_ref().filter(|_| status.starts_with("404"));
    let (status, location) = match redirect {
        Some(to) if path == "/moved.tar" => ("302 Found", format!("Location: {to}\r\n")),
        _ => (status, String::new()),
    };
    let length = body.len();
    let text = format!(
        "HTTP/1.1 {status}\r\n{location}Content-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    (&client).write_all(text.as_bytes()).ok()?;
    (&client).write_all(body).ok()
}

fn send(
    mut client: TcpStream,
    head: &str,
    content: &[u8],
    serving: &Serving,
    number: usize,
) -> Option<()> {
    let range = head.lines().find_map(|line| line.strip_prefix("range: bytes="));
    let mut body = content;
    let mut lines = String::from("Connection: close\r\n");
    let mut status = "200 OK";
    if let Some((from, to)) =
        range.filter(|_| serving.ranges).and_then(|range| range.split_once('-'))
    {
        let from: usize = from.parse().ok()?;
        let to = to.parse::<usize>().map_or(content.len(), |to| (to + 1).min(content.len()));
        let size = content.len();
        if from >= size {
            status = "416 Range Not Satisfiable";
            lines += &format!("Content-Range: bytes */{size}\r\n");
            body = &[];
        } else {
            status = "206 Partial Content";
            body = &content[from..to];
            lines += &format!("Content-Range: bytes {from}-{}/{size}\r\n", to - 1);
        }
    }
    if serving.sized {
        lines += &format!("Content-Length: {}\r\n", body.len());
    } else {
        lines += "Transfer-Encoding: chunked\r\n";
    }
    if let Some(etag) = serving.etag {
        lines += &format!("ETag: {etag}\r\n");
    }
    client.write_all(format!("HTTP/1.1 {status}\r\n{lines}\r\n").as_bytes()).ok()?;
    let cut = serving.cut.filter(|(_, answers)| number < *answers).map(|(bytes, _)| bytes);
    let sent = &body[..cut.unwrap_or(body.len()).min(body.len())];
    if serving.sized {
        return client.write_all(sent).ok();
    }
    for chunk in sent.chunks(50_000) {
        client.write_all(format!("{:x}\r\n", chunk.len()).as_bytes()).ok()?;
        client.write_all(chunk).ok()?;
        client.write_all(b"\r\n").ok()?;
    }
    if sent.len() == body.len() { client.write_all(b"0\r\n\r\n").ok() } else { None }
}
