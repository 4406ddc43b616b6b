//! Headers of `.npy` images: versions 1 to 3 are read; what is written is the lowest that fits.
//!
//! The header is the text of a Python dict. It is read by a parser of exactly that grammar, which
//! builds no tree and never evaluates anything.

use crate::array::{MAX_NDIM, Shape};
use crate::dtype::Dtype;
use crate::error::{Error, Kind, Result};
use crate::key::quote;

mod literal;
use literal::Literal;

/// What a `.npy` image starts with.
pub const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// The longest header that is read, in bytes.
pub const MAX_HEADER_LEN: usize = 1 << 20;

/// How deep lists and tuples of a structured type may be nested.
pub const MAX_NESTING: usize = 16;

/// What a `.npy` header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NpyHeader {
    /// The type of the elements, structured types and raw bytes included.
    pub dtype: Dtype,
    /// The dimensions, in elements.
    pub shape: Shape,
    /// Whether the first dimension varies fastest.
    pub fortran: bool,
}

impl NpyHeader {
    /// Reads a header from the first bytes of a `.npy` image, with the offset at which data starts;
    /// `None` if `prefix` ends before the header does.
    ///
    /// # Errors
    /// [`Kind::BadArray`] for anything that is not such a header, [`Kind::ObjectArray`] for Python
    /// objects, [`Kind::TooLarge`] for a header over [`MAX_HEADER_LEN`].
    ///
    /// ```
    /// use atdata_format::npy::{NpyHeader, write_header};
    /// let mut image = Vec::new();
    /// write_header("[('x', '<i4'), ('y', '<f8', (2,))]", &[3], &mut image)?;
    /// let (header, data_offset) = NpyHeader::parse(&image)?.unwrap();
    /// assert_eq!((header.dtype.item_size(), data_offset), (20, image.len()));
    /// assert_eq!(&header.shape[..], [3]);
    /// assert!(NpyHeader::parse(&image[..40])?.is_none());
    /// # Ok::<(), atdata_format::Error>(())
    /// ```
    pub fn parse(prefix: &[u8]) -> Result<Option<(Self, usize)>> {
        if !prefix.iter().zip(MAGIC).all(|(a, b)| a == b) {
            return Err(Error::new(Kind::BadArray, "a .npy image starts with \\x93NUMPY"));
        }
        let Some(major) = prefix.get(6) else { return Ok(None) };
        let (start, len) = match (major, prefix.get(8..)) {
            (1, Some([a, b, ..])) => (10, u32::from(u16::from_le_bytes([*a, *b]))),
            (2 | 3, Some([a, b, c, d, ..])) => (12, u32::from_le_bytes([*a, *b, *c, *d])),
            (1..=3, _) => return Ok(None),
            _ => return Err(Error::new(Kind::BadArray, format!(".npy version {major}"))),
        };
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        check_len(len)?;
        let Some(bytes) = prefix.get(start..start + len) else { return Ok(None) };
        let header = Self::parse_text(&decode(*major, bytes)?)?;
        Ok(Some((header, start + len)))
    }

    /// Reads the dict `{'descr': ..., 'fortran_order': ..., 'shape': ...}`, keys in any order.
    fn parse_text(text: &str) -> Result<Self> {
        let (mut dtype, mut fortran, mut shape) = (None, None, None);
        let mut literal = Literal::new(text);
        literal.items('{', '}', |literal| {
            let key = literal.string()?;
            literal.expect(':')?;
            let twice = match key {
                "descr" => dtype.replace(parse_descr(literal)?).is_some(),
                "fortran_order" => fortran.replace(literal.boolean()?).is_some(),
                "shape" => shape.replace(parse_shape(literal)?).is_some(),
                _ => return Err(literal.bad(&format!("key {}", quote(key)))),
            };
            if twice { Err(literal.bad(&format!("key {key} twice"))) } else { Ok(()) }
        })?;
        literal.end()?;
        match (dtype, fortran, shape) {
            (Some(dtype), Some(fortran), Some(shape)) => Ok(Self { dtype, shape, fortran }),
            _ => Err(literal.bad("descr, fortran_order and shape are all needed")),
        }
    }
}

fn check_len(len: usize) -> Result<()> {
    if len <= MAX_HEADER_LEN {
        return Ok(());
    }
    let message = format!("a .npy header of {len} bytes, {MAX_HEADER_LEN} are accepted");
    Err(Error::new(Kind::TooLarge, message))
}

/// Versions 1 and 2 are Latin-1, version 3 is UTF-8.
fn decode(major: u8, bytes: &[u8]) -> Result<String> {
    if major < 3 {
        return Ok(bytes.iter().copied().map(char::from).collect());
    }
    let text = std::str::from_utf8(bytes);
    text.map(str::to_owned).map_err(|_| Error::new(Kind::BadArray, "a .npy header is not UTF-8"))
}

/// The dimensions: a tuple of whole numbers.
fn parse_shape(literal: &mut Literal<'_>) -> Result<Shape> {
    let mut dims = Vec::new();
    literal.items('(', ')', |literal| {
        if dims.len() == MAX_NDIM {
            return Err(literal.bad(&format!("more than {MAX_NDIM} dimensions")));
        }
        dims.push(literal.number()?);
        Ok(())
    })?;
    Ok(Shape::from(dims.as_slice()))
}

/// The element type: the text of a plain type, or a list of fields.
fn parse_descr(literal: &mut Literal<'_>) -> Result<Dtype> {
    let start = literal.next_position();
    let plain = literal.peek() != Some('[');
    let size = if plain {
        match plain_dtype(literal.string()?)? {
            Plain::Value(dtype) => return Ok(dtype),
            Plain::Raw(size) => size,
        }
    } else {
        fields_size(literal, 1)?
    };
    Dtype::structured(literal.since(start), size)
}

enum Plain {
    Value(Dtype),
    /// `|V8`: raw bytes, also the padding between fields.
    Raw(usize),
}

fn plain_dtype(text: &str) -> Result<Plain> {
    let size = text.strip_prefix(['<', '|', '>', '=']).and_then(|rest| rest.strip_prefix('V'));
    match size {
        Some(size) if !size.is_empty() && size.bytes().all(|byte| byte.is_ascii_digit()) => size
            .parse()
            .map(Plain::Raw)
            .map_err(|_| Error::new(Kind::BadArray, format!("dtype {}: too large", quote(text)))),
        _ => Dtype::parse(text).map(Plain::Value),
    }
}

/// The size of a list of fields: `[(name, type), (name, type, shape), ...]`.
fn fields_size(literal: &mut Literal<'_>, depth: usize) -> Result<usize> {
    if depth > MAX_NESTING {
        return Err(literal.bad(&format!("more than {MAX_NESTING} types within each other")));
    }
    let mut total = 0_usize;
    literal.items('[', ']', |literal| {
        let size = field_size(literal, depth)?;
        total = total.checked_add(size).ok_or_else(|| literal.bad("too large a type"))?;
        Ok(())
    })?;
    Ok(total)
}

/// One field: its name (or title and name), its type, and its shape if it is an array.
fn field_size(literal: &mut Literal<'_>, depth: usize) -> Result<usize> {
    let (mut part, mut size) = (0, 0_usize);
    literal.items('(', ')', |literal| {
        match part {
            0 => field_name(literal)?,
            1 if literal.peek() == Some('[') => size = fields_size(literal, depth + 1)?,
            1 => {
                size = match plain_dtype(literal.string()?)? {
                    Plain::Value(dtype) => dtype.item_size(),
                    Plain::Raw(size) => size,
                }
            }
            2 => {
                let count =
                    parse_shape(literal)?.iter().try_fold(size, |n, dim| n.checked_mul(*dim));
                size = count.ok_or_else(|| literal.bad("too large a field"))?;
            }
            _ => return Err(literal.bad("a field of more than three parts")),
        }
        part += 1;
        Ok(())
    })?;
    if part < 2 { Err(literal.bad("a field needs a name and a type")) } else { Ok(size) }
}

fn field_name(literal: &mut Literal<'_>) -> Result<()> {
    if literal.peek() != Some('(') {
        return literal.string().map(drop);
    }
    let mut parts = 0;
    literal.items('(', ')', |literal| {
        parts += 1;
        literal.string().map(drop)
    })?;
    if parts == 2 { Ok(()) } else { Err(literal.bad("a title goes with one name")) }
}

/// Appends the header of an image in C order, padded with spaces so that data starts at a multiple
/// of 64. Version 1 unless `descr` is longer than that allows (2) or not ASCII (3).
///
/// # Errors
/// [`Kind::BadArray`], [`Kind::ObjectArray`] or [`Kind::TooLarge`] if the header would not be read
/// again.
pub fn write_header(descr: &str, shape: &[usize], out: &mut Vec<u8>) -> Result<()> {
    let mut literal = Literal::new(descr);
    parse_descr(&mut literal)?;
    literal.end()?;
    let dims: Vec<String> = shape.iter().map(|dim| format!("{dim},")).collect();
    let shape = dims.join(" ");
    // `(2, 3)` as Python prints it, but `(3,)` keeps its comma.
    let shape = if dims.len() > 1 { shape.trim_end_matches(',') } else { &shape };
    let mut text =
        format!("{{'descr': {}, 'fortran_order': False, 'shape': ({shape}), }}", descr.trim());
    NpyHeader::parse_text(&text)?;
    let long = text.len() > usize::from(u16::MAX) - 64;
    let start = if long || !text.is_ascii() { 12 } else { 10 };
    let end = (start + text.len() + 1).next_multiple_of(64);
    check_len(end - start)?;
    text.extend(std::iter::repeat_n(' ', end - start - text.len() - 1));
    text.push('\n');
    out.extend_from_slice(MAGIC);
    let len = u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes();
    match (start, text.is_ascii()) {
        (10, _) => out.extend([1, 0, len[0], len[1]]),
        (_, ascii) => out.extend([if ascii { 2 } else { 3 }, 0, len[0], len[1], len[2], len[3]]),
    }
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

#[cfg(test)]
mod tests;
