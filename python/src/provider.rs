//! Where an index keeps its rows: in the engine's backends, or in a Python object.

use crate::entry::{EntryRow, LabelRow, entry_of, entry_row, label_of, label_row};
use crate::errors::raise;
use atdata::provider::{
    Document, DocumentKind, Entry, IndexProvider, Label, MemoryProvider, Moment, Page,
    PostgresProvider, Query, RedisOptions, RedisProvider, TlsOptions,
};
use atdata::{Error, Result};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::path::PathBuf;
use std::sync::Arc;

/// A provider of the engine.
#[pyclass(frozen, module = "atdata._atdata")]
pub(crate) struct Provider {
    pub(crate) inner: Arc<dyn IndexProvider>,
}

impl Provider {
    fn of(inner: impl IndexProvider + 'static) -> Self {
        Self { inner: Arc::new(inner) }
    }
}

#[pymethods]
impl Provider {
    /// Rows in the memory of this process.
    #[staticmethod]
    fn memory() -> Self {
        Self::of(MemoryProvider::default())
    }

    /// Rows in what a URL names.
    #[staticmethod]
    #[pyo3(signature = (url, /))]
    fn open(py: Python<'_>, url: &str) -> PyResult<Self> {
        let inner = py.detach(|| atdata::open::open_provider(url));
        Ok(Self { inner: inner.map_err(|error| raise(py, error))? })
    }

    /// Rows in a file; without one, in memory.
    #[staticmethod]
    #[pyo3(signature = (path = None))]
    #[allow(clippy::needless_pass_by_value, reason = "arguments of a Python function are owned")]
    fn sqlite(py: Python<'_>, path: Option<PathBuf>) -> PyResult<Self> {
        let inner = py.detach(|| atdata::open::open_sqlite(path.as_deref()));
        Ok(Self { inner: inner.map_err(|error| raise(py, error))? })
    }

    /// Rows in Redis.
    #[staticmethod]
    #[allow(clippy::too_many_arguments, reason = "keywords of a Python function")]
    #[pyo3(signature = (
        *, hosts, db = 0, username = None, password = None, tls = false, ca = None,
        verify = true, cluster = false
    ))]
    fn redis(
        py: Python<'_>,
        hosts: Vec<(String, u16)>,
        db: i64,
        username: Option<String>,
        password: Option<String>,
        tls: bool,
        ca: Option<PathBuf>,
        verify: bool,
        cluster: bool,
    ) -> PyResult<Self> {
        let tls = tls.then_some(TlsOptions { ca, verify, identity: None });
        let options = RedisOptions { hosts, db, username, password, tls, cluster };
        let inner = RedisProvider::open(options).map_err(|error| raise(py, error))?;
        Ok(Self::of(inner))
    }

    /// Rows in `PostgreSQL`.
    #[staticmethod]
    #[pyo3(signature = (dsn, /))]
    fn postgres(py: Python<'_>, dsn: &str) -> PyResult<Self> {
        let inner = py.detach(|| PostgresProvider::open(dsn));
        Ok(Self::of(inner.map_err(|error| raise(py, error))?))
    }

    /// Rows in a Python object with the same methods.
    #[staticmethod]
    #[pyo3(signature = (own, /))]
    fn of_object(own: Py<PyAny>) -> Self {
        Self::of(PyProvider { object: own })
    }

    #[getter]
    fn address(&self) -> String {
        self.inner.address()
    }

    /// Reaches the database, and sees that it is one that this version can use.
    fn check(&self, py: Python<'_>) -> PyResult<()> {
        py.detach(|| self.inner.check()).map_err(|error| raise(py, error))
    }

    /// Puts entries and labels, as rows.
    #[pyo3(signature = (entries, labels, /))]
    fn put(
        &self,
        py: Python<'_>,
        entries: Vec<EntryRow<'_>>,
        labels: Vec<LabelRow>,
    ) -> PyResult<()> {
        let entries = entries.into_iter().map(entry_of).collect::<PyResult<Vec<_>>>()?;
        let labels: Vec<_> = labels.into_iter().map(label_of).collect();
        py.detach(|| self.inner.put(&entries, &labels)).map_err(|error| raise(py, error))
    }

    /// The row of a CID, or None.
    #[pyo3(signature = (cid, /))]
    fn entry<'py>(&self, py: Python<'py>, cid: &str) -> PyResult<Option<EntryRow<'py>>> {
        let found = py.detach(|| self.inner.entry(cid)).map_err(|error| raise(py, error))?;
        found.map(|entry| entry_row(py, entry)).transpose()
    }
}

/// A Python object as a provider.
#[derive(Debug)]
struct PyProvider {
    object: Py<PyAny>,
}

/// An exception on its way through the engine.
fn failed(error: PyErr) -> Error {
    let path = PathBuf::from("the index's provider");
    Error::Io { action: "use", path, source: std::io::Error::other(error) }
}

impl PyProvider {
    fn with<T>(&self, ask: impl for<'py> FnOnce(&Bound<'py, PyAny>) -> PyResult<T>) -> Result<T> {
        Python::attach(|py| ask(self.object.bind(py))).map_err(failed)
    }
}

const fn word(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Schema => "schema",
        DocumentKind::Lens => "lens",
    }
}

fn entries_of(rows: &Bound<'_, PyAny>) -> PyResult<Vec<Entry>> {
    rows.try_iter()?.map(|row| entry_of(row?.extract()?)).collect()
}

fn maybe_entry(row: &Bound<'_, PyAny>) -> PyResult<Option<Entry>> {
    if row.is_none() { Ok(None) } else { entry_of(row.extract()?).map(Some) }
}

fn query_dict<'py>(py: Python<'py>, query: &Query) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("words", &query.words)?;
    dict.set_item("tags", &query.tags)?;
    dict.set_item("schema", &query.schema)?;
    dict.set_item("license", &query.license)?;
    Ok(dict)
}

impl IndexProvider for PyProvider {
    fn address(&self) -> String {
        self.with(|object| object.get_type().qualname()?.extract())
            .unwrap_or_else(|_| "a provider".to_owned())
    }

    fn check(&self) -> Result<()> {
        Ok(())
    }

    fn put(&self, entries: &[Entry], labels: &[Label]) -> Result<()> {
        self.with(|object| {
            let py = object.py();
            let entries: Vec<_> = entries
                .iter()
                .map(|entry| entry_row(py, entry.clone()))
                .collect::<PyResult<_>>()?;
            let labels: Vec<_> = labels.iter().cloned().map(label_row).collect();
            object.call_method1("put", (entries, labels)).map(drop)
        })
    }

    fn entry(&self, cid: &str) -> Result<Option<Entry>> {
        self.with(|object| maybe_entry(&object.call_method1("entry", (cid,))?))
    }

    fn named(&self, name: &str, version: &str) -> Result<Option<Entry>> {
        self.with(|object| maybe_entry(&object.call_method1("named", (name, version))?))
    }

    fn current(&self, page: &Page) -> Result<Vec<Entry>> {
        self.with(|object| entries_of(&object.call_method1("current", (&page.after, page.limit))?))
    }

    fn entries(&self, page: &Page) -> Result<Vec<Entry>> {
        self.with(|object| entries_of(&object.call_method1("entries", (&page.after, page.limit))?))
    }

    fn search(&self, query: &Query, page: &Page) -> Result<Vec<Entry>> {
        self.with(|object| {
            let query = query_dict(object.py(), query)?;
            entries_of(&object.call_method1("search", (query, &page.after, page.limit))?)
        })
    }

    fn history(&self, name: &str) -> Result<Vec<Moment>> {
        let rows: Vec<(String, String)> =
            self.with(|object| object.call_method1("history", (name,))?.extract())?;
        Ok(rows.into_iter().map(|(cid, at)| Moment { cid, at }).collect())
    }

    fn labels(&self, cid: &str) -> Result<Vec<Label>> {
        let rows: Vec<LabelRow> =
            self.with(|object| object.call_method1("labels", (cid,))?.extract())?;
        Ok(rows.into_iter().map(label_of).collect())
    }

    fn remove_entry(&self, cid: &str) -> Result<bool> {
        self.with(|object| object.call_method1("remove_entry", (cid,))?.extract())
    }

    fn remove_label(&self, name: &str, version: &str) -> Result<bool> {
        self.with(|object| object.call_method1("remove_label", (name, version))?.extract())
    }

    fn create_document(&self, kind: DocumentKind, document: &Document) -> Result<bool> {
        let Document { name, version, json } = document;
        let row = (word(kind), name, version, json);
        self.with(|object| object.call_method1("create_document", row)?.extract())
    }

    fn document(&self, kind: DocumentKind, name: &str, version: &str) -> Result<Option<Document>> {
        let json: Option<String> = self.with(|object| {
            object.call_method1("document", (word(kind), name, version))?.extract()
        })?;
        let (name, version) = (name.to_owned(), version.to_owned());
        Ok(json.map(|json| Document { name, version, json }))
    }

    fn versions(&self, kind: DocumentKind, name: &str) -> Result<Vec<String>> {
        self.with(|object| object.call_method1("versions", (word(kind), name))?.extract())
    }

    fn documents(&self, kind: DocumentKind, page: &Page) -> Result<Vec<Document>> {
        let rows: Vec<(String, String, String)> = self.with(|object| {
            object.call_method1("documents", (word(kind), &page.after, page.limit))?.extract()
        })?;
        let row = |(name, version, json)| Document { name, version, json };
        Ok(rows.into_iter().map(row).collect())
    }
}
