//! A network in memory, for users' own tests.

use super::{Atmosphere, lexicons, network};
use atdata::atproto::testing;
use atdata::atproto::{Did, cid};
use atdata::store::UploadJournal;
use pyo3::prelude::*;

/// A network in memory.
#[pyclass(frozen, module = "atdata._atdata")]
pub(crate) struct LocalAtmosphere {
    inner: testing::LocalAtmosphere,
}

#[pymethods]
impl LocalAtmosphere {
    #[new]
    fn new() -> Self {
        Self { inner: testing::LocalAtmosphere::new() }
    }

    /// A new account; gives its DID.
    fn account(&self, handle: &str, password: &str, server: Option<&str>) -> PyResult<String> {
        let made = match server {
            Some(server) => self.inner.account_on(server, handle, password),
            None => self.inner.account(handle, password),
        };
        made.map(|did| did.to_string()).map_err(network)
    }

    /// The network with an account that is logged in.
    fn login(&self, handle: &str, password: &str, lexicons: &str) -> PyResult<Atmosphere> {
        let network = self.inner.network();
        let inner = atdata::atmosphere::Atmosphere::login(network, handle, password, None);
        let inner = inner.map_err(|error| Python::attach(|py| crate::errors::raise(py, error)))?;
        Self::of(inner, lexicons)
    }

    /// The network without an account.
    fn reading(&self, lexicons: &str) -> PyResult<Atmosphere> {
        Self::of(atdata::atmosphere::Atmosphere::reading(self.inner.network()), lexicons)
    }

    fn fail_next(&self, count: usize, status: u16) {
        self.inner.fail_next(count, status);
    }

    fn expire_tokens(&self, did: &str) -> PyResult<()> {
        self.inner.expire_tokens(&Did::parse(did).map_err(network)?);
        Ok(())
    }

    fn revoke(&self, did: &str) -> PyResult<()> {
        self.inner.revoke(&Did::parse(did).map_err(network)?);
        Ok(())
    }

    fn limit_blobs(&self, nbytes: u64) {
        self.inner.limit_blobs(nbytes);
    }

    fn corrupt_blob(&self, did: &str, blob: &str) -> PyResult<bool> {
        let did = Did::parse(did).map_err(network)?;
        Ok(self.inner.corrupt_blob(&did, &cid::parse(blob).map_err(network)?))
    }
}

impl LocalAtmosphere {
    /// What is uploaded to a network that ends with the process is noted nowhere.
    fn of(inner: atdata::atmosphere::Atmosphere, written: &str) -> PyResult<Atmosphere> {
        let inner = inner.with_lexicons(lexicons(written)?);
        Ok(Atmosphere { inner: inner.with_journal(UploadJournal::default()) })
    }
}
