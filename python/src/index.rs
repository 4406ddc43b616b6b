//! The index.

mod house;
mod lenses;
mod options;

pub(crate) use options::{SchemaText, WriteOptions, json_of, schema_of, watcher};

use crate::encode::Encoder;
use crate::entry::{EntryRow, entry_row, entry_rows};
use crate::errors::raise;
use crate::provider::Provider;
use crate::shards::Shards;
use crate::store::Store;
use crate::write::{Target, Writer, fill};
use atdata::Error;
use atdata::index::IndexWrite;
use atdata::provider::{Page, Query};
use atdata::schema::Version;
use options::which;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::sync::Arc;

/// An index of the engine.
#[pyclass(frozen, module = "atdata._atdata")]
pub(crate) struct Index {
    pub(crate) inner: atdata::index::Index,
}

#[pymethods]
impl Index {
    #[new]
    #[pyo3(signature = (provider, store = None))]
    fn new(provider: &Provider, store: Option<&Store>) -> Self {
        let index = atdata::index::Index::new(Arc::clone(&provider.inner));
        let inner = match store {
            Some(store) => index.with_store(Arc::clone(&store.inner)),
            None => index,
        };
        Self { inner }
    }

    // Schemas.

    /// Publishes a schema, and gives its reference.
    #[pyo3(signature = (schema, version = None, metadata = None))]
    fn publish_schema(
        &self,
        py: Python<'_>,
        schema: SchemaText,
        version: Option<&str>,
        metadata: Option<&str>,
    ) -> PyResult<String> {
        let schema = schema_of(schema)?;
        let metadata = metadata.map(json_of).transpose()?;
        let version = version.map(|text| Version::parse(text).map_err(Error::from)).transpose();
        let version = version.map_err(|error| raise(py, error))?;
        self.ask(py, |index| index.publish_schema(&schema, version, metadata.as_ref()))
            .map(|reference| reference.to_string())
    }

    /// The reference of a schema that is published if it is not, and what there is to warn of.
    #[pyo3(signature = (schema, /))]
    fn ensure_schema(
        &self,
        py: Python<'_>,
        schema: SchemaText,
    ) -> PyResult<(String, Option<String>)> {
        let schema = schema_of(schema)?;
        let published = self.ask(py, |index| index.ensure_schema(&schema))?;
        Ok((published.reference.to_string(), published.warning()))
    }

    /// The document of a schema and its reference.
    #[pyo3(signature = (reference, /))]
    fn schema(&self, py: Python<'_>, reference: &str) -> PyResult<(String, String)> {
        let found = self.ask(py, |index| index.schema(reference))?;
        Ok((found.document.to_string(), found.reference.to_string()))
    }

    /// The documents and references of all schemas.
    fn schemas(&self, py: Python<'_>) -> PyResult<Vec<(String, String)>> {
        let found = self.ask(py, |index| index.schemas().collect::<atdata::Result<Vec<_>>>())?;
        let row = |found: atdata::index::StoredSchema| {
            (found.document.to_string(), found.reference.to_string())
        };
        Ok(found.into_iter().map(row).collect())
    }

    /// The difference of two schemas, a line a field.
    #[pyo3(signature = (old, new, /))]
    fn schema_diff(&self, py: Python<'_>, old: &str, new: &str) -> PyResult<Vec<String>> {
        let changes = self.ask(py, |index| index.schema_diff(old, new))?;
        Ok(changes.iter().map(ToString::to_string).collect())
    }

    // Entries.

    /// The entry that a name points to.
    #[pyo3(signature = (name, /))]
    fn named<'py>(&self, py: Python<'py>, name: &str) -> PyResult<EntryRow<'py>> {
        entry_row(py, self.ask(py, |index| index.named(name))?)
    }

    /// The entry of a CID.
    #[pyo3(signature = (cid, /))]
    fn entry<'py>(&self, py: Python<'py>, cid: &str) -> PyResult<EntryRow<'py>> {
        entry_row(py, self.ask(py, |index| index.entry(cid))?)
    }

    /// The entry that a name, `name@version` or CID means.
    #[pyo3(signature = (text, /))]
    fn find<'py>(&self, py: Python<'py>, text: &str) -> PyResult<EntryRow<'py>> {
        entry_row(py, self.ask(py, |index| index.find(text))?)
    }

    /// Current entries in the order of their names, after one of them.
    #[pyo3(signature = (after, limit, /))]
    fn current<'py>(
        &self,
        py: Python<'py>,
        after: Option<String>,
        limit: usize,
    ) -> PyResult<Vec<EntryRow<'py>>> {
        let page = Page { after, limit };
        entry_rows(py, self.ask(py, |index| index.provider().current(&page))?)
    }

    /// All entries in the order of their CIDs, after one of them.
    #[pyo3(signature = (after, limit, /))]
    fn entries<'py>(
        &self,
        py: Python<'py>,
        after: Option<String>,
        limit: usize,
    ) -> PyResult<Vec<EntryRow<'py>>> {
        let page = Page { after, limit };
        entry_rows(py, self.ask(py, |index| index.provider().entries(&page))?)
    }

    /// Current entries that fit.
    #[pyo3(signature = (text, tags, schema, license, limit, /))]
    fn search<'py>(
        &self,
        py: Python<'py>,
        text: &str,
        tags: Vec<String>,
        schema: Option<String>,
        license: Option<String>,
        limit: usize,
    ) -> PyResult<Vec<EntryRow<'py>>> {
        let query = Query { tags, schema, license, ..Query::default() }.text(text);
        entry_rows(py, self.ask(py, |index| index.search(&query, limit))?)
    }

    /// Puts URLs under a name.
    #[pyo3(signature = (name, data_urls, schema, *, schema_ref = None, options))]
    fn add_entry<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        data_urls: Vec<String>,
        schema: SchemaText,
        schema_ref: Option<&str>,
        options: &WriteOptions,
    ) -> PyResult<(EntryRow<'py>, Option<String>)> {
        let schema = schema_of(schema)?;
        let options = options.index_write();
        let which = which(schema_ref, &schema);
        let (entry, published) =
            self.ask(py, move |index| index.add_entry(name, data_urls, which, &options))?;
        Ok((entry_row(py, entry)?, published.and_then(|published| published.warning())))
    }

    /// Copies shards into the store, and puts them under a name.
    #[pyo3(signature = (shards, name, schema, *, schema_ref = None, options, progress = None))]
    #[allow(clippy::too_many_arguments, reason = "keywords of a Python method")]
    fn insert<'py>(
        &self,
        py: Python<'py>,
        shards: &Shards,
        name: &str,
        schema: SchemaText,
        schema_ref: Option<&str>,
        options: &WriteOptions,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<(EntryRow<'py>, Option<String>)> {
        let schema = schema_of(schema)?;
        let options = IndexWrite { progress: progress.map(watcher), ..options.index_write() };
        let (which, shards) = (which(schema_ref, &schema), shards.all());
        let (entry, published) =
            self.ask(py, move |index| index.insert(shards, name, which, options))?;
        Ok((entry_row(py, entry)?, published.and_then(|published| published.warning())))
    }

    /// Writes samples into the store, and puts them under a name.
    #[pyo3(signature = (
        samples, name, layout_of, schema_of, *, options, key = None, progress = None,
        manifest_of = None
    ))]
    #[allow(
        clippy::needless_pass_by_value,
        clippy::too_many_arguments,
        reason = "keywords of a Python method, which are owned"
    )]
    fn write<'py>(
        &self,
        py: Python<'py>,
        samples: &Bound<'py, PyAny>,
        name: &str,
        layout_of: Bound<'py, PyAny>,
        schema_of: &Bound<'py, PyAny>,
        options: &WriteOptions,
        key: Option<Bound<'py, PyAny>>,
        progress: Option<Bound<'py, PyAny>>,
        manifest_of: Option<Bound<'py, PyAny>>,
    ) -> PyResult<(EntryRow<'py>, Option<String>)> {
        let options = options.index_write();
        let writing = self.ask(py, move |index| index.begin(name, &options))?;
        let mut writer = Writer::new(layout_of, key, Encoder::default());
        let target = Target::Store(Box::new(writing));
        let target = fill(samples, &mut writer, target, progress.as_ref(), manifest_of)?;
        let schema = options::schema_of(schema_of.call0()?.extract()?)?;
        let Target::Store(writing) = target else { return Err(PyValueError::new_err("no store")) };
        let committed = py.detach(|| writing.commit(&schema)).map_err(|error| raise(py, error))?;
        Ok((entry_row(py, committed.0)?, committed.1.warning()))
    }
}

impl Index {
    /// Asks the engine with the interpreter released.
    fn ask<T: Send>(
        &self,
        py: Python<'_>,
        ask: impl FnOnce(&atdata::index::Index) -> atdata::Result<T> + Send,
    ) -> PyResult<T> {
        py.detach(|| ask(&self.inner)).map_err(|error| raise(py, error))
    }
}
