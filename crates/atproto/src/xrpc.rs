//! Methods of services, by their names.

mod refusal;

pub(crate) use refusal::Refusal;

use crate::credentials::{Answer, Credentials};
use crate::error::{Error, Result};
use crate::transport::{Body, Request, Response, Transport};
use serde_json::Value;
use std::sync::Arc;

/// How often a request is authorized anew.
const RENEWALS: usize = 2;

/// How often an answer is asked for that breaks off.
const READS: usize = 3;

/// A service, and who asks it.
///
/// ```no_run
/// use atdata_atproto::config::NetworkConfig;
/// use atdata_atproto::Network;
/// let network = Network::new(NetworkConfig::default())?;
/// let server = network.xrpc("https://bsky.social");
/// let about = server.query("com.atproto.server.describeServer", &[])?;
/// # Ok::<(), atdata_atproto::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Xrpc {
    transport: Arc<dyn Transport>,
    service: String,
    credentials: Option<Arc<dyn Credentials>>,
}

impl Xrpc {
    /// A service by its address, `https://host`.
    #[must_use]
    pub fn new(transport: Arc<dyn Transport>, service: &str) -> Self {
        let service = service.trim_end_matches('/').to_owned();
        Self { transport, service, credentials: None }
    }

    /// The same, asked by somebody.
    #[must_use]
    pub fn with(self, credentials: Arc<dyn Credentials>) -> Self {
        Self { credentials: Some(credentials), ..self }
    }

    /// The address of the service.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The URL of a method.
    #[must_use]
    pub fn url(&self, method: &str, params: &[(&str, &str)]) -> String {
        let url = format!("{}/xrpc/{method}", self.service);
        if params.is_empty() {
            return url;
        }
        let begin = url.len() + 1;
        let mut query = url::form_urlencoded::Serializer::for_suffix(url + "?", begin);
        query.extend_pairs(params).finish()
    }

    /// Asks something.
    ///
    /// # Errors
    /// What the service says, in the kinds of [`Error`].
    pub fn query(&self, method: &str, params: &[(&str, &str)]) -> Result<Value> {
        self.ask(method, params)?.map_err(Refusal::into_error)
    }

    /// Asks something; a refusal of the service is not an error yet.
    pub(crate) fn ask(
        &self,
        method: &str,
        params: &[(&str, &str)],
    ) -> Result<std::result::Result<Value, Refusal>> {
        let request = Request::get(self.url(method, params));
        let mut tried = 1;
        loop {
            let read = |answer: Response| json(&request, answer);
            match self.exchange(&request)?.map(read) {
                Ok(Ok(value)) => return Ok(Ok(value)),
                Ok(Err(Error::Unreachable { .. })) if tried < READS => tried += 1,
                Ok(Err(error)) => return Err(error),
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
    }

    /// Has something done, once.
    ///
    /// # Errors
    /// What the service says. [`Error::Unreachable`] leaves open whether it was done.
    pub fn procedure(&self, method: &str, body: &Value) -> Result<Value> {
        let request = self.post(method, Body::Bytes(body.to_string().into_bytes()));
        let request = request.header("content-type", "application/json");
        let answer = self.send(&request)?;
        json(&request, answer)
    }

    /// A request that has something done.
    pub(crate) fn post(&self, method: &str, body: Body) -> Request {
        Request::post(self.url(method, &[]), body)
    }

    /// Sends a request of any kind to the service and gives a good answer, unread.
    ///
    /// # Errors
    /// What the service says.
    pub fn send(&self, request: &Request) -> Result<Response> {
        self.exchange(request)?.map_err(Refusal::into_error)
    }

    /// Sends a request, authorized, again if the credentials learnt something from the answer.
    pub(crate) fn exchange(
        &self,
        request: &Request,
    ) -> Result<std::result::Result<Response, Refusal>> {
        let mut renewed = 0;
        loop {
            let mut sent = request.clone();
            if let Some(credentials) = &self.credentials {
                credentials.authorize(&mut sent)?;
            }
            let answer = self.transport.send(&sent)?;
            let headers = answer.headers.clone();
            let outcome = if (200..300).contains(&answer.status) {
                Ok(answer)
            } else {
                Err(Refusal::read(&sent, answer))
            };
            let is_last = renewed == RENEWALS && outcome.is_err();
            if is_last || !self.learn(&sent, &outcome, &headers)? {
                return Ok(outcome);
            }
            renewed += 1;
        }
    }

    fn learn(
        &self,
        sent: &Request,
        outcome: &std::result::Result<Response, Refusal>,
        headers: &[(String, String)],
    ) -> Result<bool> {
        let Some(credentials) = &self.credentials else { return Ok(false) };
        let (status, error) = match outcome {
            Ok(answer) => (answer.status, None),
            Err(refusal) => (refusal.status, Some(refusal.name.as_str())),
        };
        let authorization = sent.header_value("authorization");
        credentials.learn(&Answer { authorization, status, error, headers })
    }
}

/// The JSON of an answer; none is null.
fn json(request: &Request, answer: Response) -> Result<Value> {
    let bytes = answer.bytes()?;
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(&bytes).map_err(|error| Error::BadAnswer {
        address: request.address().to_owned(),
        message: format!("this is not JSON: {error}"),
    })
}
