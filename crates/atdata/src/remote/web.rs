//! The client for web servers.

use super::{Patience, Reach};
use crate::error::{Error, Result};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, ClientBuilder};
use std::sync::Arc;

const AGENT: &str = concat!("atdata/", env!("CARGO_PKG_VERSION"));

/// How many redirects are followed.
const REDIRECTS: usize = 5;

/// A client for servers that may be reached; without `reach`, for all.
pub(super) fn client(patience: &Patience, reach: Option<&Arc<dyn Reach>>) -> Result<Client> {
    let builder = || builder(patience, reach);
    // A machine without root certificates can still talk to servers without TLS.
    let built = builder().build().or_else(|_| builder().tls_certs_only([]).build());
    built.map_err(|_| {
        Error::Unsupported("TLS cannot be set up here; install the root certificates".to_owned())
    })
}

fn builder(patience: &Patience, reach: Option<&Arc<dyn Reach>>) -> ClientBuilder {
    // A referer would tell the next host the query of the first, which may be a signature.
    let builder = Client::builder().user_agent(AGENT).referer(false).http1_only();
    let builder = builder.connect_timeout(patience.connect);
    let Some(reach) = reach else {
        return builder.redirect(Policy::custom(redirect));
    };
    // Through a proxy, nobody could check addresses.
    let builder = builder.no_proxy().dns_resolver(reach.resolver());
    let reach = Arc::clone(reach);
    builder.redirect(Policy::custom(move |attempt| match reach.check(attempt.url()) {
        Ok(()) => redirect(attempt),
        Err(why) => attempt.error(why),
    }))
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
