//! Data of other formats into shards.

use crate::errors::raise;
use crate::records::PythonRecords;
use crate::write::Written;
use atdata::convert::{ConvertOptions, Done, Input, Once, from_inputs, from_path};
use atdata::schema::Schema;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// What has become of an input.
#[pyclass(frozen, module = "atdata._atdata")]
pub(crate) struct Converted {
    inner: atdata::convert::Converted,
}

#[pymethods]
impl Converted {
    /// The schema that all samples fit, as JSON.
    #[getter]
    fn schema(&self) -> String {
        self.inner.schema.to_json("").to_string()
    }

    /// What was written, by split.
    #[getter]
    fn splits(&self) -> Vec<(String, Written)> {
        let splits = self.inner.splits.iter();
        splits.map(|(split, written)| (split.clone(), Written::new(written.clone()))).collect()
    }

    /// Columns that the given schema does not have.
    #[getter]
    fn left_out(&self) -> Vec<String> {
        self.inner.left_out.clone()
    }
}

/// Converts what is at a path into shards, with the interpreter released. `progress` hears of the
/// bytes that are done and of all there are.
#[allow(clippy::needless_pass_by_value, reason = "arguments of a Python function are owned")]
#[allow(clippy::too_many_arguments, reason = "they are the keywords of a Python function")]
#[pyfunction]
#[pyo3(signature = (source, target, kind, *, schema = None, type_name = None, maxcount = None, maxsize = None,
    rename_dots = false, overwrite = false, delimiter = None, split = None, progress = None))]
pub(crate) fn convert(
    py: Python<'_>,
    source: PathBuf,
    target: PathBuf,
    kind: Option<&str>,
    schema: Option<&str>,
    type_name: Option<String>,
    maxcount: Option<i64>,
    maxsize: Option<i64>,
    rename_dots: bool,
    overwrite: bool,
    delimiter: Option<u8>,
    split: Option<String>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Converted> {
    let mut options = limited(py, schema, type_name, maxcount, maxsize)?.one_split();
    options = options.rename_dots(rename_dots).overwrite(overwrite);
    if let Some(split) = split {
        options = options.split(split);
    }
    if let Some(kind) = kind {
        options = options.format(kind.parse().map_err(|error| raise(py, error))?);
    }
    if let Some(delimiter) = delimiter {
        options = options.delimiter(delimiter);
    }
    let raised = Raised::default();
    let options = options.progress(watch(progress, Arc::clone(&raised)));
    let converted = py.detach(|| from_path(&source, &target, options));
    finished(py, converted, &raised)
}

/// Writes records that Python code gives: mappings of names to values, gone through once. `rows` is
/// how many there are, where that is known, and `place` what they are called in messages. `progress`
/// hears of rows, and of all there are or None.
#[allow(clippy::needless_pass_by_value, reason = "arguments of a Python function are owned")]
#[allow(clippy::too_many_arguments, reason = "they are the keywords of a Python function")]
#[pyfunction]
#[pyo3(signature = (records, target, place, rows = None, *, schema = None, type_name = None,
    maxcount = None, maxsize = None, overwrite = false, progress = None))]
pub(crate) fn convert_records(
    py: Python<'_>,
    records: &Bound<'_, PyAny>,
    target: PathBuf,
    place: &str,
    rows: Option<u64>,
    schema: Option<&str>,
    type_name: Option<String>,
    maxcount: Option<i64>,
    maxsize: Option<i64>,
    overwrite: bool,
    progress: Option<Py<PyAny>>,
) -> PyResult<Converted> {
    let raised = Raised::default();
    let options = limited(py, schema, type_name, maxcount, maxsize)?.overwrite(overwrite);
    let options = options.progress(watch(progress, Arc::clone(&raised)));
    let records = PythonRecords::new(records, place, Arc::clone(&raised))?;
    let converted = py.detach(|| {
        let once: Box<dyn Input> = Box::new(Once::new(Box::new(records), place, rows));
        from_inputs(&[("train".to_owned(), once)], &target, options)
    });
    finished(py, converted, &raised)
}

/// An exception of Python code that stopped a conversion.
pub(crate) type Raised = Arc<Mutex<Option<PyErr>>>;

/// What became of it; of the two errors, the one that Python code raised.
fn finished(
    py: Python<'_>,
    converted: atdata::Result<atdata::convert::Converted>,
    raised: &Raised,
) -> PyResult<Converted> {
    if let Some(error) = raised.lock().ok().and_then(|mut raised| raised.take()) {
        return Err(error);
    }
    converted.map(|inner| Converted { inner }).map_err(|error| raise(py, error))
}

fn limited(
    py: Python<'_>,
    schema: Option<&str>,
    type_name: Option<String>,
    maxcount: Option<i64>,
    maxsize: Option<i64>,
) -> PyResult<ConvertOptions> {
    let mut options = ConvertOptions::new();
    if let Some(schema) = schema {
        options = options.schema(parsed(py, schema)?);
    }
    if let Some(name) = type_name {
        options = options.type_name(name);
    }
    // What makes no sense becomes 0, which the engine refuses in words.
    let limit = |limit: i64| u64::try_from(limit).unwrap_or(0);
    if let Some(samples) = maxcount {
        options = options.max_count(limit(samples));
    }
    if let Some(bytes) = maxsize {
        options = options.max_size(limit(bytes));
    }
    Ok(options)
}

fn parsed(py: Python<'_>, text: &str) -> PyResult<Schema> {
    let document = text.parse().map_err(|_| PyValueError::new_err("the schema is no JSON"))?;
    Schema::from_json(&document).map_err(|error| raise(py, error.into()))
}

/// Tells Python code how far it is, and ends the conversion when that raises, or on Ctrl-C.
fn watch(progress: Option<Py<PyAny>>, raised: Raised) -> impl FnMut(Done) -> bool + Send + 'static {
    move |done| {
        let told = Python::attach(|py| {
            py.check_signals()?;
            let total = (done.total < Once::UNKNOWN).then_some(done.total);
            let told = progress.as_ref().map(|progress| progress.call1(py, (done.bytes, total)));
            told.transpose().map(drop)
        });
        let Err(error) = told else { return true };
        if let Ok(mut raised) = raised.lock() {
            *raised = Some(error);
        }
        false
    }
}
