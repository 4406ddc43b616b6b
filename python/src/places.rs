//! Where things are, and what their addresses tell.

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
    atdata::load::split_of(file)
}
