//! Places that shards are written to.

use crate::atmosphere::{Atmosphere, Published};
use crate::errors::raise;
use crate::index::watcher;
use crate::shards::Shards;
use atdata::atmosphere::Place;
use atdata::open_store;
use atdata::remote::S3Options;
use atdata::source::DataSource;
use atdata::store::{DataStore, LocalDiskStore, ObjectStoreStore, PdsStore};
use pyo3::prelude::*;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// A store of the engine.
#[pyclass(frozen, module = "atdata._atdata")]
pub(crate) struct Store {
    pub(crate) inner: Arc<dyn DataStore>,
    /// The same, where it is the blobs of an account.
    pub(crate) pds: Option<PdsStore>,
}

impl Store {
    fn of(inner: Arc<dyn DataStore>) -> Self {
        Self { inner, pds: None }
    }

    pub(crate) fn place(&self) -> Place {
        match &self.pds {
            Some(store) => Place::Blobs(store.clone()),
            None => Place::Store(Arc::clone(&self.inner)),
        }
    }
}

#[pymethods]
impl Store {
    /// A folder; without one, `data` in the folder of atdata's own.
    #[staticmethod]
    #[pyo3(signature = (root = None))]
    fn local(py: Python<'_>, root: Option<PathBuf>) -> PyResult<Self> {
        let root = root.or_else(|| atdata::config::home().map(|home| home.join("data")));
        let store = LocalDiskStore::new(root.unwrap_or_else(|| PathBuf::from("atdata-data")));
        Ok(Self::of(Arc::new(store.map_err(|error| raise(py, error))?)))
    }

    /// What is at a path or URL, with the credentials of the environment.
    #[staticmethod]
    #[pyo3(signature = (url, /))]
    fn open(py: Python<'_>, url: &str) -> PyResult<Self> {
        let inner = py.detach(|| open_store(url)).map_err(|error| raise(py, error))?;
        Ok(Self::of(inner))
    }

    /// A bucket of S3. What is not given is looked up in the environment and profile.
    #[staticmethod]
    #[allow(clippy::too_many_arguments, reason = "keywords of a Python function")]
    #[pyo3(signature = (
        bucket, *, prefix = None, endpoint = None, region = None, credentials = None,
        env_file = None, profile = None
    ))]
    fn s3(
        py: Python<'_>,
        bucket: &str,
        prefix: Option<String>,
        endpoint: Option<String>,
        region: Option<String>,
        credentials: Option<HashMap<String, String>>,
        env_file: Option<PathBuf>,
        profile: Option<String>,
    ) -> PyResult<Self> {
        let mut options = S3Options::new(bucket).prefix(prefix.unwrap_or_default());
        if let Some(endpoint) = endpoint {
            options = options.endpoint(endpoint);
        }
        if let Some(region) = region {
            options = options.region(region);
        }
        if let Some(profile) = profile {
            options = options.profile(profile);
        }
        if let Some(path) = env_file {
            options = options.env_file(path);
        }
        options = options.credentials(credentials.unwrap_or_default());
        let store = py.detach(|| ObjectStoreStore::s3(options.resolve()?));
        Ok(Self::of(Arc::new(store.map_err(|error| raise(py, error))?)))
    }

    /// The blobs of an account.
    #[staticmethod]
    #[pyo3(signature = (atmosphere, /))]
    fn blobs(py: Python<'_>, atmosphere: &Atmosphere) -> PyResult<Self> {
        let store = atmosphere.inner.blobs().map_err(|error| raise(py, error))?;
        Ok(Self { inner: Arc::new(store.clone()), pds: Some(store) })
    }

    /// Copies shards there, cut anew where they are larger than it takes; gives their URLs.
    #[pyo3(signature = (shards, prefix, progress, /))]
    fn put(
        &self,
        py: Python<'_>,
        shards: &Shards,
        prefix: &str,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Vec<String>> {
        let (shards, place, progress) = (shards.all(), self.place(), progress.map(watcher));
        py.detach(|| place.put(shards, prefix, progress)).map_err(|error| raise(py, error))
    }

    /// The most bytes that a shard may have there.
    fn max_shard_bytes(&self, py: Python<'_>) -> Option<u64> {
        py.detach(|| self.inner.max_shard_bytes())
    }

    #[getter]
    fn address(&self) -> String {
        self.inner.address()
    }

    /// Reaches the store, and sees that it may be read.
    fn check(&self, py: Python<'_>) -> PyResult<()> {
        py.detach(|| self.inner.check()).map_err(|error| raise(py, error))
    }

    /// Whether a URL lies within the store.
    #[pyo3(signature = (url, /))]
    fn holds(&self, url: &str) -> bool {
        self.inner.holds(url)
    }

    /// A URL by which others can read a shard, signed for so many seconds if asked for.
    #[pyo3(signature = (url, signed_for = None))]
    fn read_url(&self, py: Python<'_>, url: &str, signed_for: Option<u64>) -> PyResult<String> {
        let signed_for = signed_for.map(Duration::from_secs);
        py.detach(|| self.inner.read_url(url, signed_for)).map_err(|error| raise(py, error))
    }
}

/// What shards are read with: a store's credentials, or as somebody has published them.
#[derive(FromPyObject)]
pub(crate) enum Reader<'py> {
    #[pyo3(transparent)]
    Store(PyRef<'py, Store>),
    #[pyo3(transparent)]
    Published(PyRef<'py, Published>),
}

impl Reader<'_> {
    /// The shards at these addresses.
    pub(crate) fn open(&self) -> Opener {
        match self {
            Self::Store(store) => Opener::Store(Arc::clone(&store.inner)),
            Self::Published(published) => Opener::Source(published.source()),
        }
    }
}

/// The same without Python.
pub(crate) enum Opener {
    Store(Arc<dyn DataStore>),
    Source(Arc<dyn DataSource>),
}

impl Opener {
    pub(crate) fn source(self, urls: Vec<String>) -> Arc<dyn DataSource> {
        match self {
            Self::Store(store) => store.source(urls),
            Self::Source(source) => source,
        }
    }
}
