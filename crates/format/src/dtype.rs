//! Types of array elements, by the text that numpy prints for them (`dtype.str`).
//!
//! A [`Dtype`] is either a [`Scalar`] (small, `Copy`, compared field by field) or a structured type
//! that only `.npy` images have, kept as the text that numpy reads.

use std::fmt;
use std::sync::Arc;

use crate::error::{Error, Kind, Result};
use crate::key::quote;

mod element;
mod text;

pub use element::Element;
use text::Text;

/// numpy's own limit for the bytes of one element.
const MAX_ITEM_SIZE: u32 = i32::MAX as u32;

/// The order of the bytes of one number. Types of single bytes are `Little`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ByteOrder {
    /// The lowest byte comes first.
    Little,
    /// The highest byte comes first.
    Big,
}

/// What kind of value an element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// `b`: one byte, 0 or 1.
    Bool,
    /// `i`: a signed integer of 1, 2, 4 or 8 bytes.
    Int,
    /// `u`: an unsigned integer of 1, 2, 4 or 8 bytes.
    Uint,
    /// `f`: a float of 2, 4, 8 or 16 bytes.
    Float,
    /// `c`: a complex number of 8, 16 or 32 bytes.
    Complex,
    /// `M`: a point in time, 8 bytes; the unit is in the text.
    Datetime,
    /// `m`: a length of time, 8 bytes; the unit is in the text.
    Timedelta,
    /// `S`: bytes, padded with zeros to the item's size.
    Bytes,
    /// `U`: text, 4 bytes a character, padded with zeros.
    Unicode,
}

/// A type of element that is one value. Equal values have equal texts.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scalar {
    class: Class,
    order: ByteOrder,
    size: u32,
    text: Text,
}

/// The type of an array's elements.
///
/// ```
/// use atdata_format::dtype::{Class, Dtype};
/// let dtype = Dtype::parse("<M8[1ns]")?;
/// assert_eq!(dtype.as_str(), "<M8[ns]");
/// assert_eq!(dtype.item_size(), 8);
/// assert_eq!(dtype.scalar().map(|scalar| scalar.class()), Some(Class::Datetime));
/// # Ok::<(), atdata_format::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Dtype {
    /// One value an element.
    Scalar(Scalar),
    /// A record (or raw bytes) an element; in `.npy` images only.
    Struct(StructDtype),
}

/// A structured type: named fields side by side, or raw bytes (`V`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StructDtype {
    descr: Arc<str>,
    text: Text,
    size: usize,
}

impl Dtype {
    /// Reads numpy's `dtype.str`, such as `<f4`, `|u1`, `<M8[ns]`, `<U7`.
    ///
    /// The byte order comes first; `=` and `|` mean this product's native order, little.
    ///
    /// # Errors
    /// [`Kind::ObjectArray`] for Python objects (`O`), [`Kind::BadArray`] for anything else that is
    /// not the type of a plain value, raw bytes (`V`) included.
    pub fn parse(text: &str) -> Result<Self> {
        Scalar::parse(text).map(Self::Scalar)
    }

    /// The canonical text, exactly as numpy prints `dtype.str`; `|V{size}` for structured types.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Scalar(scalar) => scalar.text.as_str(),
            Self::Struct(fields) => fields.text.as_str(),
        }
    }

    /// The bytes of one element: at least 1.
    #[must_use]
    pub fn item_size(&self) -> usize {
        match self {
            Self::Scalar(scalar) => scalar.size as usize,
            Self::Struct(fields) => fields.size,
        }
    }

    /// The type, if an element is one value.
    #[must_use]
    pub fn scalar(&self) -> Option<Scalar> {
        match self {
            Self::Scalar(scalar) => Some(*scalar),
            Self::Struct(_) => None,
        }
    }

    /// The `descr` of a structured type as it was written: a Python literal that only holds text,
    /// tuples, lists and whole numbers, for `numpy.lib.format.descr_to_dtype`.
    #[must_use]
    pub fn descr(&self) -> Option<&str> {
        match self {
            Self::Scalar(_) => None,
            Self::Struct(fields) => Some(&fields.descr),
        }
    }

    /// A structured type with its checked description; `size` is of all its fields together.
    pub(crate) fn structured(descr: &str, size: usize) -> Result<Self> {
        if size == 0 || size > MAX_ITEM_SIZE as usize {
            return Err(bad(descr, &format!("an element of {size} bytes")));
        }
        let text = Text::format(format_args!("|V{size}"));
        Ok(Self::Struct(StructDtype { descr: descr.into(), text, size }))
    }
}

impl From<Scalar> for Dtype {
    fn from(scalar: Scalar) -> Self {
        Self::Scalar(scalar)
    }
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scalar({})", self.text.as_str())
    }
}

impl Scalar {
    /// numpy's name for it, without the byte order: `float32`, `uint8`, `bool`.
    #[must_use]
    pub fn name(self) -> String {
        let bits = self.size * 8;
        match self.class {
            Class::Bool => "bool".to_owned(),
            Class::Int => format!("int{bits}"),
            Class::Uint => format!("uint{bits}"),
            Class::Float => format!("float{bits}"),
            Class::Complex => format!("complex{bits}"),
            _ => self.text.as_str().to_owned(),
        }
    }

    /// What kind of value it is.
    #[must_use]
    pub fn class(self) -> Class {
        self.class
    }

    /// The order of its bytes.
    #[must_use]
    pub fn order(self) -> ByteOrder {
        self.order
    }

    /// The bytes of one element.
    #[must_use]
    pub fn size(self) -> usize {
        self.size as usize
    }

    fn parse(text: &str) -> Result<Self> {
        let mut chars = text.chars();
        let order = match chars.next() {
            Some('<' | '=' | '|') => ByteOrder::Little,
            Some('>') => ByteOrder::Big,
            _ => return Err(bad(text, "it starts with none of `<`, `>`, `=`, `|`")),
        };
        match chars.next() {
            Some('O') => return Err(object(text)),
            Some('V') => return Err(bad(text, "raw bytes are not an array of values")),
            Some('M') => Self::time(Class::Datetime, 'M', order, chars.as_str()),
            Some('m') => Self::time(Class::Timedelta, 'm', order, chars.as_str()),
            Some(code) => Self::sized(code, order, chars.as_str()),
            None => None,
        }
        .ok_or_else(|| bad(text, "no such type"))
    }

    fn sized(code: char, order: ByteOrder, number: &str) -> Option<Self> {
        let count = whole(number)?;
        let (class, sizes): (_, &[u32]) = match code {
            'b' => (Class::Bool, &[1]),
            'i' => (Class::Int, &[1, 2, 4, 8]),
            'u' => (Class::Uint, &[1, 2, 4, 8]),
            'f' => (Class::Float, &[2, 4, 8, 16]),
            'c' => (Class::Complex, &[8, 16, 32]),
            'S' => return Self::text(Class::Bytes, code, order, count, 1),
            'U' => return Self::text(Class::Unicode, code, order, count, 4),
            _ => return None,
        };
        sizes.contains(&count).then(|| Self::new(class, order, count, code, count, ""))
    }

    fn text(class: Class, code: char, order: ByteOrder, count: u32, width: u32) -> Option<Self> {
        let size = count.checked_mul(width).filter(|size| (1..=MAX_ITEM_SIZE).contains(size))?;
        Some(Self::new(class, order, size, code, count, ""))
    }

    /// `8` alone (no unit), or `8[ns]`, or `8[25s]`.
    fn time(class: Class, code: char, order: ByteOrder, rest: &str) -> Option<Self> {
        let unit = rest.strip_prefix('8')?;
        let new = |unit: &str| Self::new(class, order, 8, code, 8, unit);
        if unit.is_empty() || unit == "[generic]" {
            return Some(new(""));
        }
        let unit = unit.strip_prefix('[')?.strip_suffix(']')?;
        let name = unit.trim_start_matches(|c: char| c.is_ascii_digit());
        let count =
            unit.strip_suffix(name).filter(|digits| !digits.is_empty()).map_or(Some(1), whole)?;
        let known = ["Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as"];
        if !known.contains(&name) || count == 0 || count > MAX_ITEM_SIZE {
            return None;
        }
        let count = if count == 1 { String::new() } else { count.to_string() };
        Some(new(&format!("[{count}{name}]")))
    }

    fn new(class: Class, order: ByteOrder, size: u32, code: char, number: u32, unit: &str) -> Self {
        let one_byte = class == Class::Bytes || (size == 1 && class != Class::Unicode);
        let order = if one_byte { ByteOrder::Little } else { order };
        let mark = match order {
            _ if one_byte => '|',
            ByteOrder::Little => '<',
            ByteOrder::Big => '>',
        };
        let text = Text::format(format_args!("{mark}{code}{number}{unit}"));
        Self { class, order, size, text }
    }

    /// A type whose text is known to be canonical.
    const fn known(class: Class, size: u32, text: &str) -> Self {
        Self { class, order: ByteOrder::Little, size, text: Text::known(text.as_bytes()) }
    }
}

/// A number of decimal digits only: no sign, no space.
fn whole(text: &str) -> Option<u32> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

fn bad(text: &str, why: &str) -> Error {
    Error::new(Kind::BadArray, format!("dtype {}: {why}", quote(text)))
}

fn object(text: &str) -> Error {
    let message = format!("dtype {} holds Python objects, which are refused", quote(text));
    Error::new(Kind::ObjectArray, message)
}

#[cfg(test)]
mod tests;
