//! Arrays of numpy as bytes.

use crate::errors::Fail;
use atdata::format::array::write_compact_header;
use atdata::format::dtype::Dtype;
use atdata::format::{Error as FormatError, Kind, msgpack};
use numpy::npyffi;
use numpy::{PyArrayDescr, PyArrayDescrMethods, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyBytes;

/// Appends arrays as bytes; the last dtype's text is not asked for again when it comes again.
#[derive(Default)]
pub(crate) struct ArrayWriter {
    last: Option<(Py<PyArrayDescr>, Dtype)>,
}

impl ArrayWriter {
    /// Whether an object is a numpy array.
    pub(crate) fn is_array(value: &Bound<'_, PyAny>) -> bool {
        value.cast::<PyUntypedArray>().is_ok()
    }

    /// Appends an array as a msgpack value.
    pub(crate) fn write(
        &mut self,
        value: &Bound<'_, PyAny>,
        out: &mut Vec<u8>,
    ) -> Result<(), Fail> {
        let py = value.py();
        let scalar;
        let array = match value.cast::<PyUntypedArray>() {
            Ok(array) => array,
            Err(_) => {
                scalar = array_of_scalar(value)?;
                scalar.cast::<PyUntypedArray>().map_err(PyErr::from)?
            }
        };
        if array.dtype().has_fields() || array.dtype().kind() == b'V' {
            let image = npy_image(array)?;
            return Ok(msgpack::write_bin(image.as_bytes(), out)?);
        }
        let dtype = self.dtype(py, &array.dtype())?;
        let shape = array.shape();
        let mut header = Vec::with_capacity(64);
        write_compact_header(&dtype, shape, &mut header)?;
        let bytes = array.len().saturating_mul(dtype.item_size());
        msgpack::write_bin_header(header.len() + bytes, out)?;
        out.extend_from_slice(&header);
        append_data(array, bytes, out)?;
        Ok(())
    }

    fn dtype(&mut self, py: Python<'_>, descr: &Bound<'_, PyArrayDescr>) -> Result<Dtype, Fail> {
        if let Some((known, dtype)) = &self.last
            && known.bind(py).is(descr)
        {
            return Ok(dtype.clone());
        }
        let text: String = descr.getattr("str")?.extract()?;
        let dtype = Dtype::parse(&text).map_err(|error| match error.kind() {
            Kind::ObjectArray => FormatError::new(
                Kind::ObjectArray,
                "an array of Python objects cannot be stored; give it a dtype of numbers or text",
            ),
            _ => error,
        })?;
        self.last = Some((descr.clone().unbind(), dtype.clone()));
        Ok(dtype)
    }
}

/// A numpy scalar as an array without axes. Other objects are refused, not guessed at.
fn array_of_scalar<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    static GENERIC: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = value.py();
    if value.is_instance(GENERIC.import(py, "numpy", "generic")?)? {
        return py.import("numpy")?.call_method1("asarray", (value,));
    }
    let ty = value.get_type().fully_qualified_name()?;
    let message = format!("the field is an NDArray, its value a {ty}; use numpy.asarray(value)");
    Err(PyTypeError::new_err(message))
}

/// Appends an array's elements in C order.
#[allow(unsafe_code, reason = "the dtype is known at run time only, so no typed slice can be had")]
fn append_data(array: &Bound<'_, PyUntypedArray>, bytes: usize, out: &mut Vec<u8>) -> PyResult<()> {
    let copy;
    let array = if array.is_c_contiguous() {
        array
    } else {
        copy = array.call_method1("copy", ("C",))?.cast_into::<PyUntypedArray>()?;
        &copy
    };
    if bytes == 0 {
        return Ok(());
    }
    // SAFETY: a C-contiguous array of `bytes` bytes; the interpreter is held, so that no Python
    // code changes or frees it while it is copied. Bytes of any value may be read.
    let data = unsafe {
        let object = array.as_ptr().cast::<npyffi::PyArrayObject>();
        std::slice::from_raw_parts((*object).fields.data.cast::<u8>(), bytes)
    };
    out.extend_from_slice(data);
    Ok(())
}

/// A structured array as the image of a `.npy` file.
fn npy_image<'py>(array: &Bound<'py, PyUntypedArray>) -> PyResult<Bound<'py, PyBytes>> {
    let py = array.py();
    let file = py.import("io")?.getattr("BytesIO")?.call0()?;
    let arguments = (&file, array, py.None(), false);
    py.import("numpy.lib.format")?.call_method1("write_array", arguments)?;
    Ok(file.call_method0("getvalue")?.cast_into()?)
}

/// An array as the bytes that a sample holds.
#[pyfunction]
#[pyo3(signature = (array, /))]
pub(crate) fn array_to_bytes<'py>(
    py: Python<'py>,
    array: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyBytes>> {
    let mut out = Vec::new();
    ArrayWriter::default().write(array, &mut out).map_err(|fail| fail.raise(py))?;
    let mut walker = msgpack::Walker::new(&out);
    match walker.token() {
        Ok(msgpack::Token::Bin(bytes)) => Ok(PyBytes::new(py, bytes)),
        _ => Err(PyTypeError::new_err("an array is bytes")),
    }
}
