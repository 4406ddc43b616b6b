//! What went wrong between us and a server, in our words.

use crate::error::Error;
use crate::transport::guard::{Blocked, shown};
use std::error::Error as StdError;
use std::time::Duration;
use url::Url;

/// A request that got no answer.
pub(super) fn of_request(error: &reqwest::Error, url: &Url) -> Error {
    if let Some(blocked) = causes(error).find_map(|cause| cause.downcast_ref::<Blocked>()) {
        return blocked.error(url);
    }
    let root = causes(error).last().map(ToString::to_string).unwrap_or_default();
    let advice = if error.is_connect() {
        "check the address and the network"
    } else {
        "the connection broke; try again"
    };
    unreachable(url, format!("{root}; {advice}"))
}

/// Nothing came for too long.
pub(super) fn silence(url: &Url, limit: Duration) -> Error {
    unreachable(url, format!("nothing came for {limit:?}; try again later"))
}

pub(super) fn unreachable(url: &Url, message: String) -> Error {
    Error::Unreachable { address: shown(url), message }
}

fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}
