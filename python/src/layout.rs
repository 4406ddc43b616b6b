//! How samples of one Python class are read and written.

use crate::decode;
use crate::encode::Encoder;
use crate::errors::Fail;
use crate::objects;
use crate::views::Arrays;
use atdata::batch::ColumnSpec;
use atdata::format::msgpack;
use atdata::schema::FieldType;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyString, PyType};
use std::sync::Arc;

/// Stands for "no default".
pub(crate) fn required(py: Python<'_>) -> PyResult<Py<PyAny>> {
    static REQUIRED: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let make = || py.import("builtins")?.getattr("object")?.call0().map(Bound::unbind);
    REQUIRED.get_or_try_init(py, make).map(|object| object.clone_ref(py))
}

/// A default that is made anew for every sample.
#[pyclass(frozen, module = "atdata._atdata")]
pub(crate) struct Factory {
    make: Py<PyAny>,
}

#[pymethods]
impl Factory {
    #[new]
    #[pyo3(signature = (make, /))]
    fn new(make: Py<PyAny>) -> Self {
        Self { make }
    }
}

/// What a sample has that comes without the field.
pub(crate) enum Absent {
    /// Nothing: that is an error.
    Required,
    /// Always the same object.
    Value(Py<PyAny>),
    /// What a call gives.
    Made(Py<PyAny>),
}

impl Absent {
    fn of(py: Python<'_>, optional: bool, default: Bound<'_, PyAny>) -> PyResult<Self> {
        if default.is(required(py)?.bind(py)) {
            let none = Self::Value(py.None());
            return Ok(if optional { none } else { Self::Required });
        }
        Ok(match default.cast::<Factory>() {
            Ok(factory) => Self::Made(factory.get().make.clone_ref(py)),
            Err(_) => Self::Value(default.unbind()),
        })
    }
}

/// One field of a sample class.
pub(crate) struct FieldLayout {
    /// The name, as the attribute's key.
    pub(crate) attribute: Py<PyString>,
    pub(crate) name: String,
    /// The name as it stands in payloads.
    pub(crate) packed_name: Vec<u8>,
    pub(crate) ty: FieldType,
    pub(crate) absent: Absent,
}

impl FieldLayout {
    pub(crate) const fn is_array(&self) -> bool {
        matches!(self.ty, FieldType::Array { .. })
    }
}

/// How an instance is made of its fields.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Construct {
    /// Memory for the instance, then its attributes.
    Fill,
    /// `cls(**fields)`.
    Call,
    /// `cls.from_data(fields)`, whatever they are.
    Open,
}

/// How samples of one class are read and written.
#[pyclass(frozen, module = "atdata._atdata")]
pub(crate) struct Layout {
    pub(crate) class: Py<PyType>,
    pub(crate) fields: Vec<FieldLayout>,
    pub(crate) construct: Construct,
    /// The only fields that are wanted of a class that takes any.
    pub(crate) only: Option<Vec<String>>,
    /// Whether samples have more fields than these, which are passed over.
    projected: bool,
}

#[pymethods]
impl Layout {
    #[new]
    #[pyo3(signature = (sample_type, fields, fill, projected = false))]
    fn new(
        py: Python<'_>,
        sample_type: Py<PyType>,
        fields: Vec<(String, String, bool, Bound<'_, PyAny>)>,
        fill: bool,
        projected: bool,
    ) -> PyResult<Self> {
        let fields = fields.into_iter().map(|(name, kind, optional, default)| {
            let attribute = PyString::intern(py, &name).unbind();
            let absent = Absent::of(py, optional, default)?;
            let mut packed_name = Vec::new();
            let packed = msgpack::write_str(&name, &mut packed_name);
            packed.map_err(|error| Fail::from(error).raise(py))?;
            Ok(FieldLayout { attribute, ty: field_type(&kind)?, name, packed_name, absent })
        });
        let fields = fields.collect::<PyResult<_>>()?;
        let construct = if fill { Construct::Fill } else { Construct::Call };
        Ok(Self { class: sample_type, fields, construct, only: None, projected })
    }

    /// For a class that takes any fields.
    #[staticmethod]
    #[pyo3(signature = (sample_type, only = None))]
    fn open(sample_type: Py<PyType>, only: Option<Vec<String>>) -> Self {
        let (fields, construct) = (Vec::new(), Construct::Open);
        Self { class: sample_type, fields, construct, only, projected: false }
    }

    /// Whether batches can be decoded by column: the class has fields, and their defaults are
    /// data.
    #[getter]
    fn has_columns(&self, py: Python<'_>) -> bool {
        self.construct != Construct::Open && self.columns(py).is_some()
    }

    /// Whether the class takes any fields.
    #[getter]
    fn is_open(&self) -> bool {
        self.construct == Construct::Open
    }

    /// A sample from its msgpack bytes.
    #[pyo3(signature = (payload, /))]
    fn decode<'py>(&self, py: Python<'py>, payload: &[u8]) -> PyResult<Bound<'py, PyAny>> {
        let mut decoder = decode::Decoder::default();
        decoder.sample(py, self, payload, Arrays::Owned).map_err(|fail| fail.raise(py))
    }

    /// A sample's msgpack bytes.
    #[pyo3(signature = (sample, /))]
    fn encode<'py>(
        &self,
        py: Python<'py>,
        sample: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let mut out = Vec::new();
        let encoded = Encoder::default().sample(self, sample, &mut out);
        encoded.map_err(|fail: Fail| fail.raise(py))?;
        Ok(PyBytes::new(py, &out))
    }
}

impl Layout {
    /// How the fields are decoded into columns; `None` where a default cannot be said as data.
    pub(crate) fn columns(&self, py: Python<'_>) -> Option<Arc<[ColumnSpec]>> {
        let spec = |field: &FieldLayout| {
            let default = match &field.absent {
                Absent::Required => None,
                Absent::Value(value) => Some(objects::value(value.bind(py), field.is_array())?),
                Absent::Made(make) => {
                    Some(objects::value(&make.bind(py).call0().ok()?, field.is_array())?)
                }
            };
            Some(ColumnSpec { name: field.name.clone(), ty: field.ty.clone(), default })
        };
        self.fields.iter().map(spec).collect()
    }

    /// The columns that large samples are decoded through, where that saves a copy of an array.
    pub(crate) fn large_columns(&self, py: Python<'_>) -> Option<Arc<[ColumnSpec]>> {
        if self.projected || self.fields.iter().any(FieldLayout::is_array) {
            self.columns(py)
        } else {
            None
        }
    }

    /// The columns of a class with fields.
    pub(crate) fn require_columns(&self, py: Python<'_>) -> PyResult<Arc<[ColumnSpec]>> {
        if self.construct == Construct::Open {
            return Err(PyTypeError::new_err("a class without fields has no columns"));
        }
        self.columns(py).ok_or_else(|| {
            let message = "a field's default cannot be stored in a sample, so it has no column";
            PyValueError::new_err(message)
        })
    }
}

pub(crate) fn field_type(kind: &str) -> PyResult<FieldType> {
    if let Some(items) = kind.strip_prefix("list[").and_then(|rest| rest.strip_suffix(']')) {
        return field_type(items).map(FieldType::list);
    }
    Ok(match kind {
        "str" => FieldType::Str,
        "int" => FieldType::Int,
        "float" => FieldType::Float,
        "bool" => FieldType::Bool,
        "bytes" => FieldType::Bytes,
        "array" => FieldType::array(),
        "list" => FieldType::Any.list(),
        "map" => FieldType::Map,
        "any" => FieldType::Any,
        other => return Err(PyValueError::new_err(format!("no kind of field is called {other}"))),
    })
}
