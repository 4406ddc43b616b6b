//! Shards that somebody has published, as a source.

use super::Atmosphere;
use crate::errors::raise;
use atdata::open::open_network;
use atdata::source::{BlobSource, BlobUrl, DataSource, Mirrored};
use atdata::{Result, SourceOptions, open_source};
use pyo3::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;

/// Shards that somebody has published, and how they are reached.
#[pyclass(frozen, module = "atdata._atdata")]
pub(crate) struct Published {
    source: Arc<dyn DataSource>,
    blobs: Option<Arc<BlobSource>>,
}

#[pymethods]
impl Published {
    #[new]
    #[pyo3(signature = (
        urls, *, beside = None, endpoint = None, untrusted = true, mirrors = Vec::new(),
        checksums = None, atmosphere = None
    ))]
    #[allow(clippy::too_many_arguments, reason = "keywords of a Python class")]
    fn new(
        py: Python<'_>,
        urls: Vec<String>,
        beside: Option<HashMap<String, String>>,
        endpoint: Option<String>,
        untrusted: bool,
        mirrors: Vec<String>,
        checksums: Option<HashMap<String, String>>,
        atmosphere: Option<&Atmosphere>,
    ) -> PyResult<Self> {
        let network = atmosphere.map(|atmosphere| Arc::clone(atmosphere.inner.network()));
        let made = || {
            let network = network.map_or_else(open_network, Ok)?;
            if urls.iter().all(|url| BlobUrl::parse(url).is_ok()) {
                let source = BlobSource::new(network, urls).with_beside(beside.unwrap_or_default());
                let source = match endpoint {
                    Some(endpoint) => source.with_endpoint(endpoint),
                    None => source,
                };
                return Ok(Self::of_blobs(Arc::new(source)));
            }
            let network = Some(network);
            let options = SourceOptions { network, untrusted, ..SourceOptions::default() };
            Ok(Self { source: open_source(urls, &options)?, blobs: None })
        };
        let made: Result<Self> = py.detach(made);
        let made = made.map_err(|error| raise(py, error))?;
        Ok(made.mirrored(mirrors, checksums.unwrap_or_default()))
    }

    /// Where everybody may read a blob.
    #[pyo3(signature = (url, /))]
    fn read_url(&self, py: Python<'_>, url: &str) -> PyResult<String> {
        let Some(blobs) = &self.blobs else { return Ok(url.to_owned()) };
        py.detach(|| blobs.read_url(url)).map_err(|error| raise(py, error))
    }
}

impl Published {
    fn of_blobs(blobs: Arc<BlobSource>) -> Self {
        Self { source: Arc::<BlobSource>::clone(&blobs), blobs: Some(blobs) }
    }

    fn mirrored(self, mirrors: Vec<String>, checksums: HashMap<String, String>) -> Self {
        if mirrors.is_empty() {
            return self;
        }
        let source = Arc::new(Mirrored::new(self.source, mirrors, checksums));
        Self { source, blobs: self.blobs }
    }

    pub(crate) fn source(&self) -> Arc<dyn DataSource> {
        Arc::clone(&self.source)
    }
}
