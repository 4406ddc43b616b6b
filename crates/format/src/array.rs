//! Arrays as the bytes of one msgpack bin: the compact form, which is written, and `.npy` images,
//! which are read too and written for structured types.
//!
//! The compact form: one byte with the length of the dtype's text, that text, one byte with the
//! number of dimensions, each dimension as `i64` little endian, then the elements in C order.
//! Every byte is accounted for: the data is as long as the shape says, to the byte.

use std::borrow::Cow;

use ndarray::{ArrayBase, ArrayD, Data, Dimension, IxDyn, ShapeBuilder};

use crate::dtype::{Dtype, Element};
use crate::error::{Error, Kind, Result};
use crate::npy;

mod shape;
pub use shape::Shape;

/// The most dimensions that an array may have: numpy's own limit.
pub const MAX_NDIM: usize = 64;

/// What an array's bytes say about it, checked against their number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArrayHeader {
    /// The type of the elements.
    pub dtype: Dtype,
    /// The dimensions, in elements; none for a single value.
    pub shape: Shape,
    /// Whether the first dimension varies fastest; only in `.npy` images.
    pub fortran: bool,
    /// Where the elements start, in bytes.
    pub data_offset: usize,
    /// The bytes of all elements: exactly what is left after `data_offset`.
    pub data_len: usize,
}

impl ArrayHeader {
    /// Reads the header from the first bytes of an array that is `total` bytes long; `None` if
    /// `prefix` is too short to hold the header although the array is longer.
    ///
    /// # Errors
    /// [`Kind::BadArray`] if the header is wrong or the data is not as long as it says,
    /// [`Kind::ObjectArray`] for Python objects, [`Kind::TooLarge`] for a `.npy` header over
    /// [`npy::MAX_HEADER_LEN`].
    ///
    /// ```
    /// use atdata_format::array::ArrayHeader;
    /// let bytes = *b"\x03<u2\x01\x02\0\0\0\0\0\0\0\x01\0\xff\xff";
    /// let header = ArrayHeader::parse(&bytes, bytes.len())?.unwrap();
    /// assert_eq!((header.dtype.as_str(), &header.shape[..]), ("<u2", &[2][..]));
    /// assert_eq!((header.data_offset, header.data_len), (13, 4));
    /// assert!(ArrayHeader::parse(&bytes[..6], bytes.len())?.is_none());
    /// # Ok::<(), atdata_format::Error>(())
    /// ```
    pub fn parse(prefix: &[u8], total: usize) -> Result<Option<Self>> {
        let prefix = prefix.get(..total).unwrap_or(prefix);
        if total < 2 {
            return Err(bad(format!("an array of {total} bytes has no header")));
        }
        let magic = prefix.iter().zip(npy::MAGIC).all(|(a, b)| a == b);
        let parsed = match prefix.first() {
            None => None,
            Some(_) if magic && total >= npy::MAGIC.len() => parse_npy(prefix)?,
            Some(_) => parse_compact(prefix)?,
        };
        match parsed {
            Some(parsed) => parsed.check(total).map(Some),
            None if prefix.len() < total => Ok(None),
            None => Err(bad(format!("an array of {total} bytes ends inside its header"))),
        }
    }

    /// Fills in the length of the data, or says how it differs from what the shape needs.
    fn check(mut self, total: usize) -> Result<Self> {
        let present = total.checked_sub(self.data_offset);
        let needed = data_len(&self.dtype, &self.shape)?;
        if present == Some(needed) {
            self.data_len = needed;
            return Ok(self);
        }
        let (dtype, shape) = (&self.dtype, &self.shape);
        let present = present.unwrap_or(0);
        Err(bad(format!("{dtype} of shape {shape} takes {needed} bytes, there are {present}")))
    }
}

fn parse_compact(prefix: &[u8]) -> Result<Option<ArrayHeader>> {
    let Some((len, rest)) = prefix.split_first() else { return Ok(None) };
    let Some((text, rest)) = rest.split_at_checked(usize::from(*len)) else { return Ok(None) };
    let text =
        std::str::from_utf8(text).map_err(|_| bad("the dtype's text is not UTF-8".into()))?;
    let dtype = Dtype::parse(text)?;
    let Some((ndim, rest)) = rest.split_first() else { return Ok(None) };
    let ndim = usize::from(*ndim);
    if ndim > MAX_NDIM {
        return Err(bad(format!("{ndim} dimensions, {MAX_NDIM} are accepted")));
    }
    let Some(dims) = rest.get(..ndim * 8) else { return Ok(None) };
    let shape = Shape::collect(dims.as_chunks::<8>().0.iter().map(|dim| dimension(*dim)))?;
    let data_offset = 2 + usize::from(*len) + ndim * 8;
    Ok(Some(ArrayHeader { dtype, shape, fortran: false, data_offset, data_len: 0 }))
}

fn dimension(bytes: [u8; 8]) -> Result<usize> {
    let dim = i64::from_le_bytes(bytes);
    usize::try_from(dim).map_err(|_| bad(format!("a dimension of {dim}")))
}

fn parse_npy(prefix: &[u8]) -> Result<Option<ArrayHeader>> {
    Ok(npy::NpyHeader::parse(prefix)?.map(|(header, data_offset)| {
        let npy::NpyHeader { dtype, shape, fortran } = header;
        ArrayHeader { dtype, shape, fortran, data_offset, data_len: 0 }
    }))
}

/// The bytes that the elements take.
///
/// As in numpy, the dimensions that are not 0 must multiply to something addressable even if another
/// one is 0.
fn data_len(dtype: &Dtype, shape: &[usize]) -> Result<usize> {
    if shape.len() > MAX_NDIM {
        return Err(bad(format!("{} dimensions, {MAX_NDIM} are accepted", shape.len())));
    }
    let mut dims = shape.iter().filter(|dim| **dim != 0);
    let len = dims.try_fold(dtype.item_size(), |len, dim| len.checked_mul(*dim));
    match len.filter(|len| isize::try_from(*len).is_ok()) {
        Some(_) if shape.contains(&0) => Ok(0),
        Some(len) => Ok(len),
        None => Err(bad(format!("{dtype} of shape {} is too large", Shape::from(shape)))),
    }
}

fn bad(message: String) -> Error {
    Error::new(Kind::BadArray, message)
}

/// The header of bytes that parse exactly as an array: what untyped shards show as `array?`.
///
/// ```
/// use atdata_format::array::looks_like_array;
/// assert!(looks_like_array(b"\x03|u1\x00\x2a").is_some());
/// assert!(looks_like_array(b"\xff\xd8\xff\xe0 a picture").is_none());
/// ```
#[must_use]
pub fn looks_like_array(bytes: &[u8]) -> Option<ArrayHeader> {
    ArrayHeader::parse(bytes, bytes.len()).ok().flatten()
}

/// An array in borrowed bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArrayView<'a> {
    /// What the bytes before the elements say.
    pub header: ArrayHeader,
    /// The elements, in the dtype's byte order and in C or Fortran order.
    pub data: &'a [u8],
}

impl<'a> ArrayView<'a> {
    /// Reads all the bytes of an array, either form.
    ///
    /// # Errors
    /// Those of [`ArrayHeader::parse`].
    ///
    /// ```
    /// use atdata_format::array::{ArrayView, encode_ndarray};
    /// let mut bytes = Vec::new();
    /// encode_ndarray(&ndarray::arr2(&[[1.5_f32, 2.0], [3.0, 4.0]]), &mut bytes)?;
    /// let view = ArrayView::parse(&bytes)?;
    /// assert_eq!(view.to_ndarray::<f32>()?[[1, 0]], 3.0);
    /// assert!(view.to_ndarray::<f64>().is_err());
    /// # Ok::<(), atdata_format::Error>(())
    /// ```
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        let header = ArrayHeader::parse(bytes, bytes.len())?;
        let header = header.ok_or_else(|| bad("an array ends inside its header".into()))?;
        let data = bytes.get(header.data_offset..).unwrap_or_default();
        Ok(Self { header, data })
    }

    /// The elements in C order, in the dtype's byte order: borrowed unless they must be moved.
    #[must_use]
    pub fn to_c_order(&self) -> Cow<'a, [u8]> {
        let ArrayHeader { dtype, shape, fortran, .. } = &self.header;
        if !fortran || shape.iter().filter(|dim| **dim > 1).count() < 2 {
            return Cow::Borrowed(self.data);
        }
        Cow::Owned(shape::transpose(self.data, shape, dtype.item_size()))
    }

    /// A copy as an array of Rust values.
    ///
    /// # Errors
    /// [`Kind::WrongType`] if the elements are not exactly `T`, whatever their byte order.
    pub fn to_ndarray<T: Element>(&self) -> Result<ArrayD<T>> {
        let ArrayHeader { dtype, shape, fortran, .. } = &self.header;
        let wanted = T::SCALAR;
        let same = |found: &crate::dtype::Scalar| {
            found.class() == wanted.class() && found.size() == wanted.size()
        };
        let Some(scalar) = dtype.scalar().filter(same) else {
            let message = format!("an array of {dtype}, wanted {}", Dtype::from(wanted));
            return Err(Error::new(Kind::WrongType, message));
        };
        let layout = IxDyn(shape).set_f(*fortran);
        ArrayD::from_shape_vec(layout, T::read(scalar.order(), self.data))
            .map_err(|error| bad(format!("shape {shape}: {error}")))
    }
}

/// The bytes of an array in the compact form, header and data.
///
/// # Errors
/// Those of [`write_compact_header`].
pub fn compact_len(dtype: &Dtype, shape: &[usize]) -> Result<usize> {
    if dtype.scalar().is_none() {
        return Err(bad("a structured dtype has no compact form; write a .npy image".into()));
    }
    let len = data_len(dtype, shape)?;
    let header = 2 + dtype.as_str().len() + 8 * shape.len();
    len.checked_add(header).ok_or_else(|| bad(format!("an array of {len} bytes is too large")))
}

/// Appends the compact header; the elements follow it in C order, in the dtype's byte order.
///
/// # Errors
/// [`Kind::BadArray`] for a structured dtype, more than [`MAX_NDIM`] dimensions, or a size that does
/// not fit the address space.
pub fn write_compact_header(dtype: &Dtype, shape: &[usize], out: &mut Vec<u8>) -> Result<()> {
    compact_len(dtype, shape)?;
    let text = dtype.as_str().as_bytes();
    // Both lengths are small: a dtype's text has at most 20 bytes, a shape was checked above.
    out.push(text.len() as u8);
    out.extend_from_slice(text);
    out.push(shape.len() as u8);
    for dim in shape {
        let dim = i64::try_from(*dim).map_err(|_| bad(format!("a dimension of {dim}")))?;
        out.extend_from_slice(&dim.to_le_bytes());
    }
    Ok(())
}

/// Appends an array of any layout in the compact form.
///
/// # Errors
/// [`Kind::BadArray`] for more than [`MAX_NDIM`] dimensions.
pub fn encode_ndarray<T: Element, S: Data<Elem = T>, D: Dimension>(
    array: &ArrayBase<S, D>,
    out: &mut Vec<u8>,
) -> Result<()> {
    let dtype = Dtype::from(T::SCALAR);
    out.reserve(compact_len(&dtype, array.shape())?);
    write_compact_header(&dtype, array.shape(), out)?;
    match array.as_slice() {
        Some(values) => T::write(values, out),
        None => T::write(&array.iter().copied().collect::<Vec<_>>(), out),
    }
    Ok(())
}

#[cfg(test)]
mod tests;
