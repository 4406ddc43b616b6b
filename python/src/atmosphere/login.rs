//! Sessions.

use super::{Atmosphere, lexicons};
use crate::errors::raise;
use atdata::atmosphere;
use atdata::atproto::saved::SessionFile;
use atdata::atproto::{Client, Network};
use atdata::open::open_network;
use pyo3::prelude::*;
use std::path::PathBuf;
use std::sync::Arc;

#[pymethods]
impl Atmosphere {
    /// The network without an account.
    #[staticmethod]
    #[pyo3(signature = (lexicons, /))]
    fn reading(py: Python<'_>, lexicons: &str) -> PyResult<Self> {
        let lexicons = super::lexicons(lexicons)?;
        let network = open_network().map_err(|error| raise(py, error))?;
        Ok(Self { inner: atmosphere::Atmosphere::reading(network).with_lexicons(lexicons) })
    }

    /// Logs in with an app password, at a server if one is named.
    #[staticmethod]
    #[pyo3(signature = (handle, password, service, lexicons, /))]
    fn login(
        py: Python<'_>,
        handle: &str,
        password: &str,
        service: Option<&str>,
        lexicons: &str,
    ) -> PyResult<Self> {
        Self::begin(py, lexicons, || Ok(Client::login(open(service)?, handle, password, service)?))
    }

    /// Goes on with a session that was exported.
    #[staticmethod]
    #[pyo3(signature = (session, service, lexicons, /))]
    fn restore(
        py: Python<'_>,
        session: &str,
        service: Option<&str>,
        lexicons: &str,
    ) -> PyResult<Self> {
        Self::begin(py, lexicons, || {
            let client = Client::restore(open(service)?, session)?;
            // People want to know now whether it has ended.
            client.check()?;
            Ok(client)
        })
    }

    /// The session; it is secret.
    fn export(&self, py: Python<'_>) -> PyResult<String> {
        self.tell(py, |client| client.export())
    }

    /// Ends the session at the server.
    fn logout(&self, py: Python<'_>) -> PyResult<()> {
        self.tell(py, |client| client.logout())
    }

    #[getter]
    fn did(&self, py: Python<'_>) -> PyResult<String> {
        let client = self.inner.client().map_err(|error| raise(py, error))?;
        Ok(client.did().to_string())
    }

    /// The account's handle, if it has one that belongs to it.
    fn handle(&self, py: Python<'_>) -> PyResult<Option<String>> {
        self.tell(py, |client| Ok(client.handle().map(|handle| handle.to_string())))
    }

    #[getter]
    fn is_authenticated(&self) -> bool {
        self.inner.client().is_ok()
    }

    /// Where the repository of a handle or DID is: its DID, its handle, its server.
    #[pyo3(signature = (who, /))]
    fn identity(&self, py: Python<'_>, who: &str) -> PyResult<(String, Option<String>, String)> {
        let found = self.ask(py, |atmosphere| Ok(atmosphere.network().identity(who)?))?;
        Ok((found.did.to_string(), found.handle.map(|handle| handle.to_string()), found.pds))
    }
}

impl Atmosphere {
    fn begin(
        py: Python<'_>,
        lexicons: &str,
        begin: impl FnOnce() -> atdata::Result<Client> + Send,
    ) -> PyResult<Self> {
        let lexicons = self::lexicons(lexicons)?;
        let client = py.detach(begin).map_err(|error| raise(py, error))?;
        let inner = atmosphere::Atmosphere::with_client(Arc::new(client));
        Ok(Self { inner: inner.with_lexicons(lexicons) })
    }
}

/// The network of the environment; a server that the caller names may be reached.
pub(super) fn open(service: Option<&str>) -> atdata::Result<Arc<Network>> {
    let network = open_network()?;
    if let Some(service) = service {
        network.allow(service)?;
    }
    Ok(network)
}

/// Keeps a session in a file that its owner alone can read.
#[pyfunction]
#[pyo3(signature = (path, session, /))]
pub(crate) fn save_session(path: PathBuf, session: &str) -> PyResult<()> {
    SessionFile::new(path).save(session).map_err(super::network)
}

/// The session in a file; None if there is no file.
#[pyfunction]
#[pyo3(signature = (path, /))]
pub(crate) fn saved_session(path: PathBuf) -> PyResult<Option<String>> {
    SessionFile::new(path).load().map_err(super::network)
}
