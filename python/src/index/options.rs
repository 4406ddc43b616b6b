//! What the index is told with a data set.

use crate::entry::metadata_of;
use crate::errors::raise;
use atdata::atmosphere::About;
use atdata::index::{IndexWrite, SchemaOf};
use atdata::schema::Schema;
use atdata::{Error, Progress, Value};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// A schema's document as JSON, and the fields that have a default.
pub(crate) type SchemaText = (String, Vec<String>);

/// How a data set is written, and what is said of it.
#[pyclass(frozen, module = "atdata._atdata")]
pub(crate) struct WriteOptions {
    maxcount: Option<u64>,
    maxsize: Option<u64>,
    description: Option<String>,
    tags: Vec<String>,
    license: Option<String>,
    metadata: Option<Value>,
    prefix: Option<String>,
}

#[pymethods]
impl WriteOptions {
    #[new]
    #[pyo3(signature = (
        *, maxcount = None, maxsize = None, description = None, tags = Vec::new(),
        license = None, metadata, prefix = None
    ))]
    fn new(
        maxcount: Option<u64>,
        maxsize: Option<u64>,
        description: Option<String>,
        tags: Vec<String>,
        license: Option<String>,
        metadata: &Bound<'_, PyAny>,
        prefix: Option<String>,
    ) -> PyResult<Self> {
        let metadata = metadata_of(metadata)?;
        Ok(Self { maxcount, maxsize, description, tags, license, metadata, prefix })
    }
}

impl WriteOptions {
    /// What is said of the data set.
    pub(crate) fn about(&self) -> About {
        About {
            description: self.description.clone(),
            tags: self.tags.clone(),
            license: self.license.clone(),
            metadata: self.metadata.clone(),
        }
    }

    pub(super) fn index_write(&self) -> IndexWrite {
        IndexWrite {
            max_count: self.maxcount,
            max_size: self.maxsize,
            manifest: false,
            description: self.description.clone(),
            tags: self.tags.clone(),
            license: self.license.clone(),
            metadata: self.metadata.clone(),
            prefix: self.prefix.clone(),
            progress: None,
        }
    }
}

pub(super) fn which<'a>(schema_ref: Option<&'a str>, schema: &'a Schema) -> SchemaOf<'a> {
    match schema_ref {
        Some(reference) => SchemaOf::Reference(reference, schema),
        None => SchemaOf::Type(schema),
    }
}

pub(crate) fn json_of(text: &str) -> PyResult<serde_json::Value> {
    serde_json::from_str(text).map_err(|error| PyValueError::new_err(error.to_string()))
}

pub(crate) fn schema_of((document, defaults): SchemaText) -> PyResult<Schema> {
    let parsed = Schema::from_json(&json_of(&document)?).map_err(Error::from);
    let mut schema = parsed.map_err(|error| Python::attach(|py| raise(py, error)))?;
    for field in &mut schema.fields {
        field.has_default = defaults.contains(&field.name);
    }
    Ok(schema)
}

/// A Python callback that is told samples and bytes; what it raises stops.
pub(crate) fn watcher(progress: Py<PyAny>) -> Box<dyn FnMut(Progress) -> bool + Send> {
    Box::new(move |so_far| {
        let told =
            Python::attach(|py| progress.call1(py, (so_far.samples, so_far.bytes)).map(drop));
        told.is_ok()
    })
}
