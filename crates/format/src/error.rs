//! One error type for everything this crate decodes or encodes: what is wrong, where, and a stable
//! code for programs.

use std::fmt;
use std::io;

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What is wrong, in the words of the format. Codes are append-only: they never change meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// The bytes are not a tar archive at all.
    NotATar,
    /// The shard ends inside a header or a payload.
    ShardCutShort,
    /// A tar header's checksum or a number in it is wrong.
    BadTarHeader,
    /// A tar member claims more bytes than the shard has.
    MemberTooLarge,
    /// One sample holds the same member twice.
    MemberTwice,
    /// A sample has no `msgpack` member.
    MalformedSample,
    /// A payload ends inside a value.
    PayloadCutShort,
    /// A payload is msgpack, but not a map of field names.
    NotAMap,
    /// Bytes follow the payload's map.
    TrailingBytes,
    /// Lists or maps are nested more than [`crate::msgpack::MAX_DEPTH`] deep.
    TooDeep,
    /// A length in a payload is larger than the payload.
    LengthTooLarge,
    /// Text is not UTF-8.
    BadUtf8,
    /// A byte that no msgpack value starts with, or an extension type.
    BadMsgpack,
    /// A required field is missing.
    MissingField,
    /// A field holds a value of another type than the sample type says.
    WrongType,
    /// An array's header or data is wrong.
    BadArray,
    /// An array of Python objects: refused, since reading it would run code.
    ObjectArray,
    /// An integer outside of the 64-bit range.
    IntegerRange,
    /// A sample key that tar readers would take apart or that leaves its folder.
    BadKey,
    /// A brace pattern that cannot be expanded.
    BadPattern,
    /// A schema document that does not follow the format.
    BadSchema,
    /// A shard index that does not follow the format or does not belong to its shard.
    BadShardIndex,
    /// A manifest that does not follow the format.
    BadManifest,
    /// A content identifier or the value it is made of is not valid.
    BadCid,
    /// A text is not a reference of any form that is known.
    BadReference,
    /// A condition names a field that there is not.
    UnknownField,
    /// A condition's text cannot be understood.
    BadExpression,
    /// Bytes are not an image that can be decoded, or it is larger than allowed.
    BadImage,
    /// Bytes are not a recording that can be decoded.
    BadAudio,
    /// Something is larger than this reader accepts.
    TooLarge,
    /// The bytes could not be read or written.
    Io,
}

impl Kind {
    /// Every kind, in the order of definition.
    pub const ALL: &'static [Self] = &[
        Self::NotATar,
        Self::ShardCutShort,
        Self::BadTarHeader,
        Self::MemberTooLarge,
        Self::MemberTwice,
        Self::MalformedSample,
        Self::PayloadCutShort,
        Self::NotAMap,
        Self::TrailingBytes,
        Self::TooDeep,
        Self::LengthTooLarge,
        Self::BadUtf8,
        Self::BadMsgpack,
        Self::MissingField,
        Self::WrongType,
        Self::BadArray,
        Self::ObjectArray,
        Self::IntegerRange,
        Self::BadKey,
        Self::BadPattern,
        Self::BadSchema,
        Self::BadShardIndex,
        Self::BadManifest,
        Self::BadCid,
        Self::BadReference,
        Self::UnknownField,
        Self::BadExpression,
        Self::BadImage,
        Self::BadAudio,
        Self::TooLarge,
        Self::Io,
    ];

    /// The stable code of this kind, for programs.
    ///
    /// ```
    /// assert_eq!(atdata_format::Kind::ShardCutShort.code(), "shard_cut_short");
    /// ```
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotATar => "not_a_tar",
            Self::ShardCutShort => "shard_cut_short",
            Self::BadTarHeader => "bad_tar_header",
            Self::MemberTooLarge => "member_too_large",
            Self::MemberTwice => "member_twice",
            Self::MalformedSample => "malformed_sample",
            Self::PayloadCutShort => "payload_cut_short",
            Self::NotAMap => "not_a_map",
            Self::TrailingBytes => "trailing_bytes",
            Self::TooDeep => "too_deep",
            Self::LengthTooLarge => "length_too_large",
            Self::BadUtf8 => "bad_utf8",
            Self::BadMsgpack => "bad_msgpack",
            Self::MissingField => "missing_field",
            Self::WrongType => "wrong_type",
            Self::BadArray => "bad_array",
            Self::ObjectArray => "object_array",
            Self::IntegerRange => "integer_range",
            Self::BadKey => "bad_key",
            Self::BadPattern => "bad_pattern",
            Self::BadSchema => "bad_schema",
            Self::BadShardIndex => "bad_shard_index",
            Self::BadManifest => "bad_manifest",
            Self::BadCid => "bad_cid",
            Self::BadReference => "bad_reference",
            Self::UnknownField => "unknown_field",
            Self::BadExpression => "bad_expression",
            Self::BadImage => "bad_image",
            Self::BadAudio => "bad_audio",
            Self::TooLarge => "too_large",
            Self::Io => "io",
        }
    }

    /// Whether the rest of the shard cannot be read after this error: its members' places are lost.
    #[must_use]
    pub const fn ends_shard(self) -> bool {
        matches!(
            self,
            Self::NotATar
                | Self::ShardCutShort
                | Self::BadTarHeader
                | Self::MemberTooLarge
                | Self::Io
        )
    }
}

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
