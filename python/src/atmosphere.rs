//! The AT Protocol: accounts, records, and data sets on it.

mod datasets;
mod local;
mod login;
mod oauth;
mod publish;
mod published;
mod records;
mod rows;
mod schemas;

pub(crate) use local::LocalAtmosphere;
pub(crate) use login::{save_session, saved_session};
pub(crate) use oauth::BrowserLogin;
pub(crate) use published::Published;
pub(crate) use rows::{at_uri, dataset_row};

use crate::errors::raise;
use atdata::atmosphere::{Lexicons, RecordKind};
use atdata::atproto::{Client, Repo};
use pyo3::prelude::*;
use std::sync::Arc;

/// The network, and perhaps an account on it.
#[pyclass(frozen, module = "atdata._atdata")]
pub(crate) struct Atmosphere {
    pub(crate) inner: atdata::atmosphere::Atmosphere,
}

impl Atmosphere {
    /// Asks the engine with the interpreter released.
    fn ask<T: Send>(
        &self,
        py: Python<'_>,
        ask: impl FnOnce(&atdata::atmosphere::Atmosphere) -> atdata::Result<T> + Send,
    ) -> PyResult<T> {
        py.detach(|| ask(&self.inner)).map_err(|error| raise(py, error))
    }

    /// Asks as the account.
    fn tell<T: Send>(
        &self,
        py: Python<'_>,
        tell: impl FnOnce(&Arc<Client>) -> atdata::atproto::Result<T> + Send,
    ) -> PyResult<T> {
        self.ask(py, |atmosphere| Ok(tell(atmosphere.client()?)?))
    }

    /// Asks a repository, the account's own if none is named.
    fn visit<T: Send>(
        &self,
        py: Python<'_>,
        who: Option<&str>,
        visit: impl FnOnce(&Repo) -> atdata::atproto::Result<T> + Send,
    ) -> PyResult<T> {
        self.ask(py, |atmosphere| Ok(visit(&atmosphere.repo(who)?)?))
    }
}

fn lexicons(name: &str) -> PyResult<Lexicons> {
    name.parse().map_err(|error| Python::attach(|py| raise(py, error)))
}

/// A kind of record by its word.
fn kind(word: &str) -> PyResult<RecordKind> {
    let kinds = [RecordKind::Schema, RecordKind::Dataset, RecordKind::Lens, RecordKind::Label];
    let is_it = |kind: &RecordKind| kind.words().rsplit(' ').next() == Some(word);
    kinds.into_iter().find(is_it).ok_or_else(|| {
        pyo3::exceptions::PyValueError::new_err(format!("no kind of record is called {word:?}"))
    })
}

/// An error of the network's client.
fn network(error: atdata::atproto::Error) -> PyErr {
    Python::attach(|py| raise(py, error.into()))
}
