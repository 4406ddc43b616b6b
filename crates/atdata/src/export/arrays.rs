//! Columns of arrays as Arrow arrays.

use super::array_form::{ArrayForm, Layout, nested};
use super::elements::Elements;
use super::{arrow, too_large};
use crate::error::Result;
use arrow_array::{
    ArrayRef, FixedSizeListArray, Int64Array, LargeBinaryArray, ListArray, StringArray,
};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Field};
use atdata_format::batch::{ArrayItem, ArrayStack, Column};
use std::sync::Arc;

/// Arrays that may be missing.
enum Items {
    Stack(ArrayStack),
    Each(Vec<Option<ArrayItem>>),
}

/// The column, and those beside it.
pub(super) fn arrays(form: &ArrayForm, column: Column) -> Result<Vec<ArrayRef>> {
    let items = match column {
        Column::Stack(stack) => Items::Stack(stack),
        Column::Arrays(items) => Items::Each(items),
        _ => Items::Each(Vec::new()),
    };
    let nulls = items.nulls();
    let Some(elements) = form.elements() else { return items.in_bytes(nulls) };
    match form.layout() {
        Layout::Boxes(sizes) => Ok(vec![boxes(&elements, &sizes, items, nulls)?]),
        Layout::Lists(axes) => Ok(vec![lists(&elements, axes, items, nulls.as_ref())?]),
        Layout::Flat | Layout::Bytes => {
            let shapes = items.shapes(nulls.clone())?;
            let counts = items.shapes_or_none().map(|shape| match shape {
                Some(shape) => shape.iter().product(),
                None => 0,
            });
            let offsets = offsets(counts, "elements")?;
            let field = elements.field(elements.data_type(), true);
            let values = elements.array(items.data(0), None);
            let flat = ListArray::try_new(field, offsets, values, nulls).map_err(arrow)?;
            Ok(vec![Arc::new(flat), shapes])
        }
    }
}

/// Lists of a fixed size, nested by axis.
fn boxes(
    elements: &Elements,
    sizes: &[i32],
    items: Items,
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef> {
    let count: usize = sizes.iter().map(|&size| size as usize).product();
    let data = items.data(count * elements.size());
    let (outer, own) = if sizes.is_empty() { (None, nulls) } else { (nulls, None) };
    let mut array = elements.array(data, own);
    for (level, &size) in sizes.iter().enumerate().rev() {
        let inner = nested(elements, sizes.get(level + 1..).unwrap_or_default());
        let field = elements.field(inner, level + 1 == sizes.len());
        let nulls = outer.clone().filter(|_| level == 0);
        let list = FixedSizeListArray::try_new(field, size, array, nulls);
        array = Arc::new(list.map_err(arrow)?);
    }
    Ok(array)
}

/// Lists, nested by axis.
fn lists(
    elements: &Elements,
    axes: usize,
    items: Items,
    nulls: Option<&NullBuffer>,
) -> Result<ArrayRef> {
    let offsets = (0..axes).map(|axis| items.offsets(axis)).collect::<Result<Vec<_>>>()?;
    let mut array = elements.array(items.data(0), None);
    let mut data_type = elements.data_type();
    for (axis, offsets) in offsets.into_iter().enumerate().rev() {
        let field = elements.field(data_type, axis + 1 == axes);
        data_type = DataType::List(Arc::clone(&field));
        let nulls = nulls.filter(|_| axis == 0).cloned();
        let list = ListArray::try_new(field, offsets, array, nulls);
        array = Arc::new(list.map_err(arrow)?);
    }
    Ok(array)
}

impl Items {
    fn len(&self) -> usize {
        match self {
            Self::Stack(stack) => stack.rows,
            Self::Each(items) => items.len(),
        }
    }

    fn nulls(&self) -> Option<NullBuffer> {
        match self {
            Self::Each(items) if items.iter().any(Option::is_none) => {
                Some(items.iter().map(Option::is_some).collect())
            }
            _ => None,
        }
    }

    /// The elements of all, and so many zeros for one that is missing.
    fn data(self, missing: usize) -> Vec<u8> {
        match self {
            Self::Stack(stack) => stack.data,
            Self::Each(items) => {
                let mut data = Vec::new();
                for item in items {
                    match item {
                        Some(item) => data.extend_from_slice(&item.data),
                        None => data.resize(data.len() + missing, 0),
                    }
                }
                data
            }
        }
    }

    /// The shape of each.
    fn shapes_or_none(&self) -> impl Iterator<Item = Option<&[usize]>> {
        (0..self.len()).map(|row| match self {
            Self::Stack(stack) => Some(stack.item_shape.as_slice()),
            Self::Each(items) => items.get(row)?.as_ref().map(|item| item.shape.as_slice()),
        })
    }

    /// How the lists of one axis divide what is in them.
    fn offsets(&self, axis: usize) -> Result<OffsetBuffer<i32>> {
        let lists = self.shapes_or_none().flat_map(|shape| {
            let known = match (shape, axis) {
                (Some(shape), _) => {
                    let lists = shape.iter().take(axis).product();
                    Some((lists, shape.get(axis).copied().unwrap_or(0)))
                }
                (None, 0) => Some((1, 0)),
                (None, _) => None,
            };
            known.into_iter().flat_map(|(lists, size)| std::iter::repeat_n(size, lists))
        });
        offsets(lists, "elements")
    }

    /// A column of the shapes.
    fn shapes(&self, nulls: Option<NullBuffer>) -> Result<ArrayRef> {
        let shapes = || self.shapes_or_none().map(Option::unwrap_or_default);
        let offsets = offsets(shapes().map(<[usize]>::len), "axes")?;
        let dims = Int64Array::from_iter_values(shapes().flatten().map(|&dim| dim as i64));
        let field = Arc::new(Field::new("element", DataType::Int64, false));
        Ok(Arc::new(ListArray::try_new(field, offsets, Arc::new(dims), nulls).map_err(arrow)?))
    }

    /// Columns of the bytes, the shapes and the dtypes.
    fn in_bytes(self, nulls: Option<NullBuffer>) -> Result<Vec<ArrayRef>> {
        let shapes = self.shapes(nulls)?;
        let items: Vec<Option<ArrayItem>> = match self {
            Self::Each(items) => items,
            Self::Stack(stack) => (0..stack.rows)
                .map(|row| {
                    let (dtype, shape) = (stack.dtype.clone(), stack.item_shape.clone());
                    Some(ArrayItem { dtype, shape, data: stack.item(row).to_vec() })
                })
                .collect(),
        };
        let dtype = |item: &ArrayItem| {
            let dtype = &item.dtype;
            dtype.descr().unwrap_or(dtype.as_str()).to_owned()
        };
        let dtypes: StringArray = items.iter().map(|item| item.as_ref().map(dtype)).collect();
        let data = items.iter().map(|item| item.as_ref().map(|item| item.data.as_slice()));
        let data: LargeBinaryArray = data.collect();
        Ok(vec![Arc::new(data), shapes, Arc::new(dtypes)])
    }
}

/// Where lists of these lengths end; an error where that is beyond 32 bits.
pub(super) fn offsets(
    lengths: impl Iterator<Item = usize>,
    what: &str,
) -> Result<OffsetBuffer<i32>> {
    let mut end = 0_usize;
    let mut ends = vec![0_i32];
    for length in lengths {
        end = end.saturating_add(length);
        ends.push(i32::try_from(end).map_err(|_| too_large(what))?);
    }
    Ok(OffsetBuffer::new(ends.into()))
}
