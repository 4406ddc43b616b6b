//! A server between a client and another server that does to answers what networks do to them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What is done to one request or its answer.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// Nothing.
    None,
    /// It is answered with this status and body, and not passed on.
    Answer(u16, &'static str),
    /// The connection is reset before anything comes.
    Reset,
    /// The connection is reset after so many bytes of the body.
    ResetAfter(usize),
    /// The connection is closed after so many bytes of the body, as if it were the end.
    CloseAfter(usize),
    /// After so many bytes of the body, nothing comes any more.
    StallAfter(usize),
    /// The server says that the body is so much shorter than it is.
    Announce(i64),
}

/// A request that came through.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub target: String,
}

type Rule = dyn Fn(&Request, usize) -> Fault + Send + Sync;

/// The proxy; it runs until the process ends.
pub struct FaultProxy {
    pub url: String,
    log: Arc<Mutex<Vec<Request>>>,
}

impl FaultProxy {
    /// Begins to pass on what comes to the server at a port. The rule sees each request and how
    /// many requests there were before it.
    pub fn start(
        upstream: u16,
        rule: impl Fn(&Request, usize) -> Fault + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let log = Arc::new(Mutex::new(Vec::new()));
        let (rule, seen): (Arc<Rule>, _) = (Arc::new(rule), Arc::clone(&log));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (rule, seen) = (Arc::clone(&rule), Arc::clone(&seen));
                thread::spawn(move || serve(client, upstream, &*rule, &seen));
            }
        });
        Self { url, log }
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.log.lock().unwrap().clone()
    }

    /// How many requests of a method there were so far.
    pub fn count(&self, method: &str) -> usize {
        self.requests().iter().filter(|request| request.method == method).count()
    }
}

/// One request a connection: simple, and every fault meets just one.
fn serve(client: TcpStream, upstream: u16, rule: &Rule, log: &Mutex<Vec<Request>>) -> Option<()> {
    let mut from_client = BufReader::new(client.try_clone().ok()?);
    let head = read_head(&mut from_client)?;
    let mut words = head.split_whitespace();
    let request = Request { method: words.next()?.to_owned(), target: words.next()?.to_owned() };
    let number = {
        let mut log = log.lock().unwrap();
        log.push(request.clone());
        log.len() - 1
    };
    let fault = rule(&request, number);
    if matches!(fault, Fault::Reset) {
        return reset(&client);
    }
    if header(&head, "expect").is_some() {
        (&client).write_all(b"HTTP/1.1 100 Continue\r\n\r\n").ok()?;
    }
    let length = header(&head, "content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    from_client.read_exact(&mut body).ok()?;
    if let Fault::Answer(status, text) = fault {
        return answer(client, status, text);
    }
    let mut server = TcpStream::connect(("127.0.0.1", upstream)).ok()?;
    server.write_all(closing(&head).as_bytes()).ok()?;
    server.write_all(&body).ok()?;
    pass_back(BufReader::new(server), client, fault)
}

fn answer(mut client: TcpStream, status: u16, text: &str) -> Option<()> {
    let length = text.len();
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nETag: \"x\"\r\nConnection: close\r\n"
    );
    client.write_all(format!("{head}\r\n{text}").as_bytes()).ok()
}

fn pass_back(mut server: BufReader<TcpStream>, mut client: TcpStream, fault: Fault) -> Option<()> {
    let mut head = closing(&read_head(&mut server)?);
    if let (Fault::Announce(less), Some(length)) = (fault, header(&head, "content-length")) {
        let announced = length.parse::<i64>().ok()? - less;
        let lines =
            head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("content-length:"));
        let kept: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
        head = format!("{}\r\nContent-Length: {announced}\r\n\r\n", kept.join("\r\n"));
    }
    client.write_all(head.as_bytes()).ok()?;
    let (Fault::ResetAfter(left) | Fault::CloseAfter(left) | Fault::StallAfter(left)) = fault
    else {
        std::io::copy(&mut server, &mut client).ok()?;
        return Some(());
    };
    let mut part = Vec::new();
    server.take(left as u64).read_to_end(&mut part).ok()?;
    client.write_all(&part).ok()?;
    match fault {
        Fault::ResetAfter(_) if part.len() == left => {
            // What was sent must arrive before the reset does.
            thread::sleep(Duration::from_millis(50));
            reset(&client)
        }
        Fault::StallAfter(_) => {
            thread::sleep(Duration::from_secs(20));
            None
        }
        _ => None,
    }
}

fn reset(client: &TcpStream) -> Option<()> {
    socket2::SockRef::from(client).set_linger(Some(Duration::ZERO)).ok()
}

/// The lines up to and with the empty one.
fn read_head(from: &mut impl BufRead) -> Option<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if from.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    Some(head)
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = head.lines().filter_map(|line| line.split_once(':'));
    pairs.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

/// A head that says that the connection ends after this one.
fn closing(head: &str) -> String {
    let kept = head
        .trim_end()
        .lines()
        .filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
    format!("{}\r\nConnection: close\r\n\r\n", kept.collect::<Vec<_>>().join("\r\n"))
}
