//! What a service says when it does not do something, in our kinds of errors.

use crate::error::Error;
use crate::transport::{Body, Request, Response};
use serde_json::Value;
use std::io::Read;
use std::time::Duration;

/// How much of an answer is read for its words.
const MOST_READ: u64 = 64 << 10;

/// How many characters of its words are kept.
const MOST_KEPT: usize = 300;

/// An answer that is no success.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) address: String,
    pub(crate) status: u16,
    /// The protocol's name of the error; empty if the answer has none.
    pub(crate) name: String,
    pub(crate) message: String,
    /// How many bytes were sent.
    sent: u64,
}

impl Refusal {
    /// Reads what the service says; where that breaks off, the status must do.
    pub(super) fn read(request: &Request, answer: Response) -> Self {
        let status = answer.status;
        let mut bytes = Vec::new();
        let _ = answer.body.take(MOST_READ).read_to_end(&mut bytes);
        let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let text = |key: &str| body[key].as_str().unwrap_or_default();
        let sent = match &request.body {
            Body::Empty => 0,
            Body::Bytes(bytes) => bytes.len() as u64,
            Body::Stream { length, .. } => *length,
        };
        Self {
            address: request.address().to_owned(),
            status,
            name: text("error").chars().filter(char::is_ascii_graphic).take(64).collect(),
            message: one_line(text("message")),
            sent,
        }
    }

    /// Whether the service does not have the repository (any more).
    pub(crate) fn is_missing_repo(&self) -> bool {
        let moved = ["RepoNotFound", "RepoDeactivated", "RepoTakendown", "RepoSuspended"];
        moved.contains(&self.name.as_str()) || self.message.starts_with("Could not find repo")
    }

    /// Whether there is nothing under the name that was asked for.
    pub(crate) fn is_missing(&self) -> bool {
        let ends =
            ["RecordNotFound", "RepoNotFound", "BlobNotFound", "HandleNotFound", "AccountNotFound"];
        let begins =
            ["Could not find", "Could not locate", "Blob not found", "Unable to resolve handle"];
        ends.contains(&self.name.as_str())
            || (self.status < 500 && begins.iter().any(|words| self.message.starts_with(words)))
            || (self.status == 404 && self.name.is_empty())
    }

    /// The same with a secret taken out of the server's words.
    pub(crate) fn without(mut self, secret: &str) -> Self {
        if !secret.is_empty() {
            self.message = self.message.replace(secret, "***");
            self.name = self.name.replace(secret, "***");
        }
        self
    }

    /// The error for the caller.
    pub(crate) fn into_error(self) -> Error {
        if self.is_missing() {
            return Error::NotFound(format!("{}: {}", self.address, self.words()));
        }
        if self.name == "InvalidSwap" {
            let words = self.words();
            return Error::Conflict(format!("{}: it changed meanwhile: {words}", self.address));
        }
        if let Some(advice) = self.denial() {
            let message = format!("{}; {advice}", self.words());
            return Error::Denied { address: self.address, message };
        }
        let Self { address, status, name, message, sent } = self;
        match status {
            413 => Error::TooLarge {
                what: "what was sent".to_owned(),
                bytes: sent,
                address,
                limit: None,
            },
            _ if matches!(name.as_str(), "BlobTooLarge" | "PayloadTooLarge") => Error::TooLarge {
                what: "what was sent".to_owned(),
                bytes: sent,
                address,
                limit: None,
            },
            429 => Error::RateLimited { address, wait: Duration::ZERO },
            408 | 425 | 500 | 502..=599 => {
                let message =
                    format!("the server answers {status} {name} {message}; try again later");
                Error::Unreachable { address, message }
            }
            _ => Error::Refused { address, status, name, message },
        }
    }

    fn words(&self) -> String {
        match (self.message.as_str(), self.name.as_str()) {
            ("", "") => format!("status {}", self.status),
            ("", name) => name.to_owned(),
            (message, "") => message.to_owned(),
            (message, name) => format!("{message} ({name})"),
        }
    }

    /// What to do, if it is about who asks.
    fn denial(&self) -> Option<&'static str> {
        Some(match self.name.as_str() {
            "AccountTakedown" | "AccountDeactivated" | "AccountSuspended" => {
                "the account is switched off; ask its server's operator"
            }
            "AuthFactorTokenRequired" => {
                "the account asks for a code that is sent by e-mail; log in with an app password"
            }
            "ExpiredToken" => "the session has expired or was ended; log in again",
            "InvalidToken" | "AuthMissing" => "the session is not valid there; log in again",
            "ScopeMissingError" | "InsufficientScope" | "insufficient_scope" => {
                "the session may not do that; log in with wider scopes"
            }
            "AuthenticationRequired" if self.is_login() => {
                "check the handle and the app password, and whether it was revoked"
            }
            _ if self.status == 401 => "the session is not valid there; log in again",
            _ if self.status == 403 => "this account or session may not do that",
            _ => return None,
        })
    }

    fn is_login(&self) -> bool {
        self.address.ends_with("createSession")
    }
}

/// A server's words: one line, not long, without what could be a token.
fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words = words.filter(|word| !word.is_empty());
    let words = words.map(|word| if word.contains("eyJ") { "***" } else { word });
    words.collect::<Vec<_>>().join(" ").chars().take(MOST_KEPT).collect()
}
