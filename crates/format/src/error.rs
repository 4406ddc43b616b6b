//! One error type for everything this crate decodes or encodes: what is wrong, where, and a stable
//! code for programs.

mod kind;
pub use kind::Kind;

use std::fmt;
use std::io;

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Where in a data set something is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The shard's name: its path or URL.
    pub shard: Option<String>,
    /// The sample's key.
    pub key: Option<String>,
    /// The field's name.
    pub field: Option<String>,
    /// The byte offset: in the shard once the shard is known, else in the bytes that were decoded.
    pub offset: Option<u64>,
}

#[derive(Debug)]
struct Inner {
    kind: Kind,
    message: String,
    place: Place,
    source: Option<io::Error>,
}

/// What is wrong with some bytes, and where.
///
/// ```
/// use atdata_format::{Error, Kind};
/// let error = Error::new(Kind::PayloadCutShort, "the payload ends inside a value")
///     .at(1536)
///     .in_shard("data.tar")
///     .in_key("cat_1");
/// assert_eq!(error.kind().code(), "payload_cut_short");
/// assert_eq!(
///     error.to_string(),
///     "the payload ends inside a value (shard data.tar, key cat_1, byte 1536)"
/// );
/// ```
#[derive(Debug)]
pub struct Error(Box<Inner>);

impl Error {
    /// An error with no place yet.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        let (message, place) = (message.into(), Place::default());
        Self(Box::new(Inner { kind, message, place, source: None }))
    }

    /// A failed read or write.
    #[must_use]
    pub fn io(source: io::Error) -> Self {
        let mut error = Self::new(Kind::Io, "cannot read or write the bytes");
        error.0.source = Some(source);
        error
    }

    /// What was met by a failed read or write, taken out of the error; else the error.
    ///
    /// # Errors
    /// The error itself, when it is none of a read or write.
    pub fn into_io(mut self) -> std::result::Result<(io::Error, Self), Self> {
        match self.0.source.take() {
            Some(source) => Ok((source, self)),
            None => Err(self),
        }
    }

    /// The same error, met by a read or write.
    #[must_use]
    pub fn with_io(mut self, source: io::Error) -> Self {
        self.0.source = Some(source);
        self
    }

    /// The same error at a byte offset.
    #[must_use]
    pub fn at(mut self, offset: u64) -> Self {
        self.0.place.offset = Some(offset);
        self
    }

    /// The same error, its offset moved by where the decoded bytes start in the shard.
    #[must_use]
    pub fn shifted(mut self, base: u64) -> Self {
        self.0.place.offset = Some(base.saturating_add(self.0.place.offset.unwrap_or(0)));
        self
    }

    /// The same error in a named field.
    #[must_use]
    pub fn in_field(mut self, field: impl Into<String>) -> Self {
        self.0.place.field.get_or_insert_with(|| field.into());
        self
    }

    /// The same error in a named shard.
    #[must_use]
    pub fn in_shard(mut self, shard: impl Into<String>) -> Self {
        self.0.place.shard.get_or_insert_with(|| shard.into());
        self
    }

    /// The same error in a sample with this key.
    #[must_use]
    pub fn in_key(mut self, key: impl Into<String>) -> Self {
        self.0.place.key.get_or_insert_with(|| key.into());
        self
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// What is wrong, in words, without the place.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Where it is wrong, as far as it is known.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.0.place
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        write!(f, "{}", self.0.place)
    }
}

impl fmt::Display for Place {
    /// ` (shard data.tar, key k, field a, byte 512)`, or nothing where nothing is known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = [("shard", &self.shard), ("key", &self.key), ("field", &self.field)];
        let mut parts: Vec<String> = named
            .into_iter()
            .filter_map(|(name, value)| value.as_ref().map(|v| format!("{name} {v}")))
            .collect();
        parts.extend(self.offset.map(|offset| format!("byte {offset}")));
        if parts.is_empty() { Ok(()) } else { write!(f, " ({})", parts.join(", ")) }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|e| e as _)
    }
}

impl From<io::Error> for Error {
    fn from(source: io::Error) -> Self {
        Self::io(source)
    }
}
