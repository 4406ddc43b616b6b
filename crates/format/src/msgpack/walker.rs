//! A cursor over msgpack bytes that allocates nothing.

use super::check_depth;
use crate::error::{Error, Kind, Result};

/// One value, or the start of a list or map whose items follow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Token<'a> {
    /// `None`.
    Nil,
    /// A truth value.
    Bool(bool),
    /// An integer from `i64::MIN` to `i64::MAX`.
    Int(i64),
    /// An integer above `i64::MAX`.
    UInt(u64),
    /// A floating-point number; 32-bit ones are widened.
    Float(f64),
    /// Text.
    Str(&'a str),
    /// Bytes.
    Bin(&'a [u8]),
    /// A list of so many items.
    List(usize),
    /// A map of so many pairs.
    Map(usize),
}

impl Token<'_> {
    /// What the value is, for error messages.
    #[must_use]
    pub const fn describe(&self) -> &'static str {
        match self {
            Self::Nil => "None",
            Self::Bool(_) => "a bool",
            Self::Int(_) | Self::UInt(_) => "an int",
            Self::Float(_) => "a float",
            Self::Str(_) => "text",
            Self::Bin(_) => "bytes",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }
}

/// Walks over the values of a payload.
///
/// ```
/// use atdata_format::msgpack::{Token, Walker};
/// let mut walker = Walker::new(b"\x81\xa5label\x07");
/// assert_eq!(walker.token()?, Token::Map(1));
/// assert_eq!(walker.token()?, Token::Str("label"));
/// assert_eq!(walker.token()?, Token::Int(7));
/// walker.finish()?;
/// # Ok::<(), atdata_format::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Walker<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Walker<'a> {
    /// A walker at the first byte.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The offset of the next byte.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.at
    }

    /// A walker that stands `count` bytes further on.
    pub(crate) const fn after(&self, count: usize) -> Self {
        Self { bytes: self.bytes, at: self.at + count }
    }

    /// The bytes not walked over yet.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// The next value, or the header of the next list or map.
    ///
    /// # Errors
    /// Bytes that end too early, lengths beyond the payload, text that is not UTF-8, and
    /// extension types.
    #[inline]
    pub fn token(&mut self) -> Result<Token<'a>> {
        let start = self.at;
        let [marker] = self.take::<1>()?;
        Ok(match marker {
            0x00..=0x7f => Token::Int(i64::from(marker)),
            0xe0..=0xff => Token::Int(i64::from(marker.cast_signed())),
            0xa0..=0xbf => self.text(usize::from(marker & 0x1f), start)?,
            0x80..=0x8f => self.map(usize::from(marker & 0x0f), start)?,
            0x90..=0x9f => self.list(usize::from(marker & 0x0f), start)?,
            0xc0 => Token::Nil,
            0xc2 => Token::Bool(false),
            0xc3 => Token::Bool(true),
            0xca => Token::Float(f64::from(f32::from_be_bytes(self.take()?))),
            0xcb => Token::Float(f64::from_be_bytes(self.take()?)),
            0xc4..=0xc6 | 0xd9..=0xdf => self.sized(marker, start)?,
            0xcc..=0xd3 => self.integer(marker)?,
            _ => return Err(unknown(marker).at(start as u64)),
        })
    }

    /// Values that carry their length in one, two or four bytes.
    fn sized(&mut self, marker: u8, start: usize) -> Result<Token<'a>> {
        let length = match marker {
            0xc4 | 0xd9 => usize::from(u8::from_be_bytes(self.take()?)),
            0xc5 | 0xda | 0xdc | 0xde => usize::from(u16::from_be_bytes(self.take()?)),
            _ => u32::from_be_bytes(self.take()?) as usize,
        };
        match marker {
            0xc4..=0xc6 => Ok(Token::Bin(self.span(length, start)?)),
            0xd9..=0xdb => self.text(length, start),
            0xdc | 0xdd => self.list(length, start),
            _ => self.map(length, start),
        }
    }

    fn integer(&mut self, marker: u8) -> Result<Token<'a>> {
        Ok(Token::Int(match marker {
            0xcc => i64::from(u8::from_be_bytes(self.take()?)),
            0xcd => i64::from(u16::from_be_bytes(self.take()?)),
            0xce => i64::from(u32::from_be_bytes(self.take()?)),
            0xd0 => i64::from(i8::from_be_bytes(self.take()?)),
            0xd1 => i64::from(i16::from_be_bytes(self.take()?)),
            0xd2 => i64::from(i32::from_be_bytes(self.take()?)),
            0xd3 => i64::from_be_bytes(self.take()?),
            _ => {
                let value = u64::from_be_bytes(self.take()?);
                return Ok(i64::try_from(value).map_or(Token::UInt(value), Token::Int));
            }
        }))
    }

    /// Passes over the next value and all that is in it.
    ///
    /// # Errors
    /// As [`Walker::token`], and [`Kind::TooDeep`].
    pub fn skip(&mut self) -> Result<()> {
        self.skip_nested(0)
    }

    fn skip_nested(&mut self, depth: usize) -> Result<()> {
        let start = self.at;
        let items = match self.token()? {
            Token::List(items) => items,
            Token::Map(pairs) => pairs * 2,
            _ => return Ok(()),
        };
        self.check_depth(depth, start)?;
        (0..items).try_for_each(|_| self.skip_nested(depth + 1))
    }

    /// Fails when a list or map at this depth is one too deep; `start` is where it begins.
    pub(crate) fn check_depth(&self, depth: usize, start: usize) -> Result<()> {
        check_depth(depth).map_err(|error| error.at(start as u64))
    }

    /// The number of fields of the payload's map.
    ///
    /// # Errors
    /// [`Kind::NotAMap`] for any other value.
    pub fn map_header(&mut self) -> Result<usize> {
        let start = self.at;
        match self.token()? {
            Token::Map(pairs) => Ok(pairs),
            other => {
                let message = format!(
                    "the payload is {}, not a map of field names to values",
                    other.describe()
                );
                Err(Error::new(Kind::NotAMap, message).at(start as u64))
            }
        }
    }

    /// A field's name.
    ///
    /// # Errors
    /// [`Kind::NotAMap`] when the next value is not text.
    #[inline]
    pub fn field_name(&mut self) -> Result<&'a str> {
        let start = self.at;
        match self.token()? {
            Token::Str(name) => Ok(name),
            other => {
                let message = format!("a field's name is {}, not text", other.describe());
                Err(Error::new(Kind::NotAMap, message).at(start as u64))
            }
        }
    }

    /// Passes over these bytes if they are next, as a field's encoded name most often is.
    #[inline]
    pub fn eat(&mut self, bytes: &[u8]) -> bool {
        let found = self.rest().starts_with(bytes);
        if found {
            self.at += bytes.len();
        }
        found
    }

    /// Checks that the payload ends here.
    ///
    /// # Errors
    /// [`Kind::TrailingBytes`].
    pub fn finish(&self) -> Result<()> {
        match self.rest().len() {
            0 => Ok(()),
            left => {
                let message = format!("{left} bytes follow the payload's map");
                Err(Error::new(Kind::TrailingBytes, message).at(self.at as u64))
            }
        }
    }

    fn text(&mut self, length: usize, start: usize) -> Result<Token<'a>> {
        let bytes = self.span(length, start)?;
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Token::Str(text)),
            Err(bad) => {
                let at = self.at - length + bad.valid_up_to();
                Err(Error::new(Kind::BadUtf8, "text is not UTF-8").at(at as u64))
            }
        }
    }

    /// A list's header. Every item takes a byte at least, so a longer claim is a lie.
    fn list(&self, items: usize, start: usize) -> Result<Token<'a>> {
        if items > self.rest().len() {
            return Err(self.too_long(items, "items", start));
        }
        Ok(Token::List(items))
    }

    fn map(&self, pairs: usize, start: usize) -> Result<Token<'a>> {
        if pairs > self.rest().len() / 2 {
            return Err(self.too_long(pairs, "pairs", start));
        }
        Ok(Token::Map(pairs))
    }

    fn too_long(&self, length: usize, what: &str, start: usize) -> Error {
        let left = self.rest().len();
        let message = format!("a length of {length} {what} where only {left} bytes are left");
        Error::new(Kind::LengthTooLarge, message).at(start as u64)
    }

    #[inline]
    fn span(&mut self, length: usize, start: usize) -> Result<&'a [u8]> {
        match self.rest().get(..length) {
            Some(span) => {
                self.at += length;
                Ok(span)
            }
            // A payload that was cut still holds the length of what it lost; a lie is larger.
            None if length <= self.bytes.len().max(PLAUSIBLE) => Err(self.cut_short()),
            None => Err(self.too_long(length, "bytes", start)),
        }
    }

    #[inline]
    fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        match self.rest().first_chunk::<N>() {
            Some(bytes) => {
                self.at += N;
                Ok(*bytes)
            }
            None => Err(self.cut_short()),
        }
    }

    fn cut_short(&self) -> Error {
        Error::new(Kind::PayloadCutShort, "the payload is cut short: it ends inside a value")
            .at(self.bytes.len() as u64)
    }
}

/// Up to here a length that is too large is taken for that of a payload that was cut.
const PLAUSIBLE: usize = u16::MAX as usize;

pub(super) fn unknown(marker: u8) -> Error {
    let what = match marker {
        0xc7..=0xc9 | 0xd4..=0xd8 => "a msgpack extension type, which samples do not use",
        _ => "a byte that starts no msgpack value",
    };
    Error::new(Kind::BadMsgpack, format!("{what} (0x{marker:02x})"))
}
