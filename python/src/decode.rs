//! Payloads as Python objects.

use crate::arrays::ArrayMaker;
use crate::columns::single;
use crate::errors::Fail;
use crate::layout::{Absent, Construct, FieldLayout, Layout};
use crate::objects::{map, object, twice};
use crate::views::{self, Arrays};
use atdata::Batch;
use atdata::batch::Column;
use atdata::format::msgpack::{Token, Walker};
use atdata::format::{Error as FormatError, Kind};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

type Decoded<T> = Result<T, Fail>;

/// Makes samples; what it has learnt from one helps with the next.
#[derive(Default)]
pub(crate) struct Decoder {
    arrays: Vec<ArrayMaker>,
    /// Values that no field of the class has the name of.
    pub(crate) extra_fields: u64,
}

impl Decoder {
    /// A sample of the layout's class.
    pub(crate) fn sample<'py>(
        &mut self,
        py: Python<'py>,
        layout: &Layout,
        payload: &[u8],
        arrays: Arrays<'_, 'py>,
    ) -> Decoded<Bound<'py, PyAny>> {
        if layout.construct == Construct::Open {
            let data = map(py, payload, layout.only.as_deref())?;
            return Ok(layout.class.bind(py).call_method1("from_data", (data,))?);
        }
        self.arrays.resize_with(layout.fields.len(), ArrayMaker::default);
        let mut values: [Option<Bound<'py, PyAny>>; FEW] = [const { None }; FEW];
        let mut many;
        let values = match values.get_mut(..layout.fields.len()) {
            Some(values) => values,
            None => {
                many = vec![None; layout.fields.len()];
                &mut many[..]
            }
        };
        self.fields(py, layout, payload, arrays, values)?;
        build(py, layout, values)
    }

    /// A sample of the layout's class from a batch of one row.
    pub(crate) fn row<'py>(
        &mut self,
        py: Python<'py>,
        layout: &Layout,
        batch: &mut Batch,
        arrays: Arrays<'_, 'py>,
    ) -> Decoded<Bound<'py, PyAny>> {
        self.extra_fields += batch.extra_fields();
        let columns = batch.take_columns().into_iter().map(|(_, column)| column);
        let value = |column: Column| match (&column, arrays) {
            (Column::Stack(_), Arrays::ReadOnly) => views::frozen(single(py, column)?),
            _ => single(py, column),
        };
        let values = columns.map(|column| value(column).map(Some));
        build(py, layout, &mut values.collect::<PyResult<Vec<_>>>()?)
    }

    fn fields<'py>(
        &mut self,
        py: Python<'py>,
        layout: &Layout,
        payload: &[u8],
        arrays: Arrays<'_, 'py>,
        values: &mut [Option<Bound<'py, PyAny>>],
    ) -> Decoded<()> {
        let mut walker = Walker::new(payload);
        let fields = walker.map_header()?;
        for position in 0..fields {
            let Some(at) = self.next_field(layout, position, &mut walker)? else { continue };
            let field = &layout.fields[at];
            if values[at].is_some() {
                return Err(twice(&field.name, &walker));
            }
            let value = self.field(py, field, at, arrays, &mut walker);
            let placed = |fail: Fail| fail.placed(|error| error.in_field(field.name.as_str()));
            values[at] = Some(value.map_err(placed)?);
        }
        walker.finish()?;
        Ok(())
    }

    /// Which field's value is next; one that the class does not have is passed over.
    #[inline]
    fn next_field(
        &mut self,
        layout: &Layout,
        position: usize,
        walker: &mut Walker<'_>,
    ) -> Decoded<Option<usize>> {
        // Most often the fields come in the order of the class.
        let next = layout.fields.get(position);
        if next.is_some_and(|field| walker.eat(&field.packed_name)) {
            return Ok(Some(position));
        }
        let name = walker.field_name()?;
        let found = layout.fields.iter().position(|field| field.name == name);
        if found.is_none() {
            walker.skip().map_err(|error| error.in_field(name))?;
            self.extra_fields += 1;
        }
        Ok(found)
    }

    fn field<'py>(
        &mut self,
        py: Python<'py>,
        field: &FieldLayout,
        at: usize,
        arrays: Arrays<'_, 'py>,
        walker: &mut Walker<'_>,
    ) -> Decoded<Bound<'py, PyAny>> {
        if !field.is_array() {
            return object(py, walker, 0);
        }
        let start = walker.position() as u64;
        match walker.token()? {
            Token::Bin(bytes) => {
                let array = self.arrays[at].array(py, bytes, arrays);
                array.map_err(|fail| fail.placed(|error| error.shifted(start)))
            }
            Token::Nil => Ok(py.None().into_bound(py)),
            other => {
                let message = format!("the field is not an array but {}", other.describe());
                Err(FormatError::new(Kind::WrongType, message).at(start).into())
            }
        }
    }
}

/// Samples with no more fields than this are made without a list of their own.
const FEW: usize = 16;

/// An instance of the fields that came and the defaults of those that did not.
fn build<'py>(
    py: Python<'py>,
    layout: &Layout,
    values: &mut [Option<Bound<'py, PyAny>>],
) -> Decoded<Bound<'py, PyAny>> {
    let given = layout.fields.iter().zip(values).map(|(field, value)| {
        let value = value.take().map_or_else(|| absent(py, field), Ok);
        value.map(|value| (field.attribute.bind(py), value))
    });
    if layout.construct == Construct::Fill {
        let instance = allocate(py, layout)?;
        for pair in given {
            let (name, value) = pair?;
            set(&instance, name, &value)?;
        }
        return Ok(instance);
    }
    let arguments = PyDict::new(py);
    for pair in given {
        let (name, value) = pair?;
        arguments.set_item(name, value)?;
    }
    Ok(layout.class.bind(py).call((), Some(&arguments))?)
}

fn absent<'py>(py: Python<'py>, field: &FieldLayout) -> Decoded<Bound<'py, PyAny>> {
    match &field.absent {
        Absent::Value(value) => Ok(value.bind(py).clone()),
        Absent::Made(make) => Ok(make.bind(py).call0()?),
        Absent::Required => {
            let name = &field.name;
            let message = format!("the sample has no field '{name}', which its type requires");
            Err(FormatError::new(Kind::MissingField, message).in_field(name.as_str()).into())
        }
    }
}

/// Memory for an instance, as `object.__new__` gives it. A call of `__new__` costs as much as all
/// of the rest of a small sample.
#[allow(
    unsafe_code,
    reason = "twice as fast; the class is a plain one, or `fill` is not asked for"
)]
fn allocate<'py>(py: Python<'py>, layout: &Layout) -> PyResult<Bound<'py, PyAny>> {
    let class = layout.class.bind(py).as_type_ptr();
    // SAFETY: `class` is a live heap type whose instances are plain objects with a dictionary: the
    // Python side asks for `fill` only for classes without `__new__`, slots or a foreign base. The
    // function returns a new reference or null with an exception set.
    unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyType_GenericAlloc(class, 0)) }
}

/// Sets an attribute past any `__setattr__`, which a frozen data class has.
#[allow(unsafe_code, reason = "the generated `__init__` of frozen classes does the same")]
fn set(
    instance: &Bound<'_, PyAny>,
    name: &Bound<'_, PyString>,
    value: &Bound<'_, PyAny>,
) -> PyResult<()> {
    // SAFETY: three live objects; the function borrows them all.
    let status =
        unsafe { ffi::PyObject_GenericSetAttr(instance.as_ptr(), name.as_ptr(), value.as_ptr()) };
    if status == 0 { Ok(()) } else { Err(PyErr::fetch(instance.py())) }
}
