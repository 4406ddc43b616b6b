//! Columns value by value, for formats that have rows.

use atdata_format::Value;
use atdata_format::batch::{ArrayItem, Column};
use atdata_format::dtype::Dtype;

/// One value of a column.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cell<'a> {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(&'a str),
    Bytes(&'a [u8]),
    Array { dtype: &'a Dtype, shape: &'a [usize], data: &'a [u8] },
    Value(&'a Value),
}

impl<'a> Cell<'a> {
    pub(crate) const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    fn of_item(item: &'a ArrayItem) -> Self {
        Self::Array { dtype: &item.dtype, shape: &item.shape, data: &item.data }
    }

    fn of_value(value: &'a Value) -> Self {
        match value {
            Value::Nil => Self::None,
            Value::Bool(value) => Self::Bool(*value),
            Value::Int(value) => Self::Int(*value),
            Value::Float(value) => Self::Float(*value),
            Value::Str(text) => Self::Str(text),
            Value::Bytes(bytes) => Self::Bytes(bytes),
            other => Self::Value(other),
        }
    }
}

/// The values of a column, in order.
pub(crate) fn cells(column: &Column) -> Vec<Cell<'_>> {
    match column {
        Column::Bools(values) => values.iter().map(|value| Cell::Bool(*value)).collect(),
        Column::Ints(values) => values.iter().map(|value| Cell::Int(*value)).collect(),
        Column::Floats(values) => values.iter().map(|value| Cell::Float(*value)).collect(),
        Column::Texts(packed) => packed.texts().map(Cell::Str).collect(),
        Column::Bytes(packed) => packed.bytes().map(Cell::Bytes).collect(),
        Column::Stack(stack) => {
            let (dtype, shape) = (&stack.dtype, stack.item_shape.as_slice());
            let item = |row| Cell::Array { dtype, shape, data: stack.item(row) };
            (0..stack.rows).map(item).collect()
        }
        Column::Arrays(items) => {
            items.iter().map(|item| item.as_ref().map_or(Cell::None, Cell::of_item)).collect()
        }
        Column::Values(values) => values.iter().map(Cell::of_value).collect(),
    }
}
