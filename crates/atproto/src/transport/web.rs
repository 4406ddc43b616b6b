//! The transport of the real network: HTTP/1.1 over TLS, under the [`Guard`].

mod answer;
mod fault;
mod handle;
mod upload;

use super::guard::{Guard, shown};
use super::{Body, Method, Request, Response, Transport};
use crate::error::{Error, Result};
use crate::patience::Patience;
use atdata_waiting::PerProcess;
use handle::Handle;
use reqwest::header::LOCATION;
use std::fmt;
use std::sync::Arc;
use url::Url;

/// How many redirects are followed.
const REDIRECTS: usize = 5;

/// Sends requests to the real network. It is cheap until it is used.
pub struct WebTransport {
    guard: Guard,
    patience: Patience,
    handle: PerProcess<Handle>,
}

impl fmt::Debug for WebTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebTransport").field("guard", &self.guard).finish_non_exhaustive()
    }
}

impl WebTransport {
    /// A transport that asks only what the guard admits.
    #[must_use]
    pub fn new(guard: Guard, patience: Patience) -> Self {
        Self { guard, patience, handle: PerProcess::default() }
    }

    fn handle(&self) -> Result<Arc<Handle>> {
        self.handle.get(|| Handle::new(&self.guard, &self.patience))
    }

    /// One exchange, without following redirects.
    fn exchange(&self, request: &Request, url: &Url) -> Result<answer::Answer> {
        let handle = self.handle()?;
        let client = handle.client(self.guard.admit(url)?);
        handle.look_around();
        let prepared = match request.method {
            Method::Get => client.get(url.clone()),
            Method::Post => client.post(url.clone()),
        };
        let prepared =
            request.headers.iter().fold(prepared, |built, (name, value)| built.header(name, value));
        let exchange = upload::Exchange { handle: &handle, patience: &self.patience, url };
        let (response, upload) = match &request.body {
            Body::Empty => (exchange.answer(prepared)?, None),
            Body::Bytes(bytes) => (exchange.answer(prepared.body(bytes.clone()))?, None),
            Body::Stream { length, open } => exchange.streamed(prepared, *length, open.as_ref())?,
        };
        Ok(answer::Answer { response, upload })
    }
}

impl Transport for WebTransport {
    fn send(&self, request: &Request) -> Result<Response> {
        let mut url = super::guard::web_url(&request.url)?;
        let mut request = request.clone();
        for _ in 0..=REDIRECTS {
            let answer = self.exchange(&request, &url)?;
            let Some(next) = redirected(&request, &url, &answer.response) else {
                return answer.into_response(
                    self.handle()?,
                    &url,
                    request.cap,
                    self.patience.answer,
                );
            };
            let next = next?;
            if next.origin() != url.origin() {
                request.headers.retain(|(name, _)| !is_personal(name));
            }
            url = next;
        }
        let message = format!("it redirects more than {REDIRECTS} times");
        Err(Error::BadAnswer { address: shown(&url), message })
    }
}

/// Where an answer leads to, if it is a redirect of a request that reads.
fn redirected(request: &Request, url: &Url, answer: &reqwest::Response) -> Option<Result<Url>> {
    let redirects = matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    if request.method != Method::Get || !redirects {
        return None;
    }
    let location = answer.headers().get(LOCATION)?;
    let next = location.to_str().ok().and_then(|location| url.join(location).ok());
    Some(next.ok_or_else(|| Error::BadAnswer {
        address: shown(url),
        message: "it redirects to what is no address".to_owned(),
    }))
}

/// Whether a header is meant for one server alone.
fn is_personal(name: &str) -> bool {
    matches!(name, "authorization" | "dpop" | "cookie" | "atproto-proxy")
}
