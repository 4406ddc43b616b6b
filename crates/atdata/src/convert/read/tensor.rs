//! Columns of arrays as values.

use super::leaf::element_bytes;
use crate::convert::arrays::array_bytes;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, Int64Array};
use arrow_schema::DataType;
use atdata_format::Value;
use atdata_format::array::ArrayView;
use atdata_format::dtype::Dtype;
use atdata_format::npy;
use std::ops::Range;

/// What is wrong with a column.
pub(super) type Wrong = String;

/// A dtype of its text, structured ones too.
pub(super) fn dtype(text: &str) -> Result<Dtype, Wrong> {
    if !text.starts_with(['[', '\'']) && text.get(1..2) != Some("V") {
        return Dtype::parse(text).map_err(|error| error.message().to_owned());
    }
    let mut image = Vec::new();
    let written = npy::write_header(text, &[0], &mut image);
    let view = written.and_then(|()| ArrayView::parse(&image).map(|view| view.header.dtype));
    view.map_err(|error| error.message().to_owned())
}

/// Nested lists: each row an array.
pub(super) fn nested(
    column: &ArrayRef,
    text: &str,
    shape: Option<&[usize]>,
) -> Result<Vec<Value>, Wrong> {
    let dtype = dtype(text)?;
    let mut out = Vec::with_capacity(column.len());
    let ranges = Levels::of(column)?;
    // What is below a list that is null may be null too; only elements of arrays may not.
    let nulls = ranges.leaf.logical_nulls().filter(|_| !is_time(&dtype));
    let bytes = element_bytes(&*ranges.leaf, &dtype).ok_or_else(|| unfit(&ranges.leaf, text))?;
    for row in 0..column.len() {
        if column.is_null(row) {
            out.push(Value::Nil);
            continue;
        }
        let (found, elements) = ranges.row(row).ok_or("the lists do not fit in each other")?;
        if nulls.as_ref().is_some_and(|n| n.slice(elements.start, elements.len()).null_count() > 0)
        {
            let message = "an array has a null among its elements; a field that is a list can have";
            return Err(format!("{message} them"));
        }
        let range = elements.start * dtype.item_size()..elements.end * dtype.item_size();
        let data = bytes.get(range).unwrap_or_default();
        let made = array_bytes(text, shape.unwrap_or(&found), data);
        let made =
            made.map_err(|_| "its lists are not of one length: no array can be made of them")?;
        out.push(Value::Bytes(made));
    }
    Ok(out)
}

fn is_time(dtype: &Dtype) -> bool {
    use atdata_format::dtype::Class::{Datetime, Timedelta};
    dtype.scalar().is_some_and(|scalar| matches!(scalar.class(), Datetime | Timedelta))
}

fn unfit(leaf: &ArrayRef, dtype: &str) -> Wrong {
    format!("elements of {} are no {dtype}", leaf.data_type())
}

/// Lists in lists: where each level's lists start in the next.
struct Levels {
    lists: Vec<Vec<usize>>,
    leaf: ArrayRef,
}

impl Levels {
    fn of(column: &ArrayRef) -> Result<Self, Wrong> {
        let (mut lists, mut inner) = (Vec::new(), ArrayRef::clone(column));
        loop {
            let (starts, values): (Vec<usize>, ArrayRef) = match inner.data_type() {
                DataType::FixedSizeList(..) => {
                    let list = inner.as_fixed_size_list();
                    let size = usize::try_from(list.value_length()).unwrap_or_default();
                    let first = list.value_offset_at(0);
                    let values = list.values().slice(first, list.len() * size);
                    ((0..=list.len()).map(|row| row * size).collect(), values)
                }
                DataType::List(_) => {
                    let list = inner.as_list::<i32>();
                    of_offsets(list.value_offsets().iter().map(|end| *end as usize), list.values())
                }
                DataType::LargeList(_) => {
                    let list = inner.as_list::<i64>();
                    of_offsets(list.value_offsets().iter().map(|end| *end as usize), list.values())
                }
                _ => return Ok(Self { lists, leaf: inner }),
            };
            if lists.len() == 64 {
                return Err("lists are more than 64 deep".to_owned());
            }
            lists.push(starts);
            inner = values;
        }
    }

    /// A row's shape as its lists tell it, and which of the elements are its own.
    fn row(&self, row: usize) -> Option<(Vec<usize>, Range<usize>)> {
        let (mut shape, mut range) = (Vec::new(), row..row + 1);
        for starts in &self.lists {
            let inner = *starts.get(range.start)?..*starts.get(range.end)?;
            let lists = range.len();
            shape.push(inner.len().checked_div(lists).unwrap_or(0));
            let lengths = starts.get(range.start..=range.end)?.windows(2);
            if lengths.map(|pair| pair[1] - pair[0]).any(|len| len * lists != inner.len()) {
                return None;
            }
            range = inner;
        }
        Some((shape, range))
    }
}

fn of_offsets(offsets: impl Iterator<Item = usize>, values: &ArrayRef) -> (Vec<usize>, ArrayRef) {
    let offsets: Vec<usize> = offsets.collect();
    let (first, last) =
        (offsets.first().copied().unwrap_or(0), offsets.last().copied().unwrap_or(0));
    (offsets.iter().map(|end| end - first).collect(), values.slice(first, last - first))
}

/// Flat lists with their shapes beside them.
pub(super) fn flat(column: &ArrayRef, text: &str, shapes: &ArrayRef) -> Result<Vec<Value>, Wrong> {
    let dtype = dtype(text)?;
    let levels = Levels::of(column)?;
    let bytes = element_bytes(&*levels.leaf, &dtype).ok_or_else(|| unfit(&levels.leaf, text))?;
    let one = |row: usize| {
        if column.is_null(row) {
            return Ok(Value::Nil);
        }
        let (_, elements) = levels.row(row).ok_or("this is no flat list")?;
        let range = elements.start * dtype.item_size()..elements.end * dtype.item_size();
        let shape = shape(shapes, row)?;
        let made = array_bytes(text, &shape, bytes.get(range).unwrap_or_default());
        made.map(Value::Bytes).map_err(|error| error.message().to_owned())
    };
    (0..column.len()).map(one).collect()
}

/// Bytes with their shapes and dtypes beside them.
pub(super) fn raw(
    column: &ArrayRef,
    shapes: &ArrayRef,
    dtypes: &ArrayRef,
) -> Result<Vec<Value>, Wrong> {
    let bytes = column.as_binary_opt::<i64>().ok_or("this is no column of bytes")?;
    let dtypes = dtypes.as_string_opt::<i32>().ok_or("the dtypes beside it are no texts")?;
    let one = |row: usize| {
        if column.is_null(row) {
            return Ok(Value::Nil);
        }
        let made = array_bytes(dtypes.value(row), &shape(shapes, row)?, bytes.value(row));
        made.map(Value::Bytes).map_err(|error| error.message().to_owned())
    };
    (0..column.len()).map(one).collect()
}

fn shape(shapes: &ArrayRef, row: usize) -> Result<Vec<usize>, Wrong> {
    let wrong = || "the shape beside it is no list of whole numbers".to_owned();
    let list = shapes.as_list_opt::<i32>().ok_or_else(wrong)?;
    let dims = list.value(row);
    let dims = dims.as_any().downcast_ref::<Int64Array>().ok_or_else(wrong)?;
    dims.values().iter().map(|dim| usize::try_from(*dim).map_err(|_| wrong())).collect()
}
