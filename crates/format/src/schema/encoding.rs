//! What bytes are the file of.

/// What the bytes of a field are: a whole file, as it was before it became a sample.
///
/// A schema says it beside the field's type, so that whoever does not know it reads plain bytes.
///
/// ```
/// use atdata_format::schema::{Encoding, Field, FieldType, LOCAL, Schema};
/// let photo = Field::new("photo", FieldType::Bytes).encoded(Encoding::Image);
/// let schema = Schema { fields: vec![photo], ..Schema::new("Photo") };
/// assert_eq!(schema.fields_to_json(LOCAL)[0]["encoding"], "image");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// An image: PNG, JPEG, WebP or another; its first bytes tell which.
    Image,
    /// A recording: WAV or another.
    Audio,
}

impl Encoding {
    /// The word for it in schemas.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Audio => "audio",
        }
    }

    /// The encoding that a schema means; none for a word of a later version.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        [Self::Image, Self::Audio].into_iter().find(|known| known.as_str() == word)
    }
}
