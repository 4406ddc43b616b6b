//! XRPC by hand: methods asked, statuses and JSON seen as they are.

use atdata_atproto::transport::{Body, Request, Response, Transport};
use serde_json::{Value, json};
use std::io::Read;
use std::sync::Arc;
use url::form_urlencoded::Serializer;

/// A client of a PDS, with or without a token.
pub struct Asker {
    pub transport: Arc<dyn Transport>,
    pub service: String,
    pub token: Option<String>,
}

impl Asker {
    pub fn new(transport: Arc<dyn Transport>, service: &str) -> Self {
        Self { transport, service: service.to_owned(), token: None }
    }

    pub fn get(&self, method: &str, params: &Value) -> (u16, Value) {
        let (status, bytes) = self.bytes(method, params);
        (status, json_of(&bytes))
    }

    pub fn bytes(&self, method: &str, params: &Value) -> (u16, Vec<u8>) {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let pairs = params.as_object().unwrap().iter().map(|(key, value)| (key, text(value)));
        let query = Serializer::new(String::new()).extend_pairs(pairs).finish();
        self.send(Request::get(format!("{}/xrpc/{method}?{query}", self.service)))
    }

    pub fn post(&self, method: &str, input: &Value) -> (u16, Value) {
        let body = if input.is_null() { Vec::new() } else { input.to_string().into_bytes() };
        self.upload(method, "application/json", body)
    }

    pub fn upload(&self, method: &str, mime: &str, body: Vec<u8>) -> (u16, Value) {
        let url = format!("{}/xrpc/{method}", self.service);
        let empty = body.is_empty() && mime == "application/json";
        let body = if empty { Body::Empty } else { Body::Bytes(body) };
        let mut request = Request::post(url, body);
        if !empty {
            request = request.header("content-type", mime);
        }
        let (status, bytes) = self.send(request);
        (status, json_of(&bytes))
    }

    /// Logs in, and goes on with the access token.
    pub fn log_in(&mut self, handle: &str, password: &str) -> Value {
        let input = json!({"identifier": handle, "password": password});
        let (status, session) = self.post("com.atproto.server.createSession", &input);
        assert_eq!(status, 200, "{session}");
        self.token = session["accessJwt"].as_str().map(str::to_owned);
        session
    }

    fn send(&self, mut request: Request) -> (u16, Vec<u8>) {
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let Response { status, mut body, .. } = self.transport.send(&request).unwrap();
        let mut bytes = Vec::new();
        body.read_to_end(&mut bytes).unwrap();
        (status, bytes)
    }
}

fn json_of(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_default()
}
