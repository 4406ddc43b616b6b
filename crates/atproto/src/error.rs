//! What can go wrong, in words that say what a caller would do about it.

use std::time::Duration;

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong. No text of it holds a password, a token or a key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A text is not what it should be: a DID, a handle, an at-uri, ...
    #[error("{0}")]
    Syntax(String),
    /// A server cannot be reached, went away, or did not answer in time.
    #[error("cannot reach {address}: {message}")]
    Unreachable {
        /// Which server.
        address: String,
        /// What was met, and what to do.
        message: String,
    },
    /// An address that must not be reached: private, or without TLS, and not in the user's configuration.
    #[error("{address} is not asked: {message}")]
    Forbidden {
        /// The address, without its query.
        address: String,
        /// Why, and how to allow it.
        message: String,
    },
    /// A server says no.
    #[error("{address} refuses: {message} ({name}, status {status})")]
    Refused {
        /// Which server, and what it was asked for.
        address: String,
        /// The HTTP status.
        status: u16,
        /// The protocol's name of the error: `InvalidRequest`, `InvalidSwap`, ...
        name: String,
        /// The server's words, cut to a line.
        message: String,
    },
    /// The credentials are wrong, expired or revoked, or may not do this.
    #[error("{address} refuses: {message}")]
    Denied {
        /// Which server.
        address: String,
        /// What it said, and what to do.
        message: String,
    },
    /// A server asks to wait for longer than the caller is willing to.
    #[error("{address} asks to wait for {} s: too many requests", .wait.as_secs())]
    RateLimited {
        /// Which server.
        address: String,
        /// For how long.
        wait: Duration,
    },
    /// There is no such record, blob, account or handle.
    #[error("{0}")]
    NotFound(String),
    /// A record is there already, or changed meanwhile.
    #[error("{0}")]
    Conflict(String),
    /// An answer breaks the protocol, or a limit of ours.
    #[error("{address} answers wrongly: {message}")]
    BadAnswer {
        /// Which server, and what it was asked for.
        address: String,
        /// What is wrong.
        message: String,
    },
    /// A DID and a handle do not belong together, or a DID document is wrong.
    #[error("{0}")]
    BadIdentity(String),
    /// Bytes are not those that a CID names, or a signature does not fit.
    #[error("{what}: {message}")]
    Unverified {
        /// The record or blob, with its CID.
        what: String,
        /// What is wrong.
        message: String,
    },
    /// A value cannot be in a record: a float, a number too large, ...
    #[error("{0}")]
    BadRecord(String),
    /// A blob or record is larger than the server takes.
    #[error("{what} has {bytes} bytes; {address} takes {}", at_most(*.limit))]
    TooLarge {
        /// What it is.
        what: String,
        /// How large it is.
        bytes: u64,
        /// Which server.
        address: String,
        /// What it takes, if it said so.
        limit: Option<u64>,
    },
    /// Nobody is logged in.
    #[error("{0}")]
    NotLoggedIn(String),
    /// The operating system refused.
    #[error("cannot {action}: {source}")]
    Io {
        /// What was tried.
        action: String,
        /// What it said.
        source: std::io::Error,
    },
}

impl Error {
    /// All codes of [`kind`](Self::kind).
    pub const KINDS: &'static [&'static str] = &[
        "syntax",
        "unreachable",
        "forbidden_address",
        "refused",
        "denied",
        "rate_limited",
        "not_on_network",
        "conflict",
        "bad_answer",
        "bad_identity",
        "unverified",
        "bad_record",
        "too_large",
        "not_logged_in",
        "io",
    ];

    /// The stable code of this kind of error, for programs.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Syntax(_) => "syntax",
            Self::Unreachable { .. } => "unreachable",
            Self::Forbidden { .. } => "forbidden_address",
            Self::Refused { .. } => "refused",
            Self::Denied { .. } => "denied",
            Self::RateLimited { .. } => "rate_limited",
            Self::NotFound(_) => "not_on_network",
            Self::Conflict(_) => "conflict",
            Self::BadAnswer { .. } => "bad_answer",
            Self::BadIdentity(_) => "bad_identity",
            Self::Unverified { .. } => "unverified",
            Self::BadRecord(_) => "bad_record",
            Self::TooLarge { .. } => "too_large",
            Self::NotLoggedIn(_) => "not_logged_in",
            Self::Io { .. } => "io",
        }
    }

    /// A failed operation of the system; an error of ours that passed through it comes out again.
    pub fn io(action: impl Into<String>, source: std::io::Error) -> Self {
        match source.downcast::<Self>() {
            Ok(ours) => ours,
            Err(source) => Self::Io { action: action.into(), source },
        }
    }
}

fn at_most(limit: Option<u64>) -> String {
    limit.map_or_else(|| "less".to_owned(), |limit| format!("at most {limit}"))
}

/// How the message about an answer that is too large begins.
const OVER_CAP: &str = "the answer has more than";

impl Error {
    /// An answer larger than we take.
    pub(crate) fn over_cap(address: String, cap: u64) -> Self {
        Self::BadAnswer { address, message: format!("{OVER_CAP} {cap} bytes") }
    }

    pub(crate) fn is_over_cap(&self) -> bool {
        matches!(self, Self::BadAnswer { message, .. } if message.starts_with(OVER_CAP))
    }
}

impl From<Error> for std::io::Error {
    /// For readers: [`Error::io`] takes it out again.
    fn from(error: Error) -> Self {
        Self::other(error)
    }
}
