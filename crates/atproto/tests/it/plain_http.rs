//! HTTP to a server on loopback, with the least code: what is tested over it is not the transport.

use atdata_atproto::transport::{Body, Method, Request, Response, Transport};
use atdata_atproto::{Error, Result};
use std::io::{Read, Write};
use std::net::TcpStream;

#[derive(Debug)]
pub struct PlainHttp;

impl Transport for PlainHttp {
    fn send(&self, request: &Request) -> Result<Response> {
        exchange(request).map_err(|error| Error::io("speak to a server on loopback", error))
    }
}

fn exchange(request: &Request) -> std::io::Result<Response> {
    let (host, path) = request.url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host)?;
    stream.write_all(head(request, host, path).as_bytes())?;
    if let Body::Bytes(bytes) = &request.body {
        stream.write_all(bytes)?;
    }
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let body = answer.split_off(end + 4);
    Ok(response(&String::from_utf8(answer).unwrap(), body))
}

/// HTTP 1.0: the answer comes in one piece and ends with the connection.
fn head(request: &Request, host: &str, path: &str) -> String {
    let method = if request.method == Method::Get { "GET" } else { "POST" };
    let mut head = format!("{method} /{path} HTTP/1.0\r\nhost: {host}\r\n");
    for (name, value) in &request.headers {
        head += &format!("{name}: {value}\r\n");
    }
    match &request.body {
        Body::Bytes(bytes) => head += &format!("content-length: {}\r\n", bytes.len()),
        Body::Empty if method == "POST" => head += "content-length: 0\r\n",
        _ => {}
    }
    head + "\r\n"
}

fn response(head: &str, body: Vec<u8>) -> Response {
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let pair = |line: &str| {
        line.split_once(": ").map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
    };
    Response { status, headers: lines.filter_map(pair).collect(), body: Box::new(&*body.leak()) }
}
