//! Where the browser comes back to: a web server of one page, on this machine only.

use crate::error::{Error, Result};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};
use url::Url;

/// How often it is looked whether somebody came.
const PAUSE: Duration = Duration::from_millis(25);
/// How long one visitor may take.
const VISIT: Duration = Duration::from_secs(2);
/// The longest request line that is read.
const MAX_LINE: u64 = 8 << 10;

const DONE: &str = "You are logged in. You can close this page and go back to the program.";
const REFUSED: &str = "The login was not allowed. You can close this page.";
const STRANGE: &str = "This is not the login that the program waits for.";

pub(super) struct Listener {
    listener: TcpListener,
    address: String,
}

/// What the browser brings.
struct Visit {
    stream: TcpStream,
    query: Vec<(String, String)>,
}

impl Listener {
    pub(super) fn start() -> Result<Self> {
        let failed = |error| Error::io("listen on 127.0.0.1 for the browser", error);
        let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        Ok(Self { listener, address: format!("http://127.0.0.1:{port}/") })
    }

    /// Where the browser is to be sent.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Waits for the code. Who does not know the state is shown the door, and changes nothing.
    pub(super) fn wait(
        &self,
        state: &str,
        issuer: &str,
        patience: Duration,
    ) -> Result<Option<String>> {
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline {
            match self.next() {
                Some(visit) if visit.says("state", state) && visit.says("iss", issuer) => {
                    return visit.code(issuer).map(Some);
                }
                Some(visit) => visit.show("400 Bad Request", STRANGE),
                None => thread::sleep(PAUSE),
            }
        }
        Ok(None)
    }

    fn next(&self) -> Option<Visit> {
        let (stream, _) = self.listener.accept().ok()?;
        stream.set_nonblocking(false).ok()?;
        stream.set_read_timeout(Some(VISIT)).ok()?;
        stream.set_write_timeout(Some(VISIT)).ok()?;
        let mut line = String::new();
        BufReader::new((&stream).take(MAX_LINE)).read_line(&mut line).ok()?;
        let target = line.strip_prefix("GET /")?.split(' ').next()?;
        let url = Url::parse(&self.address).ok()?.join(target).ok()?;
        let query = url.query_pairs().into_owned().collect();
        Some(Visit { stream, query })
    }
}

impl Visit {
    fn value(&self, name: &str) -> Option<&str> {
        let mut values = self.query.iter().filter(|(key, _)| key == name);
        let value = values.next().map(|(_, value)| value.as_str());
        value.filter(|_| values.next().is_none())
    }

    fn says(&self, name: &str, expected: &str) -> bool {
        self.value(name) == Some(expected)
    }

    fn code(self, issuer: &str) -> Result<String> {
        if let Some(code) = self.value("code").map(str::to_owned) {
            self.show("200 OK", DONE);
            return Ok(code);
        }
        let said = self.value("error").unwrap_or("it says nothing").chars();
        let said: String = said.filter(char::is_ascii_graphic).take(64).collect();
        self.show("200 OK", REFUSED);
        let message = format!("the login was not allowed in the browser ({said})");
        Err(Error::Denied { address: issuer.to_owned(), message })
    }

    /// Shows a page. Whether it arrives changes nothing.
    fn show(mut self, status: &str, words: &str) {
        let page = format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>atdata</title>\
             <style>body{{font:1.1em sans-serif;margin:20vh auto;max-width:30em}}</style>\
             <p>{words}</p></html>"
        );
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\n\
             content-length: {}\r\ncache-control: no-store\r\nreferrer-policy: no-referrer\r\n\
             content-security-policy: default-src 'none'; style-src 'unsafe-inline'\r\n\
             connection: close\r\n\r\n",
            page.len()
        );
        let _ = self.stream.write_all((head + &page).as_bytes());
        self.drain();
    }

    /// Reads the headers that were not: a connection that is closed before may be reset, and the page lost.
    fn drain(&self) {
        let _ = self.stream.shutdown(std::net::Shutdown::Write);
        let mut rest = BufReader::new((&self.stream).take(MAX_LINE * 8)).lines();
        while rest.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
    }
}
