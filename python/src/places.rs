//! Where things are, and what their addresses tell.

use crate::errors::raise;
use atdata::Error;
use atdata::format::pattern;
use atdata::load::{self, Split};
use pyo3::prelude::*;
use std::path::PathBuf;

/// The folder for what atdata keeps on this machine.
#[pyfunction]
pub(crate) fn home_folder() -> PathBuf {
    atdata::config::home().unwrap_or_else(|| PathBuf::from(".atdata"))
}

/// An address without what may be secret in it: user, password, query.
#[pyfunction]
#[pyo3(signature = (address, /))]
pub(crate) fn shown(address: &str) -> String {
    atdata::source::shown(address)
}

/// The index and the store that the environment names.
#[pyfunction]
pub(crate) fn usual_places() -> (Option<String>, Option<String>) {
    (atdata::config::variable("ATDATA_INDEX"), atdata::config::variable("ATDATA_STORE"))
}

/// The split that a file belongs to, by its name.
#[pyfunction]
#[pyo3(signature = (file, /))]
pub(crate) fn split_of(file: &str) -> &'static str {
    load::split_of(file)
}

/// The names that a brace pattern stands for.
#[pyfunction]
#[pyo3(signature = (pattern, /))]
pub(crate) fn expand_braces(py: Python<'_>, pattern: &str) -> PyResult<Vec<String>> {
    pattern::expand(pattern).map_err(|error| raise(py, Error::Format(error)))
}

/// The identifier of a schema and shards.
#[pyfunction]
#[pyo3(signature = (schema_ref, data_urls, /))]
#[allow(clippy::needless_pass_by_value, reason = "arguments of a Python function are owned")]
pub(crate) fn entry_cid(
    py: Python<'_>,
    schema_ref: &str,
    data_urls: Vec<String>,
) -> PyResult<String> {
    let cid = atdata::format::cid::entry_cid(schema_ref, &data_urls);
    cid.map(|cid| cid.to_string()).map_err(|error| raise(py, Error::Format(error)))
}

/// A path's shards by split.
#[pyfunction]
#[pyo3(signature = (path, data_files = None))]
#[allow(clippy::needless_pass_by_value, reason = "arguments of a Python function are owned")]
pub(crate) fn find_data(
    py: Python<'_>,
    path: &str,
    data_files: Option<Vec<Split>>,
) -> PyResult<Vec<Split>> {
    let found = py.detach(|| match &data_files {
        None => load::find(path),
        Some(files) => load::find_in(path, files),
    });
    found.map_err(|error| raise(py, error))
}
