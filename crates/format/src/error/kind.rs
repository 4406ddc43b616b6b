//! What can be wrong, each with a stable code.

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
