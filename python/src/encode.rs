//! Python objects as payloads.

use crate::array_writer::ArrayWriter;
use crate::errors::Fail;
use crate::layout::{Construct, Layout};
use atdata::format::msgpack::{self, MAX_DEPTH};
use atdata::format::{Error as FormatError, Kind};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple,
};

type Encoded = Result<(), Fail>;

/// Writes samples; what it has learnt from one helps with the next.
#[derive(Default)]
pub(crate) struct Encoder {
    arrays: ArrayWriter,
}

impl Encoder {
    /// Appends a sample of the layout's class.
    pub(crate) fn sample(
        &mut self,
        layout: &Layout,
        sample: &Bound<'_, PyAny>,
        out: &mut Vec<u8>,
    ) -> Encoded {
        let py = sample.py();
        if layout.construct == Construct::Open {
            return self.mapping(&sample.call_method0("to_dict")?, out);
        }
        msgpack::write_map_header(layout.fields.len(), out)?;
        for field in &layout.fields {
            out.extend_from_slice(&field.packed_name);
            let value = sample.getattr(field.attribute.bind(py))?;
            let written = if field.is_array() && !value.is_none() {
                self.array(&value, out)
            } else {
                self.value(&value, out, 0)
            };
            written.map_err(|fail| in_field(py, fail, &field.name))?;
        }
        Ok(())
    }

    /// Appends the pairs of a mapping from names to values.
    pub(crate) fn mapping(&mut self, data: &Bound<'_, PyAny>, out: &mut Vec<u8>) -> Encoded {
        if let Ok(dict) = data.cast_exact::<PyDict>() {
            msgpack::write_map_header(dict.len(), out)?;
            return dict.iter().try_for_each(|(name, value)| self.pair(&name, &value, out));
        }
        let items = data.cast::<PyMapping>().map_err(PyErr::from)?.items()?;
        msgpack::write_map_header(items.len(), out)?;
        items.iter().try_for_each(|item| {
            let (name, value) = item.extract()?;
            self.pair(&name, &value, out)
        })
    }

    fn pair(
        &mut self,
        name: &Bound<'_, PyAny>,
        value: &Bound<'_, PyAny>,
        out: &mut Vec<u8>,
    ) -> Encoded {
        let name = name.cast::<PyString>().map_err(PyErr::from)?.to_str()?;
        msgpack::write_str(name, out)?;
        let written = match ArrayWriter::is_array(value) {
            true => self.array(value, out),
            false => self.value(value, out, 0),
        };
        written.map_err(|fail| in_field(value.py(), fail, name))
    }

    /// Appends an array as the bytes of a field.
    pub(crate) fn array(&mut self, value: &Bound<'_, PyAny>, out: &mut Vec<u8>) -> Encoded {
        self.arrays.write(value, out)
    }

    /// Appends any value that a field can hold.
    pub(crate) fn value(
        &mut self,
        value: &Bound<'_, PyAny>,
        out: &mut Vec<u8>,
        depth: usize,
    ) -> Encoded {
        if let Ok(text) = value.cast::<PyString>() {
            msgpack::write_str(text.to_str()?, out)?;
        } else if let Ok(float) = value.cast::<PyFloat>() {
            msgpack::write_float(float.value(), out);
        } else if value.is_none() {
            msgpack::write_nil(out);
        } else if let Ok(truth) = value.cast::<PyBool>() {
            msgpack::write_bool(truth.is_true(), out);
        } else if let Ok(int) = value.cast::<PyInt>() {
            integer(int, out)?;
        } else if let Ok(bytes) = value.cast::<PyBytes>() {
            msgpack::write_bin(bytes.as_bytes(), out)?;
        } else {
            self.rarer(value, out, depth)?;
        }
        Ok(())
    }

    fn rarer(&mut self, value: &Bound<'_, PyAny>, out: &mut Vec<u8>, depth: usize) -> Encoded {
        if let Ok(list) = value.cast::<PyList>() {
            self.items(list.len(), list.iter(), out, depth)
        } else if let Ok(tuple) = value.cast::<PyTuple>() {
            self.items(tuple.len(), tuple.iter(), out, depth)
        } else if let Ok(dict) = value.cast::<PyDict>() {
            self.pairs(dict, out, depth)
        } else if let Ok(bytes) = value.cast::<PyByteArray>() {
            Ok(msgpack::write_bin(&bytes.to_vec(), out)?)
        } else {
            let plain = plain(value)?;
            self.value(&plain, out, depth)
        }
    }

    fn items<'py>(
        &mut self,
        count: usize,
        items: impl Iterator<Item = Bound<'py, PyAny>>,
        out: &mut Vec<u8>,
        depth: usize,
    ) -> Encoded {
        check_depth(depth)?;
        msgpack::write_list_header(count, out)?;
        for item in items {
            self.value(&item, out, depth + 1)?;
        }
        Ok(())
    }

    fn pairs(&mut self, dict: &Bound<'_, PyDict>, out: &mut Vec<u8>, depth: usize) -> Encoded {
        check_depth(depth)?;
        msgpack::write_map_header(dict.len(), out)?;
        for (key, value) in dict.iter() {
            self.value(&key, out, depth + 1)?;
            self.value(&value, out, depth + 1)?;
        }
        Ok(())
    }
}

fn integer(int: &Bound<'_, PyInt>, out: &mut Vec<u8>) -> Encoded {
    if let Ok(value) = int.extract::<i64>() {
        msgpack::write_int(value, out);
    } else if let Ok(value) = int.extract::<u64>() {
        msgpack::write_uint(value, out);
    } else {
        let message = format!("the integer {int} does not fit in 64 bits");
        return Err(FormatError::new(Kind::IntegerRange, message).into());
    }
    Ok(())
}

/// What a numpy scalar stands for; anything else cannot be stored.
fn plain<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    static GENERIC: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let generic = GENERIC.import(value.py(), "numpy", "generic")?;
    if value.is_instance(generic)? {
        let item = value.call_method0("item")?;
        if !item.is_instance(generic)? {
            return Ok(item);
        }
    }
    let hint = match ArrayWriter::is_array(value) {
        true => "; annotate the field as NDArray to store arrays",
        false => "",
    };
    let ty = value.get_type().fully_qualified_name()?;
    Err(PyTypeError::new_err(format!("a value of type {ty} cannot be stored in a sample{hint}")))
}

fn check_depth(depth: usize) -> Encoded {
    if depth < MAX_DEPTH {
        return Ok(());
    }
    let message = format!("lists or dicts are nested more than {MAX_DEPTH} deep");
    Err(FormatError::new(Kind::TooDeep, message).into())
}

pub(crate) fn in_field(py: Python<'_>, fail: Fail, name: &str) -> Fail {
    match fail {
        Fail::Python(error) if error.is_instance_of::<PyTypeError>(py) => {
            Fail::Python(PyTypeError::new_err(format!("field '{name}': {}", error.value(py))))
        }
        other => other.placed(|error| error.in_field(name)),
    }
}

/// A mapping of names to values as msgpack bytes; arrays are stored as arrays.
#[pyfunction]
#[pyo3(signature = (data, /))]
pub(crate) fn pack<'py>(
    py: Python<'py>,
    data: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyBytes>> {
    let mut out = Vec::new();
    let packed = Encoder::default().mapping(data, &mut out);
    packed.map_err(|fail| fail.raise(py))?;
    Ok(PyBytes::new(py, &out))
}
