//! Blobs as a source of shards.

use super::Atmosphere;
use crate::errors::raise;
use atdata::open::open_network;
use atdata::source::{BlobSource, DataSource};
use pyo3::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;

/// Blobs of repositories, and how they are reached.
#[pyclass(frozen, module = "atdata._atdata")]
pub(crate) struct Blobs {
    source: Arc<BlobSource>,
}

#[pymethods]
impl Blobs {
    #[new]
    #[pyo3(signature = (urls, *, beside = None, endpoint = None, atmosphere = None))]
    fn new(
        py: Python<'_>,
        urls: Vec<String>,
        beside: Option<HashMap<String, String>>,
        endpoint: Option<String>,
        atmosphere: Option<&Atmosphere>,
    ) -> PyResult<Self> {
        let network = atmosphere.map(|atmosphere| Arc::clone(atmosphere.inner.network()));
        let network = network.map_or_else(open_network, Ok).map_err(|error| raise(py, error))?;
        let mut source = BlobSource::new(network, urls).with_beside(beside.unwrap_or_default());
        if let Some(endpoint) = endpoint {
            source = source.with_endpoint(endpoint);
        }
        Ok(Self { source: Arc::new(source) })
    }

    /// Where everybody may read a blob.
    #[pyo3(signature = (url, /))]
    fn read_url(&self, py: Python<'_>, url: &str) -> PyResult<String> {
        py.detach(|| self.source.read_url(url)).map_err(|error| raise(py, error))
    }
}

impl Blobs {
    pub(crate) fn source(&self) -> Arc<dyn DataSource> {
        Arc::<BlobSource>::clone(&self.source)
    }
}
