//! What is shown of an array: its type, its range, its first elements.

use crate::output::visible;
use atdata::format::array::{ArrayHeader, ArrayView, looks_like_array};
use atdata::format::dtype::{ByteOrder, Class, Dtype, Scalar};
use std::fmt;

/// How many elements are written out at most; a line holds fewer.
const SHOWN: usize = 40;

/// The array that these bytes are, if they are exactly one.
pub(crate) fn parse(bytes: &[u8]) -> Option<ArrayView<'_>> {
    looks_like_array(bytes)?;
    ArrayView::parse(bytes).ok()
}

/// The element type in a word: `uint8`, `>f4`, `str`.
pub(crate) fn dtype_word(dtype: &Dtype) -> String {
    let Some(scalar) = dtype.scalar() else {
        return visible(dtype.descr().unwrap_or(dtype.as_str()));
    };
    match scalar.class() {
        Class::Unicode => "str".to_owned(),
        Class::Bytes => "bytes".to_owned(),
        _ if scalar.order() == ByteOrder::Big => dtype.as_str().to_owned(),
        _ => scalar.name(),
    }
}

/// `array? uint8 [28, 28]`.
pub(crate) fn type_words(header: &ArrayHeader) -> String {
    let dims: Vec<String> = header.shape.iter().map(ToString::to_string).collect();
    format!("array? {} [{}]", dtype_word(&header.dtype), dims.join(", "))
}

/// The smallest and the largest of several numbers: `min 0, max 255`, and how many are none.
pub(crate) fn range(array: &ArrayView<'_>) -> Option<String> {
    let scalar = array.header.dtype.scalar().filter(|scalar| array.data.len() > scalar.size())?;
    let (mut low, mut high, mut nans) = (None, None, 0_u64);
    for item in array.data.chunks_exact(scalar.size()) {
        let number = number(scalar, item)?;
        if number.is_nan() {
            nans += 1;
            continue;
        }
        if low.is_none_or(|low| number.below(low)) {
            low = Some(number);
        }
        if high.is_none_or(|high: Number| high.below(number)) {
            high = Some(number);
        }
    }
    let nans = (nans > 0).then(|| format!("{nans} nan"));
    let ends = low.zip(high).map(|(low, high)| format!("min {low}, max {high}"));
    let parts: Vec<String> = ends.into_iter().chain(nans).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The first elements in C order, and whether these are all.
pub(crate) fn first_elements(array: &ArrayView<'_>) -> (Vec<String>, bool) {
    let dtype = &array.header.dtype;
    let Some(scalar) = dtype.scalar() else { return (Vec::new(), true) };
    let data = array.to_c_order();
    let mut items = data.chunks_exact(scalar.size());
    let shown = items.by_ref().take(SHOWN).map_while(|item| element(scalar, item)).collect();
    (shown, items.next().is_none())
}

fn element(scalar: Scalar, item: &[u8]) -> Option<String> {
    Some(match scalar.class() {
        Class::Bool => if item == [0] { "False" } else { "True" }.to_owned(),
        Class::Int | Class::Uint | Class::Float => number(scalar, item)?.to_string(),
        Class::Complex => {
            let (real, imaginary) = item.split_at(item.len() / 2);
            let part = |bytes| float(scalar.order(), bytes);
            let (real, imaginary) = (part(real)?, part(imaginary)?.to_string());
            let sign = if imaginary.starts_with('-') { "" } else { "+" };
            format!("{real}{sign}{imaginary}j")
        }
        Class::Datetime | Class::Timedelta => match whole(scalar.order(), item) as i64 {
            i64::MIN => "NaT".to_owned(),
            ticks => ticks.to_string(),
        },
        Class::Bytes => format!("b\"{}\"", trimmed(item).escape_ascii()),
        Class::Unicode => format!("\"{}\"", visible(&unicode(scalar.order(), item))),
    })
}

fn trimmed(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    bytes.get(..end).unwrap_or(bytes)
}

fn unicode(order: ByteOrder, item: &[u8]) -> String {
    let points = item.chunks_exact(4).map(|point| whole(order, point) as u32);
    let text: String = points.map(|point| char::from_u32(point).unwrap_or('\u{fffd}')).collect();
    text.trim_end_matches('\0').to_owned()
}

/// One number of an array, printed with a few digits as numpy does.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Number {
    Int(i128),
    Single(f32),
    Double(f64),
}

impl Number {
    fn is_nan(self) -> bool {
        match self {
            Self::Int(_) => false,
            Self::Single(value) => value.is_nan(),
            Self::Double(value) => value.is_nan(),
        }
    }

    fn below(self, other: Self) -> bool {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a < b,
            (Self::Single(a), Self::Single(b)) => a < b,
            (Self::Double(a), Self::Double(b)) => a < b,
            _ => false,
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(value) => write!(f, "{value}"),
            Self::Single(value) if value.is_nan() => f.write_str("nan"),
            Self::Double(value) if value.is_nan() => f.write_str("nan"),
            Self::Single(value) => write!(f, "{:?}", rounded(f64::from(*value))),
            Self::Double(value) => write!(f, "{:?}", rounded(*value)),
        }
    }
}

/// The number to 6 digits: enough to tell values apart at a glance, and many fit a line.
fn rounded(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

fn number(scalar: Scalar, item: &[u8]) -> Option<Number> {
    let bits = whole(scalar.order(), item);
    match scalar.class() {
        Class::Uint => Some(Number::Int(i128::from(bits))),
        Class::Int => {
            let unused = 64_u32.saturating_sub(8 * item.len() as u32);
            Some(Number::Int(i128::from((bits << unused) as i64 >> unused)))
        }
        Class::Float => float(scalar.order(), item),
        _ => None,
    }
}

/// Floats of 2, 4 and 8 bytes; those of 16 differ from machine to machine.
fn float(order: ByteOrder, item: &[u8]) -> Option<Number> {
    let bits = whole(order, item);
    match item.len() {
        2 => Some(Number::Single(half::f16::from_bits(bits as u16).to_f32())),
        4 => Some(Number::Single(f32::from_bits(bits as u32))),
        8 => Some(Number::Double(f64::from_bits(bits))),
        _ => None,
    }
}

/// Up to 8 bytes as a number.
fn whole(order: ByteOrder, item: &[u8]) -> u64 {
    let join = |bits: u64, byte: &u8| bits << 8 | u64::from(*byte);
    match order {
        ByteOrder::Little => item.iter().rev().fold(0, join),
        ByteOrder::Big => item.iter().fold(0, join),
    }
}
