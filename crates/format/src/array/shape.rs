//! Dimensions, and how elements move between the two orders.

use std::fmt;
use std::ops::Deref;

use super::MAX_NDIM;
use crate::error::Result;

/// Dimensions that most arrays have no more of: they need no allocation.
const INLINE: usize = 6;

/// The dimensions of an array, in elements: a slice, empty for a single value.
///
/// ```
/// use atdata_format::array::Shape;
/// let shape = Shape::from(&[2, 3][..]);
/// assert_eq!((shape.len(), shape[1], shape.to_string()), (2, 3, "(2, 3)".to_string()));
/// ```
#[derive(Clone)]
pub struct Shape(Dims);

#[derive(Clone)]
enum Dims {
    Few { len: u8, dims: [usize; INLINE] },
    Many(Box<[usize]>),
}

impl Shape {
    /// Gathers at most [`MAX_NDIM`] dimensions; more are left out, so callers check first.
    pub(super) fn collect(dims: impl Iterator<Item = Result<usize>>) -> Result<Self> {
        let mut all = [0; MAX_NDIM];
        let mut len = 0;
        for (slot, dim) in all.iter_mut().zip(dims) {
            *slot = dim?;
            len += 1;
        }
        Ok(Self::from(all.get(..len).unwrap_or(&[])))
    }
}

impl From<&[usize]> for Shape {
    fn from(shape: &[usize]) -> Self {
        let mut dims = [0; INLINE];
        match dims.get_mut(..shape.len()) {
            Some(few) => {
                few.copy_from_slice(shape);
                Self(Dims::Few { len: shape.len() as u8, dims })
            }
            None => Self(Dims::Many(shape.into())),
        }
    }
}

impl Deref for Shape {
    type Target = [usize];

    fn deref(&self) -> &[usize] {
        match &self.0 {
            Dims::Few { len, dims } => dims.get(..usize::from(*len)).unwrap_or(dims),
            Dims::Many(dims) => dims,
        }
    }
}

impl PartialEq for Shape {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Shape {}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for Shape {
    /// As Python prints a tuple: `()`, `(3,)`, `(2, 3)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dims: Vec<String> = self.iter().map(ToString::to_string).collect();
        let comma = if dims.len() == 1 { "," } else { "" };
        write!(f, "({}{comma})", dims.join(", "))
    }
}

/// Elements in Fortran order, moved to C order.
pub(super) fn transpose(data: &[u8], shape: &[usize], item: usize) -> Vec<u8> {
    let mut steps = Vec::with_capacity(shape.len());
    let mut step = item;
    for dim in shape {
        steps.push(step);
        step = step.saturating_mul(*dim);
    }
    let mut out = Vec::with_capacity(data.len());
    let mut index = vec![0; shape.len()];
    let mut from = 0_usize;
    while out.len() < data.len() {
        let Some(element) = data.get(from..from.saturating_add(item)) else { break };
        out.extend_from_slice(element);
        advance(&mut index, shape, &steps, &mut from);
    }
    out
}

/// One element further in C order: the last dimension moves first.
fn advance(index: &mut [usize], shape: &[usize], steps: &[usize], from: &mut usize) {
    for ((i, dim), step) in index.iter_mut().zip(shape).zip(steps).rev() {
        *i += 1;
        *from += step;
        if *i < *dim {
            return;
        }
        *from -= *i * step;
        *i = 0;
    }
}
