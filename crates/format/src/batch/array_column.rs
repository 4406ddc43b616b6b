//! A column of arrays of one shape: one allocation, filled sample by sample.

use super::owned;
use crate::array::{ArrayHeader, ArrayView};
use crate::dtype::{Dtype, Element};
use crate::error::{Error, Kind, Result};
use ndarray::{ArrayD, IxDyn};
use std::fmt::Debug;

/// One array, its data in C order.
#[derive(Debug, Clone, PartialEq)]
pub struct ArrayItem {
    /// The element type.
    pub dtype: Dtype,
    /// The length of each axis.
    pub shape: Vec<usize>,
    /// The elements in C order, in the dtype's byte order.
    pub data: Vec<u8>,
}

/// Arrays of one dtype and shape, stacked on a new first axis.
#[derive(Debug, Clone, PartialEq)]
pub struct ArrayStack {
    /// The element type.
    pub dtype: Dtype,
    /// The shape of one item.
    pub item_shape: Vec<usize>,
    /// The number of items: the length of the first axis.
    pub rows: usize,
    /// The elements in C order, in the dtype's byte order.
    pub data: Vec<u8>,
    /// The bytes before the data of an item like the first; equal bytes need not be parsed again.
    item_header: Vec<u8>,
    item_bytes: usize,
}

/// The most that is set aside before any data was seen.
pub(super) const TRUSTED: usize = 32 << 20;

/// How much room a column is given, and by whom.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room<'a> {
    pub(super) rows: usize,
    pub(super) memory: &'a dyn Memory,
}

/// Where the memory of large columns comes from.
pub trait Memory: Debug + Send + Sync {
    /// An empty vector with room for so many bytes.
    fn reserve(&self, bytes: usize) -> Vec<u8>;
}

/// Memory that nobody has used before.
#[derive(Debug)]
pub(super) struct Fresh;

impl Memory for Fresh {
    fn reserve(&self, bytes: usize) -> Vec<u8> {
        Vec::with_capacity(bytes)
    }
}

impl Room<'_> {
    fn for_items(self, bytes: usize) -> Vec<u8> {
        self.memory.reserve(bytes.saturating_mul(self.rows).min(TRUSTED))
    }
}

impl ArrayStack {
    /// A stack of rows that lie end to end in C order.
    ///
    /// # Errors
    /// [`Kind::BadArray`] where the bytes are not so many rows of that shape.
    pub fn new(dtype: Dtype, item_shape: Vec<usize>, rows: usize, data: Vec<u8>) -> Result<Self> {
        let mut dims = item_shape.iter();
        let item_bytes = dims.try_fold(dtype.item_size(), |size, &dim| size.checked_mul(dim));
        match item_bytes {
            Some(item_bytes) if item_bytes.checked_mul(rows) == Some(data.len()) => {
                let item_header = Vec::new();
                Ok(Self { dtype, item_shape, rows, data, item_header, item_bytes })
            }
            _ => {
                let message = format!("{} bytes are not {rows} rows of {item_shape:?}", data.len());
                Err(Error::new(Kind::BadArray, message))
            }
        }
    }

    /// A stack for arrays like one with this header, with room for so many.
    pub(super) fn like(header: &ArrayHeader, prefix: &[u8], room: Room<'_>) -> Self {
        // A Fortran item is reordered as it comes in, so its header is never taken as it stands.
        let header_bytes = prefix.get(..header.data_offset).filter(|_| !header.fortran);
        Self {
            dtype: header.dtype.clone(),
            item_shape: header.shape.to_vec(),
            rows: 0,
            data: room.for_items(header.data_len),
            item_header: header_bytes.unwrap_or_default().to_vec(),
            item_bytes: header.data_len,
        }
    }

    /// Adds an array's bytes; false when it is of another shape or dtype.
    #[inline]
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<bool> {
        if let Some(data) = self.same_header(bytes)
            && data.len() == self.item_bytes
        {
            self.data.extend_from_slice(data);
            self.rows += 1;
            return Ok(true);
        }
        let view = ArrayView::parse(bytes)?;
        let fits = self.fits(&view.header);
        if fits {
            self.data.extend_from_slice(&view.to_c_order());
            self.rows += 1;
        }
        Ok(fits)
    }

    #[inline]
    fn same_header<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let known = !self.item_header.is_empty();
        bytes.strip_prefix(self.item_header.as_slice()).filter(|_| known)
    }

    /// Whether an array with this header can be stacked on the others.
    pub(super) fn fits(&self, header: &ArrayHeader) -> bool {
        self.item_shape[..] == header.shape[..] && self.dtype == header.dtype
    }

    /// Lets a reader append one item's data.
    pub(super) fn push_with(
        &mut self,
        append: impl FnOnce(&mut Vec<u8>, usize) -> Result<()>,
    ) -> Result<()> {
        append(&mut self.data, self.item_bytes)?;
        self.rows += 1;
        Ok(())
    }

    pub(super) fn truncate(&mut self, rows: usize) {
        self.rows = self.rows.min(rows);
        self.data.truncate(self.rows * self.item_bytes);
    }

    /// Keeps only some items.
    pub(super) fn keep(&mut self, kept: &[bool]) {
        let mut data = Vec::new();
        let rows = (0..self.rows).filter(|&row| kept.get(row) == Some(&true));
        rows.for_each(|row| data.extend_from_slice(self.item(row)));
        self.rows = kept.iter().filter(|kept| **kept).count();
        self.data = data;
    }

    /// The items one by one.
    pub(super) fn items(&self) -> impl Iterator<Item = ArrayItem> {
        (0..self.rows).map(|row| ArrayItem {
            dtype: self.dtype.clone(),
            shape: self.item_shape.clone(),
            data: self.item(row).to_vec(),
        })
    }

    /// The bytes of one item.
    #[must_use]
    pub fn item(&self, row: usize) -> &[u8] {
        let start = row * self.item_bytes;
        self.data.get(start..start + self.item_bytes).unwrap_or_default()
    }

    /// The shape of the whole, the number of rows first.
    #[must_use]
    pub fn shape(&self) -> Vec<usize> {
        [&[self.rows][..], &self.item_shape].concat()
    }

    pub(super) fn to_ndarray<T: Element>(&self) -> Result<ArrayD<T>> {
        let own = T::SCALAR;
        let scalar = self.dtype.scalar();
        let Some(scalar) = scalar.filter(|s| s.class() == own.class() && s.size() == own.size())
        else {
            let message = format!("the arrays are of dtype {}, not {own:?}", self.dtype);
            return Err(Error::new(Kind::WrongType, message));
        };
        let values = T::read(scalar.order(), &self.data);
        ArrayD::from_shape_vec(IxDyn(&self.shape()), values)
            .map_err(|error| Error::new(Kind::BadArray, error.to_string()))
    }
}

/// Parses one array on its own.
pub(super) fn parse_item(bytes: &[u8]) -> Result<ArrayItem> {
    ArrayView::parse(bytes).map(|view| owned(&view))
}
