//! What can go wrong, in words that say what a caller would do about it.

use std::io;
use std::path::{Path, PathBuf};

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Bytes do not follow the format.
    #[error(transparent)]
    Format(atdata_format::Error),
    /// There is nothing at a path, or no file fits a pattern.
    #[error("{0}")]
    NotFound(String),
    /// The data has no such split.
    #[error("Split '{wanted}' not found; the data has {}", .available.join(", "))]
    SplitNotFound {
        /// The split that was asked for.
        wanted: String,
        /// The splits there are.
        available: Vec<String>,
    },
    /// An argument makes no sense.
    #[error("{0}")]
    Invalid(String),
    /// There is no sample with this number.
    #[error("there is no sample {index}: the dataset has {len}")]
    OutOfRange {
        /// The number that was asked for.
        index: u64,
        /// The number of samples.
        len: u64,
    },
    /// No sample has this key.
    #[error("no sample has the key '{0}'")]
    UnknownKey(String),
    /// This build, or a server, does not do that.
    #[error("{0}")]
    Unsupported(String),
    /// No lens leads from one type to another.
    #[error("no lens is registered from {source_type} to {view_type}")]
    NoLens {
        /// The type the lens would start from.
        source_type: String,
        /// The type it would lead to.
        view_type: String,
    },
    /// Several ways over the same number of lenses lead from one type to another.
    #[error(
        "several shortest ways lead from {source_type} to {view_type}: {}; register a lens \
         between the two",
        .paths.join("; ")
    )]
    SeveralLenses {
        /// The type the lens would start from.
        source_type: String,
        /// The type it would lead to.
        view_type: String,
        /// The ways, each as the types it passes: `A -> B -> C`; of many, some.
        paths: Vec<String>,
    },
    /// The operating system refused.
    #[error("cannot {action} {}", .path.display())]
    Io {
        /// What was tried: `read`, `write`, ...
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// Nothing in an index has that name, CID or reference.
    #[error("{0}")]
    UnknownName(String),
    /// Something is there already and must not change.
    #[error("{0}")]
    Conflict(String),
    /// A server cannot be reached, or went away. The address holds no secret.
    #[error("cannot reach {address}: {message}")]
    Unreachable {
        /// Where it should be.
        address: String,
        /// What was met, and what to do.
        message: String,
    },
    /// A server refused the credentials, or what they may do.
    #[error("{address} refuses: {message}")]
    Denied {
        /// Which server, without secrets.
        address: String,
        /// What it said, and what to do.
        message: String,
    },
    /// A row of an index does not follow the format, or its database has a newer layout.
    #[error("{0}")]
    BadIndex(String),
    /// A shard's bytes are not those that were stored.
    #[error("{shard}: its SHA-256 is {found}, but {expected} was stored; it has changed since")]
    Checksum {
        /// The shard's URL.
        shard: String,
        /// The SHA-256 it should have, in hex.
        expected: String,
        /// The SHA-256 it has, in hex.
        found: String,
    },
    /// The network, or what somebody has published on it.
    #[cfg(feature = "atproto")]
    #[error(transparent)]
    Network(#[from] atdata_atproto::Error),
    /// What is to be converted is not as its format, or the schema, says.
    #[error("{place}{}: {message}", .column.as_ref().map(|c| format!(", column {c}")).unwrap_or_default())]
    Input {
        /// The file, and where in it: `a.csv, line 3`.
        place: String,
        /// The column or field, where it is about one.
        column: Option<String>,
        /// What is wrong, and what to do.
        message: String,
    },
    /// A callback asked to stop.
    #[error("stopped: the callback asked for it")]
    Stopped,
}

impl Error {
    /// The codes of this crate's own kinds, those of the format's left out.
    pub const KINDS: &'static [&'static str] = &[
        "not_found",
        "split_not_found",
        "invalid_argument",
        "out_of_range",
        "unknown_key",
        "unsupported",
        "no_lens",
        "io",
        "unknown_name",
        "conflict",
        "unreachable",
        "denied",
        "bad_index",
        "checksum",
        "bad_input",
        "stopped",
    ];

    /// The codes of the network's kinds.
    #[cfg(feature = "atproto")]
    pub const NETWORK_KINDS: &'static [&'static str] = atdata_atproto::Error::KINDS;

    /// A failed operation on a file.
    pub fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        let source = match source.downcast::<Self>() {
            Ok(ours) => return ours,
            Err(source) => source,
        };
        if source.kind() == io::ErrorKind::NotFound {
            return Self::NotFound(format!("{}: no such file", path.display()));
        }
        Self::Io { action, path: path.to_owned(), source }
    }

    /// A wait that was ended by who waited, who gets this back.
    pub(crate) fn stopped(source: io::Error) -> Self {
        Self::Io { action: "go on with", path: "this".into(), source }
    }

    /// The stable code of this kind of error, for programs.
    ///
    /// ```
    /// assert_eq!(atdata::Error::NotFound("x".into()).kind(), "not_found");
    /// ```
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Format(error) => error.kind().code(),
            Self::NotFound(_) => "not_found",
            Self::SplitNotFound { .. } => "split_not_found",
            Self::Invalid(_) => "invalid_argument",
            Self::OutOfRange { .. } => "out_of_range",
            Self::UnknownKey(_) => "unknown_key",
            Self::Unsupported(_) => "unsupported",
            Self::NoLens { .. } | Self::SeveralLenses { .. } => "no_lens",
            Self::Io { .. } => "io",
            Self::UnknownName(_) => "unknown_name",
            Self::Conflict(_) => "conflict",
            Self::Unreachable { .. } => "unreachable",
            Self::Denied { .. } => "denied",
            Self::BadIndex(_) => "bad_index",
            Self::Checksum { .. } => "checksum",
            #[cfg(feature = "atproto")]
            Self::Network(error) => error.kind(),
            Self::Input { .. } => "bad_input",
            Self::Stopped => "stopped",
        }
    }
}

impl From<atdata_format::Error> for Error {
    /// An error of ours that came through a reader is itself again.
    fn from(error: atdata_format::Error) -> Self {
        match error.into_io() {
            Ok((source, error)) => source
                .downcast::<Self>()
                .unwrap_or_else(|source| Self::Format(error.with_io(source))),
            Err(error) if error.kind() == atdata_format::Kind::UnknownField => {
                Self::UnknownName(error.to_string())
            }
            Err(error) => Self::Format(error),
        }
    }
}
