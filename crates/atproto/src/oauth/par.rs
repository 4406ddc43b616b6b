//! The pushed authorization request: what is wanted goes to the server itself, and the browser gets no
//! more than a name for it.

use super::tokens::Endpoint;
use crate::error::{Error, Result};
use url::form_urlencoded::Serializer;

/// A program on a user's machine has no page that describes it; its name is what it asks for. Of the
/// address that the browser is sent back to, servers leave out the port when they compare.
const CLIENT: &str = "http://localhost?";
const REDIRECT: &str = "http://127.0.0.1/";

pub(super) struct Request<'a> {
    pub(super) scope: &'a str,
    pub(super) redirect_uri: &'a str,
    pub(super) challenge: &'a str,
    pub(super) state: &'a str,
    pub(super) login_hint: Option<&'a str>,
}

pub(super) fn client_id(scope: &str) -> String {
    let pairs = [("redirect_uri", REDIRECT), ("scope", scope)];
    CLIENT.to_owned() + &Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Pushes the request, and gives the page to open.
pub(super) fn push(endpoint: &Endpoint, request: &Request<'_>) -> Result<String> {
    let mut form = vec![
        ("response_type", "code"),
        ("redirect_uri", request.redirect_uri),
        ("scope", request.scope),
        ("state", request.state),
        ("code_challenge", request.challenge),
        ("code_challenge_method", "S256"),
    ];
    form.extend(request.login_hint.map(|hint| ("login_hint", hint)));
    let server = &endpoint.server;
    let url = &server.pushed_authorization_request_endpoint;
    let answer = endpoint.post(url, &form)?.map_err(|refusal| Error::Refused {
        address: url.clone(),
        status: refusal.status,
        // Nothing that was sent is secret yet.
        message: refusal.description,
        name: refusal.error,
    })?;
    let name = answer["request_uri"].as_str().ok_or_else(|| Error::BadAnswer {
        address: url.clone(),
        message: "it gives no request_uri".to_owned(),
    })?;
    let pairs = [("client_id", endpoint.client_id.as_str()), ("request_uri", name)];
    let query = Serializer::new(String::new()).extend_pairs(pairs).finish();
    let joint = if server.authorization_endpoint.contains('?') { '&' } else { '?' };
    Ok(format!("{}{joint}{query}", server.authorization_endpoint))
}
