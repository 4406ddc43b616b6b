//! The engine's errors as Python exceptions; `atdata._errors` says which class a kind is.

use crate::signals::raised;
use atdata::Error;
use atdata::format::{Error as FormatError, Kind, Place};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use std::error::Error as _;

/// What stopped a conversion: the data, or Python code.
pub(crate) enum Fail {
    /// Bytes or values that do not follow the format.
    Format(FormatError),
    /// An exception that Python code raised.
    Python(PyErr),
}

impl From<FormatError> for Fail {
    fn from(error: FormatError) -> Self {
        Self::Format(error)
    }
}

impl From<PyErr> for Fail {
    fn from(error: PyErr) -> Self {
        Self::Python(error)
    }
}

impl Fail {
    /// The same, the data's faults placed.
    pub(crate) fn placed(self, place: impl FnOnce(FormatError) -> FormatError) -> Self {
        match self {
            Self::Format(error) => Self::Format(place(error)),
            python @ Self::Python(_) => python,
        }
    }

    pub(crate) fn raise(self, py: Python<'_>) -> PyErr {
        match self {
            Self::Format(error) => raise(py, Error::Format(error)),
            Self::Python(error) => error,
        }
    }
}

/// The exception for an error of the engine.
#[allow(clippy::needless_pass_by_value, reason = "an error is used up by raising it")]
pub(crate) fn raise(py: Python<'_>, error: Error) -> PyErr {
    if let Some(own) = raised().or_else(|| python_cause(py, &error)) {
        return own;
    }
    let place = match &error {
        Error::Format(error) => error.place().clone(),
        _ => Place::default(),
    };
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        message = format!("{message}: {inner}");
        cause = inner.source();
    }
    build(py, error.kind(), &message, place).unwrap_or_else(|failed| failed)
}

fn build(py: Python<'_>, kind: &str, message: &str, place: Place) -> PyResult<PyErr> {
    static ERROR_FOR: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let error_for = ERROR_FOR.import(py, "atdata._errors", "error_for")?;
    let Place { shard, key, field, offset } = place;
    Ok(PyErr::from_value(error_for.call1((kind, message, shard, key, field, offset))?))
}

/// The exception of a user's own source, which travels inside of the engine's error.
fn python_cause(py: Python<'_>, error: &Error) -> Option<PyErr> {
    let mut cause = error.source();
    while let Some(inner) = cause {
        let io = inner.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        let own = io.map_or_else(|| inner.downcast_ref(), |own| own.downcast_ref::<PyErr>());
        if let Some(own) = own {
            return Some(own.clone_ref(py));
        }
        cause = inner.source();
    }
    None
}

/// A question to put after an unknown name in a message, where one of the names is similar.
#[pyfunction]
#[pyo3(signature = (wanted, names, /))]
#[allow(clippy::needless_pass_by_value, reason = "arguments of a Python function are owned")]
pub(crate) fn did_you_mean(wanted: &str, names: Vec<String>) -> String {
    atdata::format::similar::did_you_mean(wanted, names.iter().map(String::as_str))
}

/// Every code that an error of the engine can have as its kind.
#[pyfunction]
pub(crate) fn error_kinds() -> Vec<&'static str> {
    let data = Kind::ALL.iter().map(|kind| kind.code());
    let network = Error::NETWORK_KINDS.iter().copied();
    data.chain(Error::KINDS.iter().copied()).chain(network).collect()
}
