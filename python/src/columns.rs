//! A batch's columns as Python objects, each made when it is first asked for.

use crate::arrays::adopted;
use crate::objects::from_value;
use atdata::Recycled;
use atdata::batch::{ArrayItem, Batch, Column, Packed};
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString};
use std::sync::{Mutex, PoisonError, Weak};

/// A batch by column.
#[pyclass(frozen, module = "atdata._atdata")]
pub(crate) struct Columns {
    rows: usize,
    /// Where columns that have become lists leave their memory.
    memory: Weak<Recycled>,
    slots: Mutex<Vec<(String, Slot)>>,
}

enum Slot {
    Decoded(Column),
    Made(Made),
}

/// A column as it is shown, and its single values where stacking has changed their dtypes.
struct Made {
    shown: Py<PyAny>,
    items: Option<Py<PyAny>>,
}

impl Made {
    const fn of(shown: Py<PyAny>) -> Self {
        Self { shown, items: None }
    }
}

impl Columns {
    pub(crate) fn new(batch: Batch, memory: Weak<Recycled>) -> Self {
        let rows = batch.len();
        let columns = batch.into_columns().into_iter();
        let slots = columns.map(|(name, column)| (name, Slot::Decoded(column))).collect();
        Self { rows, memory, slots: Mutex::new(slots) }
    }
}

#[pymethods]
impl Columns {
    fn __len__(&self) -> usize {
        self.rows
    }

    #[getter]
    fn names(&self) -> Vec<String> {
        self.lock().iter().map(|(name, _)| name.clone()).collect()
    }

    /// A list, or an array with a row for each sample.
    #[pyo3(signature = (name, /))]
    fn column(&self, py: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
        self.with(py, name, |made| made.shown.clone_ref(py))
    }

    /// As `column`, but for arrays whose dtypes became one when they were stacked: those as they
    /// were, in a list.
    #[pyo3(signature = (name, /))]
    fn items(&self, py: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
        self.with(py, name, |made| made.items.as_ref().unwrap_or(&made.shown).clone_ref(py))
    }
}

impl Columns {
    /// What is wanted of a column, which is made if it was not yet.
    fn with<T>(&self, py: Python<'_>, name: &str, wanted: impl FnOnce(&Made) -> T) -> PyResult<T> {
        let mut slots = self.lock();
        let Some((_, slot)) = slots.iter_mut().find(|(own, _)| own == name) else {
            return Err(PyKeyError::new_err(name.to_owned()));
        };
        let made = match std::mem::replace(slot, Slot::Made(Made::of(py.None()))) {
            Slot::Made(made) => made,
            Slot::Decoded(column) => make(py, column, &self.memory)?,
        };
        let found = wanted(&made);
        *slot = Slot::Made(made);
        Ok(found)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(String, Slot)>> {
        // Nobody runs Python code of others while holding it, so it is never waited for long.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A column as it is shown.
pub(crate) fn shown(py: Python<'_>, column: Column) -> PyResult<Py<PyAny>> {
    make(py, column, &Weak::new()).map(|made| made.shown)
}

fn make(py: Python<'_>, column: Column, memory: &Weak<Recycled>) -> PyResult<Made> {
    let Column::Arrays(items) = column else {
        return Ok(Made::of(object(py, column, memory)?.unbind()));
    };
    let items = list_of_arrays(py, items)?;
    let shown = stacked_if_one_shape(&items)?.unbind();
    let items = (!shown.is(&items)).then(|| items.into_any().unbind());
    Ok(Made { shown, items })
}

fn list_of_arrays(py: Python<'_>, items: Vec<Option<ArrayItem>>) -> PyResult<Bound<'_, PyList>> {
    let arrays = items.into_iter().map(|item| array(py, item));
    PyList::new(py, arrays.collect::<PyResult<Vec<_>>>()?)
}

/// The value of a column of one row.
pub(crate) fn single<'py>(py: Python<'py>, column: Column) -> PyResult<Bound<'py, PyAny>> {
    match column {
        Column::Stack(stack) => {
            adopted(py, &stack.dtype, &stack.item_shape, stack.data, &Weak::new())
        }
        other => object(py, other, &Weak::new())?.get_item(0),
    }
}

fn object<'py>(
    py: Python<'py>,
    column: Column,
    memory: &Weak<Recycled>,
) -> PyResult<Bound<'py, PyAny>> {
    Ok(match column {
        Column::Bools(values) => PyList::new(py, values)?.into_any(),
        Column::Ints(values) => PyList::new(py, values)?.into_any(),
        Column::Floats(values) => PyList::new(py, values)?.into_any(),
        Column::Texts(packed) => {
            // Python checks that they are UTF-8, as it must; no need to do so before.
            let texts = packed.bytes().map(|text| PyString::from_bytes(py, text));
            let list = PyList::new(py, texts.collect::<PyResult<Vec<_>>>()?)?;
            leave(packed, memory);
            list.into_any()
        }
        Column::Bytes(packed) => {
            let list = PyList::new(py, packed.bytes().map(|bytes| PyBytes::new(py, bytes)))?;
            leave(packed, memory);
            list.into_any()
        }
        Column::Stack(stack) => adopted(py, &stack.dtype, &stack.shape(), stack.data, memory)?,
        Column::Arrays(items) => list_of_arrays(py, items)?.into_any(),
        Column::Values(values) => {
            let objects = values.iter().map(|value| from_value(py, value));
            PyList::new(py, objects.collect::<PyResult<Vec<_>>>()?)?.into_any()
        }
    })
}

/// The next batch's column takes the memory of this one.
fn leave(packed: Packed, memory: &Weak<Recycled>) {
    if let Some(memory) = memory.upgrade() {
        memory.give_back(packed.into_parts().0);
    }
}

fn array<'py>(py: Python<'py>, item: Option<ArrayItem>) -> PyResult<Bound<'py, PyAny>> {
    match item {
        None => Ok(py.None().into_bound(py)),
        Some(ArrayItem { dtype, shape, data }) => adopted(py, &dtype, &shape, data, &Weak::new()),
    }
}

/// Arrays of one shape but several dtypes are stacked as numpy does it; others stay a list.
fn stacked_if_one_shape<'py>(arrays: &Bound<'py, PyList>) -> PyResult<Bound<'py, PyAny>> {
    let mut shapes = arrays.iter().map(|array| array.getattr("shape"));
    let Some(Ok(first)) = shapes.next() else { return Ok(arrays.clone().into_any()) };
    for shape in shapes {
        match shape {
            Ok(shape) if shape.eq(&first)? => {}
            _ => return Ok(arrays.clone().into_any()),
        }
    }
    match arrays.py().import("numpy")?.call_method1("stack", (arrays,)) {
        Ok(stacked) => Ok(stacked),
        // Dtypes that have none in common, such as text and numbers of time.
        Err(_) => Ok(arrays.clone().into_any()),
    }
}
