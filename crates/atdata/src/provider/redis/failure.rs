//! What a Redis server meets, in words that say what to do.

use super::options::RedisOptions;
use crate::error::Error;
use redis::{ErrorKind, RedisError, ServerErrorKind};
use std::time::Duration;

const PAUSE: Duration = Duration::from_millis(500);

/// Why an operation failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The server, or the way to it.
    Redis(RedisError),
    /// What it said, or what was asked of us.
    Ours(Error),
}

impl From<RedisError> for Failure {
    fn from(error: RedisError) -> Self {
        Self::Redis(error)
    }
}

impl From<redis::ParsingError> for Failure {
    fn from(error: redis::ParsingError) -> Self {
        Self::Redis(error.into())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

impl Failure {
    /// Whether a fresh connection may do better: this one was closed, or no longer knows the
    /// cluster. Not after a timeout, for the next would wait as long.
    pub(super) fn is_of_connection(&self) -> bool {
        let Self::Redis(error) = self else { return false };
        (is_lost(error) && !error.is_timeout()) || error.is_cluster_error()
    }

    /// How long to wait before that: a cluster that is down for the moment may soon be up.
    pub(super) fn pause(&self) -> Duration {
        let Self::Redis(error) = self else { return Duration::ZERO };
        match error.kind() {
            ErrorKind::Server(ServerErrorKind::ClusterDown | ServerErrorKind::TryAgain) => PAUSE,
            _ => Duration::ZERO,
        }
    }

    /// For whoever called.
    pub(super) fn told(self, options: &RedisOptions) -> Error {
        match self {
            Self::Ours(error) => error,
            Self::Redis(error) => {
                let said = without_secret(&error.to_string(), options);
                tell(options.address(), &error, said)
            }
        }
    }
}

/// Whether the connection cannot be used again.
fn is_lost(error: &RedisError) -> bool {
    let kinds = [ErrorKind::Io, ErrorKind::Parse, ErrorKind::ClusterConnectionNotFound];
    kinds.contains(&error.kind()) || error.is_connection_dropped() || error.is_timeout()
}

fn tell(address: String, error: &RedisError, said: String) -> Error {
    let is_said = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if error.kind() == ErrorKind::AuthenticationFailed
        || is_said(&["NOAUTH", "WRONGPASS", "NOPERM", "authentication failed"])
    {
        let what = "check the user, the password and what the user may do (all keys; EVAL too)";
        return Error::Denied { address, message: format!("{said}; {what}") };
    }
    if error.kind() == ErrorKind::Server(ServerErrorKind::BusyLoading) {
        return unreachable(address, "it is still loading its data; try again in a moment");
    }
    if error.is_timeout() {
        return unreachable(address, "it took the connection, if any, but did not answer in time");
    }
    if is_said(&["certificate"]) {
        let what = "name the file of its certificate authority with ?ca=/path";
        return unreachable(address, &format!("{said}; {what}"));
    }
    if is_lost(error) || error.is_cluster_error() {
        let what = "see that the server runs there and takes connections; an index in a file \
                    needs no server: atdata.Index(path=...)";
        return unreachable(address, &format!("{said}; {what}"));
    }
    Error::Denied { address, message: said }
}

fn unreachable(address: String, message: &str) -> Error {
    Error::Unreachable { address, message: message.to_owned() }
}

/// Servers may repeat what they were sent.
fn without_secret(text: &str, options: &RedisOptions) -> String {
    match &options.password {
        Some(password) => text.replace(password.as_str(), "***"),
        None => text.to_owned(),
    }
}
