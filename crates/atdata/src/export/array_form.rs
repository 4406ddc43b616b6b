//! The form of a column of arrays: what their dtypes and shapes have in common.

use super::elements::{Elements, fits_arrow, has_nat};
use arrow_schema::{DataType, Field};
use atdata_format::batch::{ArrayItem, ArrayStack};
use atdata_format::dtype::Dtype;
use std::sync::Arc;

/// What arrays have in common.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ArrayForm {
    /// Their dtype, if it is one.
    pub(super) dtype: Option<Dtype>,
    pub(super) extent: Extent,
    /// Whether some elements are values that their Arrow type does not have.
    raw: bool,
}

/// What shapes have in common.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Extent {
    /// They are all the same.
    Fixed(Vec<usize>),
    /// They have as many axes, and nested lists tell them apart.
    Ragged(usize),
    /// Nothing.
    Any,
}

/// How arrays lie in Arrow.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Layout {
    /// Lists of a fixed size, nested by axis; the element itself for arrays without axes.
    Boxes(Vec<i32>),
    /// Lists, nested by axis.
    Lists(usize),
    /// One list an array, with its shape beside it.
    Flat,
    /// The bytes of each array, with its shape and dtype beside it.
    Bytes,
}

impl ArrayForm {
    pub(super) fn of_stack(stack: &ArrayStack) -> Self {
        Self::new(&stack.dtype, &stack.item_shape, &stack.data)
    }

    pub(super) fn of_item(item: &ArrayItem) -> Self {
        Self::new(&item.dtype, &item.shape, &item.data)
    }

    fn new(dtype: &Dtype, shape: &[usize], data: &[u8]) -> Self {
        // Without axes `NaT` would be a null of the column, and so the same as None.
        let raw = !fits_arrow(dtype, data) || (shape.is_empty() && has_nat(dtype, data));
        Self { dtype: Some(dtype.clone()), extent: Extent::Fixed(shape.to_vec()), raw }
    }

    pub(super) fn join(self, other: &Self) -> Self {
        let dtype = self.dtype.filter(|own| other.dtype.as_ref() == Some(own));
        let extent = self.extent.join(&other.extent);
        Self { dtype, extent, raw: self.raw || other.raw }
    }

    pub(super) fn layout(&self) -> Layout {
        match (&self.dtype, &self.extent) {
            (None, _) => Layout::Bytes,
            (_, Extent::Any) => Layout::Flat,
            (_, Extent::Ragged(axes)) => Layout::Lists(*axes),
            (_, Extent::Fixed(shape)) => match boxes(shape) {
                Some(boxes) => Layout::Boxes(boxes),
                None => Layout::Lists(shape.len()),
            },
        }
    }

    /// How the elements are stored, if they have one dtype.
    pub(super) fn elements(&self) -> Option<Elements> {
        self.dtype.as_ref().map(|dtype| Elements::new(dtype, self.raw))
    }

    pub(super) fn data_type(&self) -> DataType {
        let Some(elements) = self.elements() else { return DataType::LargeBinary };
        match self.layout() {
            Layout::Boxes(sizes) => nested(&elements, &sizes),
            Layout::Lists(axes) => (0..axes).fold(elements.data_type(), |inner, axis| {
                DataType::List(elements.field(inner, axis == 0))
            }),
            Layout::Flat | Layout::Bytes => {
                DataType::List(elements.field(elements.data_type(), true))
            }
        }
    }

    /// What the field's metadata say.
    pub(super) fn metadata(&self) -> Vec<(&'static str, String)> {
        let dtype = self.dtype.as_ref().map(|dtype| dtype.descr().unwrap_or(dtype.as_str()));
        let shape = match &self.extent {
            Extent::Fixed(shape) => Some(shape.iter().map(ToString::to_string).collect()),
            Extent::Ragged(axes) => Some(vec!["null".to_owned(); *axes]),
            Extent::Any => None,
        };
        let shape = shape.map(|dims: Vec<_>| ("atdata.shape", format!("[{}]", dims.join(", "))));
        dtype.map(|dtype| ("atdata.dtype", dtype.to_owned())).into_iter().chain(shape).collect()
    }
}

impl Extent {
    fn join(self, other: &Self) -> Self {
        if self == *other {
            return self;
        }
        match (self.axes(), other.axes()) {
            (Some(own), Some(its)) if own == its && own > 0 => Self::Ragged(own),
            _ => Self::Any,
        }
    }

    /// The number of axes, where nested lists say all of the shape: a list without items hides
    /// how long those would have been.
    fn axes(&self) -> Option<usize> {
        match self {
            Self::Ragged(axes) => Some(*axes),
            Self::Fixed(shape) => {
                let (_, outer) = shape.split_last().unwrap_or((&0, &[]));
                (!outer.contains(&0)).then_some(shape.len())
            }
            Self::Any => None,
        }
    }
}

/// The sizes of nested lists, where they can be of a fixed size.
fn boxes(shape: &[usize]) -> Option<Vec<i32>> {
    shape.iter().map(|&dim| i32::try_from(dim).ok().filter(|&dim| dim > 0)).collect()
}

/// Lists of these sizes, the outermost first.
pub(super) fn nested(elements: &Elements, sizes: &[i32]) -> DataType {
    sizes.iter().rev().enumerate().fold(elements.data_type(), |inner, (level, &size)| {
        DataType::FixedSizeList(elements.field(inner, level == 0), size)
    })
}

/// The columns that lie beside one of arrays: the end of their names, and their fields' types.
pub(super) fn beside(layout: &Layout) -> Vec<(&'static str, DataType)> {
    let dims = Field::new("element", DataType::Int64, false);
    let shape = ("shape", DataType::List(Arc::new(dims)));
    match layout {
        Layout::Boxes(_) | Layout::Lists(_) => Vec::new(),
        Layout::Flat => vec![shape],
        Layout::Bytes => vec![shape, ("dtype", DataType::Utf8)],
    }
}
