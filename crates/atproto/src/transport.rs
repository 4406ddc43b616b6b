//! How requests are sent: one small trait, so that tests can answer in the place of the network.

mod address;
pub(crate) mod guard;
pub mod patient;
pub(crate) mod resolver;
pub mod web;

pub use guard::Guard;

use crate::error::{Error, Result};
use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;

/// The most that an answer of JSON may have, in bytes.
pub const JSON_CAP: u64 = 8 << 20;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Does.
    Post,
}

/// A request.
#[derive(Clone)]
pub struct Request {
    /// Reads or does.
    pub method: Method,
    /// The whole URL.
    pub url: String,
    /// Names in lower case, and values; they may be secret.
    pub headers: Vec<(String, String)>,
    /// What is sent.
    pub body: Body,
    /// Whether asking again after an answer was lost does no harm.
    pub repeatable: bool,
    /// The most bytes the answer may have.
    pub cap: u64,
}

impl Request {
    /// A request that reads; repeatable, with the cap of JSON.
    pub fn get(url: impl Into<String>) -> Self {
        Self {
            method: Method::Get,
            url: url.into(),
            headers: Vec::new(),
            body: Body::Empty,
            repeatable: true,
            cap: JSON_CAP,
        }
    }

    /// A request that does something; not repeatable unless said so.
    pub fn post(url: impl Into<String>, body: Body) -> Self {
        Self { method: Method::Post, body, repeatable: false, ..Self::get(url) }
    }

    /// The same with a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The URL for the words of an error: its query may be secret.
    #[must_use]
    pub fn address(&self) -> &str {
        self.url.split('?').next().unwrap_or_default()
    }

    /// The value of a header, by its name in lower case.
    #[must_use]
    pub fn header_value(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }
}

impl fmt::Debug for Request {
    /// Headers, bodies and queries may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &self.address())
            .finish_non_exhaustive()
    }
}

/// Opens a body at its start; it is opened again for each try.
pub type Open = dyn Fn() -> io::Result<Box<dyn Read + Send>> + Send + Sync;

/// What a request sends.
#[derive(Clone)]
pub enum Body {
    /// Nothing.
    Empty,
    /// These bytes.
    Bytes(Vec<u8>),
    /// So many bytes from a reader.
    Stream {
        /// How many.
        length: u64,
        /// Opens the reader.
        open: Arc<Open>,
    },
}

/// An answer of any status.
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body; reading it fails with an [`Error`] inside when the cap is passed or
    /// the connection breaks.
    pub body: Box<dyn Read + Send>,
}

impl Response {
    /// The value of a header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// The whole body; its size is under the cap of the request.
    ///
    /// # Errors
    /// What reading meets.
    pub fn bytes(mut self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let read = self.body.read_to_end(&mut bytes);
        read.map_err(|error| Error::io("read an answer", error))?;
        Ok(bytes)
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("status", &self.status).finish_non_exhaustive()
    }
}

fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// Sends requests. Implementations are shared by threads and survive a `fork`.
pub trait Transport: fmt::Debug + Send + Sync {
    /// Sends a request and gives the answer, whatever its status.
    ///
    /// # Errors
    /// [`Error::Unreachable`], [`Error::Forbidden`].
    fn send(&self, request: &Request) -> Result<Response>;
}
