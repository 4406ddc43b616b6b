//! Requests and answers, as the methods see them.

use crate::error::{Error, Result};
use crate::transport::{Body, Method, Request, Response};
use serde_json::{Value, json};
use std::io::{Cursor, Read};
use url::Url;

/// What a PDS takes as JSON.
const MAX_JSON: usize = 1_000_000;

/// A request.
pub(super) struct Call {
    pub(super) method: Method,
    /// `https://host`
    pub(super) origin: String,
    pub(super) path: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// An answer, or why there is none.
pub(super) type Answer = Checked<Reply>;
pub(super) type Checked<T> = std::result::Result<T, Refusal>;

pub(super) enum Reply {
    Nothing,
    Json(Value),
    Bytes { mime: String, bytes: Vec<u8> },
    Refused { status: u16, body: Value },
}

/// What a server says no with.
pub(super) struct Refusal {
    status: u16,
    error: &'static str,
    message: String,
}

impl Call {
    pub(super) fn read(request: &Request) -> Result<Self> {
        let url = Url::parse(&request.url)
            .map_err(|error| Error::Syntax(format!("this is not a URL: {error}")))?;
        Ok(Self {
            method: request.method,
            origin: url.origin().ascii_serialization(),
            path: url.path().to_owned(),
            query: url.query_pairs().into_owned().collect(),
            headers: request.headers.clone(),
            body: read(&request.body).map_err(|error| Error::io("read what is sent", error))?,
        })
    }

    /// A parameter that must be there.
    pub(super) fn param(&self, name: &str) -> Checked<&str> {
        let missing = || Refusal::invalid(format!("Missing required key \"{name}\" in the query"));
        self.optional(name).ok_or_else(missing)
    }

    pub(super) fn optional(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// How many are wanted, of a page.
    pub(super) fn limit(&self, usual: usize, most: usize) -> Checked<usize> {
        let wrong = || Refusal::invalid(format!("limit must be 1 to {most}"));
        let limit =
            self.optional("limit").map_or(Ok(usual), |text| text.parse().map_err(|_| wrong()));
        limit.and_then(|limit| if (1..=most).contains(&limit) { Ok(limit) } else { Err(wrong()) })
    }

    pub(super) fn json(&self) -> Checked<Value> {
        if self.body.len() > MAX_JSON {
            return Err(Refusal::too_large());
        }
        serde_json::from_slice(&self.body)
            .map_err(|_| Refusal::invalid("A request body is expected but none was provided"))
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn token(&self) -> Checked<&str> {
        let token = self.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        token.ok_or_else(|| Refusal::new(401, "AuthMissing", "Authentication Required"))
    }
}

fn read(body: &Body) -> std::io::Result<Vec<u8>> {
    match body {
        Body::Empty => Ok(Vec::new()),
        Body::Bytes(bytes) => Ok(bytes.clone()),
        Body::Stream { length, open } => {
            let mut bytes = Vec::new();
            open()?.take(*length).read_to_end(&mut bytes)?;
            Ok(bytes)
        }
    }
}

/// A field of text that must be there.
pub(super) fn text<'a>(input: &'a Value, name: &str) -> Checked<&'a str> {
    let missing = || Refusal::invalid(format!("Missing required key \"{name}\" at $"));
    input[name].as_str().ok_or_else(missing)
}

impl Reply {
    pub(super) fn bytes(mime: &str, bytes: &[u8]) -> Self {
        Self::Bytes { mime: mime.to_owned(), bytes: bytes.to_vec() }
    }

    pub(super) fn response(self, cap: u64) -> Response {
        let (status, mime, bytes) = match self {
            Self::Nothing => (200, String::new(), Vec::new()),
            Self::Json(json) => (200, JSON.to_owned(), json.to_string().into_bytes()),
            Self::Bytes { mime, bytes } => (200, mime, bytes),
            Self::Refused { status, body } => {
                (status, JSON.to_owned(), body.to_string().into_bytes())
            }
        };
        let length = ("content-length".to_owned(), bytes.len().to_string());
        let headers = vec![("content-type".to_owned(), mime), length];
        Response { status, headers, body: Box::new(Capped { bytes: Cursor::new(bytes), cap }) }
    }
}

const JSON: &str = "application/json; charset=utf-8";

/// Fails where a transport would, rather than give more than was asked for.
struct Capped {
    bytes: Cursor<Vec<u8>>,
    cap: u64,
}

impl Read for Capped {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.bytes.read(buffer)?;
        if self.bytes.position() <= self.cap {
            return Ok(count);
        }
        let message = format!("the answer has more than {} bytes", self.cap);
        Err(Error::BadAnswer { address: "the network in memory".to_owned(), message }.into())
    }
}

impl Refusal {
    pub(super) fn new(status: u16, error: &'static str, message: impl Into<String>) -> Self {
        Self { status, error, message: message.into() }
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidRequest", message)
    }

    pub(super) fn unknown_method(name: &str) -> Self {
        Self::invalid(format!("No service configured for {name}"))
    }

    /// What a PDS says to writes that do not fit what is there: nothing.
    pub(super) fn clash() -> Self {
        Self::new(500, "InternalServerError", "Internal Server Error")
    }

    pub(super) fn too_large() -> Self {
        Self::new(413, "PayloadTooLargeError", "request entity too large")
    }

    pub(super) fn on_purpose(status: u16) -> Self {
        let error = if status == 429 { "RateLimitExceeded" } else { "InternalServerError" };
        Self::new(status, error, "as the test wanted")
    }

    pub(super) fn reply(self) -> Reply {
        let body = json!({"error": self.error, "message": self.message});
        Reply::Refused { status: self.status, body }
    }
}
