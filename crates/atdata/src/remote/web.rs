//! The client for web servers.

use super::Patience;
use crate::error::{Error, Result};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, ClientBuilder};

const AGENT: &str = concat!("atdata/", env!("CARGO_PKG_VERSION"));

/// How many redirects are followed.
const REDIRECTS: usize = 5;

pub(super) fn client(patience: &Patience) -> Result<Client> {
    // A machine without root certificates can still talk to servers without TLS.
    let built = builder(patience).build().or_else(|_| builder(patience).tls_certs_only([]).build());
    built.map_err(|_| {
        Error::Unsupported("TLS cannot be set up here; install the root certificates".to_owned())
    })
}

fn builder(patience: &Patience) -> ClientBuilder {
    // A referer would tell the next host the query of the first, which may be a signature.
    let builder = Client::builder().user_agent(AGENT).referer(false).http1_only();
    builder.connect_timeout(patience.connect).redirect(Policy::custom(redirect))
}

fn redirect(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    if attempt.previous().len() > REDIRECTS {
        return attempt.error("too many redirects");
    }
    match attempt.url().scheme() {
        "http" | "https" => attempt.follow(),
        _ => attempt.error("a redirect to what is no web address"),
    }
}
