//! Constants, and how values are compared with them: numbers exactly, whatever their types.

use std::cmp::Ordering;
use std::fmt::{self, Write};

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `True` or `False`; a number beside numbers, as in Python.
    Bool(bool),
    /// An integer.
    Int(i128),
    /// A float, never NaN: nothing compares with that.
    Float(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// What can be compared: a number, text or bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Key<'a> {
    Int(i128),
    Float(f64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

impl Literal {
    pub(super) fn key(&self) -> Key<'_> {
        match self {
            Self::Bool(value) => Key::Int(i128::from(*value)),
            Self::Int(value) => Key::Int(*value),
            Self::Float(value) => Key::Float(*value),
            Self::Text(text) => Key::Text(text),
            Self::Bytes(bytes) => Key::Bytes(bytes),
        }
    }

    /// What it is, for error messages.
    pub(super) const fn describe(&self) -> &'static str {
        match self {
            Self::Bool(_) => "a bool",
            Self::Int(_) => "an int",
            Self::Float(_) => "a float",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
        }
    }
}

impl Key<'_> {
    /// Numbers compare with numbers, text with text, bytes with bytes.
    pub(super) const fn class(&self) -> u8 {
        match self {
            Self::Int(_) | Self::Float(_) => 0,
            Self::Text(_) => 1,
            Self::Bytes(_) => 2,
        }
    }

    pub(super) const fn describe(&self) -> &'static str {
        match self {
            Self::Int(_) => "an int",
            Self::Float(_) => "a float",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
        }
    }

    /// How two of one class compare; `None` beside NaN.
    #[inline]
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(left), Self::Int(right)) => Some(left.cmp(right)),
            (Self::Float(left), Self::Float(right)) => left.partial_cmp(right),
            (Self::Int(left), Self::Float(right)) => int_to_float(*left, *right),
            (Self::Float(left), Self::Int(right)) => {
                int_to_float(*right, *left).map(Ordering::reverse)
            }
            (Self::Text(left), Self::Text(right)) => Some(left.cmp(right)),
            (Self::Bytes(left), Self::Bytes(right)) => Some(left.cmp(right)),
            _ => None,
        }
    }

    /// An order of all that are not NaN, class by class.
    fn order(&self, other: &Self) -> Ordering {
        let by_class = self.class().cmp(&other.class());
        by_class.then_with(|| self.compare(other).unwrap_or(Ordering::Equal))
    }
}

/// 2 to the power of 127: the first float that no `i128` reaches.
const BEYOND: f64 = 170_141_183_460_469_231_731_687_303_715_884_105_728.0;

/// Compares without rounding: what is not the same number is not equal.
fn int_to_float(int: i128, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    if float >= BEYOND {
        return Some(Ordering::Less);
    }
    if float < -BEYOND {
        return Some(Ordering::Greater);
    }
    let whole = float.trunc();
    let rest = 0.0.partial_cmp(&(float - whole))?;
    Some(int.cmp(&(whole as i128)).then(rest))
}

/// The constants of a list, looked up by halving.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Values {
    given: Vec<Literal>,
    sorted: Vec<Literal>,
}

impl Values {
    pub(super) fn new(given: Vec<Literal>) -> Self {
        let mut sorted = given.clone();
        sorted.sort_by(|left, right| left.key().order(&right.key()));
        sorted.dedup_by(|left, right| left.key().order(&right.key()).is_eq());
        Self { given, sorted }
    }

    pub(super) fn given(&self) -> &[Literal] {
        &self.given
    }

    /// Whether a value is in the list. NaN is in none.
    #[inline]
    pub(super) fn contain(&self, key: &Key<'_>) -> bool {
        if matches!(key, Key::Float(float) if float.is_nan()) {
            return false;
        }
        self.sorted.binary_search_by(|own| own.key().order(key)).is_ok()
    }
}

impl fmt::Display for Literal {
    /// As Python writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => f.write_str(if *value { "True" } else { "False" }),
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) if value.is_infinite() => {
                f.write_str(if *value > 0.0 { "1e999" } else { "-1e999" })
            }
            Self::Float(value) => write!(f, "{value:?}"),
            Self::Text(text) => quoted(text, f),
            Self::Bytes(bytes) => {
                f.write_str("b'")?;
                for &byte in bytes {
                    match byte {
                        b'\'' | b'\\' => write!(f, "\\{}", char::from(byte))?,
                        b' '..=b'~' => f.write_char(char::from(byte))?,
                        _ => write!(f, "\\x{byte:02x}")?,
                    }
                }
                f.write_char('\'')
            }
        }
    }
}

fn quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_char('\'')?;
    for letter in text.chars() {
        match letter {
            '\'' | '\\' => write!(f, "\\{letter}")?,
            '\n' => f.write_str("\\n")?,
            '\t' => f.write_str("\\t")?,
            '\r' => f.write_str("\\r")?,
            _ if letter.is_control() => write!(f, "\\U{:08x}", u32::from(letter))?,
            _ => f.write_char(letter)?,
        }
    }
    f.write_char('\'')
}
