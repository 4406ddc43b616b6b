//! Conditions on the fields of samples.

use crate::encode::Encoder;
use crate::errors::{Fail, raise};
use atdata::Error;
use atdata::expression::{Expr, Filter};
use atdata::format::msgpack;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple, PyType};

/// A condition on the fields of a sample.
#[pyclass(frozen, eq, hash, module = "atdata._atdata")]
pub(crate) struct Condition {
    filter: Filter,
    text: String,
}

impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl std::hash::Hash for Condition {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl Condition {
    fn of(expr: Expr) -> Self {
        let text = expr.to_string();
        Self { filter: Filter::open(expr), text }
    }

    pub(crate) const fn expr(&self) -> &Expr {
        self.filter.expr()
    }

    /// What an operator makes of this and of another condition, or column of truth values.
    fn joined(
        &self,
        other: &Bound<'_, PyAny>,
        join: impl FnOnce(Expr, Expr) -> atdata::format::Result<Expr>,
    ) -> PyResult<Py<PyAny>> {
        let py = other.py();
        let own = match other.cast::<Self>() {
            Ok(condition) => condition.clone(),
            Err(_) => match other.getattr("_condition") {
                Ok(held) => held.cast_into::<Self>()?,
                Err(_) => return Ok(py.NotImplemented()),
            },
        };
        let joined = join(self.expr().clone(), own.get().expr().clone());
        let made = Self::of(joined.map_err(|error| raise(py, Error::from(error)))?);
        Ok(Py::new(py, made)?.into_any())
    }
}

#[pymethods]
impl Condition {
    #[new]
    #[pyo3(signature = (text, /))]
    fn new(py: Python<'_>, text: &str) -> PyResult<Self> {
        text.parse().map(Self::of).map_err(|error| raise(py, Error::from(error)))
    }

    /// The names of the fields that it asks for.
    #[getter]
    fn fields(&self) -> Vec<String> {
        self.expr().fields().to_vec()
    }

    /// Whether it holds of these values; a field that is not there is None.
    #[pyo3(signature = (values, /))]
    fn holds(&self, py: Python<'_>, values: &Bound<'_, PyDict>) -> PyResult<bool> {
        let mut payload = Vec::new();
        let mut encoder = Encoder::default();
        let mut write = || {
            msgpack::write_map_header(values.len(), &mut payload)?;
            for (name, value) in values {
                msgpack::write_str(name.extract::<&str>()?, &mut payload)?;
                encoder.value(&value, &mut payload, 0)?;
            }
            Ok::<_, Fail>(self.filter.keeps(&payload)?)
        };
        write().map_err(|fail| fail.raise(py))
    }

    fn __and__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        self.joined(other, Expr::and)
    }

    fn __or__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        self.joined(other, Expr::or)
    }

    fn __invert__(&self, py: Python<'_>) -> PyResult<Self> {
        let negated = self.expr().clone().negated();
        negated.map(Self::of).map_err(|error| raise(py, Error::from(error)))
    }

    fn __bool__(&self) -> PyResult<bool> {
        let message = "a condition is neither true nor false by itself: join conditions with \
                       & | ~, each comparison in parentheses, and write between() for a < b < c";
        Err(PyTypeError::new_err(message))
    }

    fn __str__(&self) -> &str {
        &self.text
    }

    fn __repr__(&self) -> String {
        format!("Condition({:?})", self.text)
    }

    fn __reduce__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyType>, Bound<'py, PyTuple>)> {
        Ok((py.get_type::<Self>(), PyTuple::new(py, [&self.text])?))
    }
}
