//! Values of the format as Python objects, whatever they are.

use crate::encode::Encoder;
use crate::errors::Fail;
use atdata::Value;
use atdata::format::msgpack::{MAX_DEPTH, Token, Walker};
use atdata::format::{Error as FormatError, Kind};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString};

type Decoded<T> = Result<T, Fail>;

/// Any value as the Python object it stands for; arrays stay bytes.
pub(crate) fn object<'py>(
    py: Python<'py>,
    walker: &mut Walker<'_>,
    depth: usize,
) -> Decoded<Bound<'py, PyAny>> {
    let start = walker.position();
    Ok(match walker.token()? {
        Token::Nil => py.None().into_bound(py),
        Token::Bool(value) => PyBool::new(py, value).to_owned().into_any(),
        Token::Int(value) => PyInt::new(py, value).into_any(),
        Token::UInt(value) => PyInt::new(py, value).into_any(),
        Token::Float(value) => PyFloat::new(py, value).into_any(),
        Token::Str(text) => PyString::new(py, text).into_any(),
        Token::Bin(bytes) => PyBytes::new(py, bytes).into_any(),
        Token::List(items) => {
            check_depth(depth, start)?;
            let items = (0..items).map(|_| object(py, walker, depth + 1));
            PyList::new(py, items.collect::<Decoded<Vec<_>>>()?)?.into_any()
        }
        Token::Map(pairs) => {
            check_depth(depth, start)?;
            let dict = PyDict::new(py);
            for _ in 0..pairs {
                let key = map_key(py, walker)?;
                dict.set_item(key, object(py, walker, depth + 1)?)?;
            }
            dict.into_any()
        }
    })
}

/// A map's key: anything but what Python cannot look up.
fn map_key<'py>(py: Python<'py>, walker: &mut Walker<'_>) -> Decoded<Bound<'py, PyAny>> {
    let start = walker.position();
    let ahead = walker.clone().token()?;
    if matches!(ahead, Token::List(_) | Token::Map(_)) {
        let message = format!("the key of a map is {}, which Python cannot have", ahead.describe());
        return Err(FormatError::new(Kind::BadMsgpack, message).at(start as u64).into());
    }
    object(py, walker, 0)
}

fn check_depth(depth: usize, start: usize) -> Decoded<()> {
    if depth < MAX_DEPTH {
        return Ok(());
    }
    let message = format!("lists or maps are nested more than {MAX_DEPTH} deep");
    Err(FormatError::new(Kind::TooDeep, message).at(start as u64).into())
}

pub(crate) fn twice(name: &str, walker: &Walker<'_>) -> Fail {
    let error = FormatError::new(Kind::BadMsgpack, "the payload has this field twice");
    error.at(walker.position() as u64).in_field(name).into()
}

/// A payload as a dictionary.
pub(crate) fn map<'py>(
    py: Python<'py>,
    payload: &[u8],
    only: Option<&[String]>,
) -> Decoded<Bound<'py, PyDict>> {
    let mut walker = Walker::new(payload);
    let fields = walker.map_header()?;
    let dict = PyDict::new(py);
    for _ in 0..fields {
        let name = walker.field_name()?;
        let placed = |fail: Fail| fail.placed(|error| error.in_field(name));
        if only.is_some_and(|only| only.iter().all(|own| own != name)) {
            walker.skip().map_err(|error| placed(error.into()))?;
            continue;
        }
        let value = object(py, &mut walker, 0).map_err(placed)?;
        if dict.contains(name)? {
            return Err(twice(name, &walker));
        }
        dict.set_item(name, value)?;
    }
    walker.finish()?;
    Ok(dict)
}

/// A sample's fields from its msgpack bytes; arrays stay bytes.
#[pyfunction]
#[pyo3(signature = (payload, /))]
pub(crate) fn unpack<'py>(py: Python<'py>, payload: &[u8]) -> PyResult<Bound<'py, PyDict>> {
    map(py, payload, None).map_err(|fail| fail.raise(py))
}

/// A value of the format as the Python object it stands for.
pub(crate) fn from_value<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    let mut bytes = Vec::new();
    let written = value.write(&mut bytes).map_err(Fail::from);
    let read = written.and_then(|()| object(py, &mut Walker::new(&bytes), 0));
    read.map_err(|fail| fail.raise(py))
}

/// A Python object as a value of the format, if it can be one.
pub(crate) fn value(object: &Bound<'_, PyAny>, is_array: bool) -> Option<Value> {
    let mut out = Vec::new();
    let mut encoder = Encoder::default();
    if is_array && !object.is_none() {
        encoder.array(object, &mut out).ok()?;
    } else {
        encoder.value(object, &mut out, 0).ok()?;
    }
    Value::read(&mut Walker::new(&out)).ok()
}
