//! The index.

use crate::encode::Encoder;
use crate::entry::{
    EntryRow, LabelRow, entry_row, entry_rows, label_of, label_row, metadata_of, moments,
};
use crate::errors::raise;
use crate::provider::Provider;
use crate::shards::Shards;
use crate::store::Store;
use crate::write::{Target, Writer, fill};
use atdata::index::{Garbage, IndexWrite, SchemaOf, ShardState};
use atdata::provider::{Document, DocumentKind, Page, Query};
use atdata::schema::{Schema, Version};
use atdata::store::Found;
use atdata::{Error, Progress, Value};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A schema's document as JSON, and the fields that have a default.
type SchemaText = (String, Vec<String>);

/// URL, size in bytes, and time of writing in seconds since 1970.
type FoundRow = (String, u64, f64);

/// An index of the engine.
#[pyclass(frozen, module = "atdata._atdata")]
pub(crate) struct Index {
    inner: atdata::index::Index,
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
        let options = options.index_write(py)?;
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
        let options = IndexWrite { progress: progress.map(watcher), ..options.index_write(py)? };
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
    #[allow(clippy::too_many_arguments, reason = "keywords of a Python method")]
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
        let options = options.index_write(py)?;
        let writing = self.ask(py, move |index| index.begin(name, &options))?;
        let mut writer = Writer::new(layout_of, key, Encoder::default());
        let target = Target::Store(Box::new(writing));
        let target = fill(samples, &mut writer, target, progress.as_ref(), manifest_of)?;
        let schema = self::schema_of(schema_of.call0()?.extract()?)?;
        let Target::Store(writing) = target else { return Err(PyValueError::new_err("no store")) };
        let committed = py.detach(|| writing.commit(&schema)).map_err(|error| raise(py, error))?;
        Ok((entry_row(py, committed.0)?, committed.1.warning()))
    }

    // Keeping house.

    /// CIDs and times, the newest first.
    #[pyo3(signature = (name, /))]
    fn history(&self, py: Python<'_>, name: &str) -> PyResult<Vec<(String, String)>> {
        self.ask(py, |index| index.history(name)).map(moments)
    }

    /// Names a version of an entry.
    #[pyo3(signature = (cid, name, version, description = None))]
    fn label(
        &self,
        py: Python<'_>,
        cid: &str,
        name: &str,
        version: &str,
        description: Option<&str>,
    ) -> PyResult<LabelRow> {
        self.ask(py, |index| index.label(cid, name, version, description)).map(label_row)
    }

    /// The labels of an entry.
    #[pyo3(signature = (cid, /))]
    fn labels(&self, py: Python<'_>, cid: &str) -> PyResult<Vec<LabelRow>> {
        let labels = self.ask(py, |index| index.provider().labels(cid))?;
        Ok(labels.into_iter().map(label_row).collect())
    }

    /// Puts labels as they are.
    #[pyo3(signature = (labels, /))]
    fn put_labels(&self, py: Python<'_>, labels: Vec<LabelRow>) -> PyResult<()> {
        let labels: Vec<_> = labels.into_iter().map(label_of).collect();
        self.ask(py, |index| index.provider().put(&[], &labels))
    }

    /// Removes a name, version or CID; gives the entries that are gone.
    #[pyo3(signature = (text, /))]
    fn delete<'py>(&self, py: Python<'py>, text: &str) -> PyResult<Vec<EntryRow<'py>>> {
        entry_rows(py, self.ask(py, |index| index.delete(text))?)
    }

    /// URL, SHA-256, bytes, state and what is wrong, of every shard of what a text means.
    #[pyo3(signature = (text, progress = None))]
    #[allow(clippy::type_complexity, reason = "a row is a tuple in Python")]
    fn verify(
        &self,
        py: Python<'_>,
        text: &str,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Vec<(String, Option<String>, u64, &'static str, Option<String>)>> {
        let mut raised = None;
        let verdicts = py.detach(|| {
            let entry = self.inner.find(text)?;
            self.inner.verify(&entry, |shard, bytes| {
                let Some(progress) = &progress else { return true };
                let told = Python::attach(|py| progress.call1(py, (shard, bytes)).map(drop));
                raised = told.err();
                raised.is_none()
            })
        });
        if let Some(error) = raised {
            return Err(error);
        }
        let verdicts = verdicts.map_err(|error| raise(py, error))?;
        let row = |verdict: atdata::index::ShardVerdict| {
            let (state, problem) = match verdict.state {
                ShardState::Right => ("right", None),
                ShardState::Unknown => ("unknown", None),
                ShardState::Wrong(problem) => ("wrong", Some(problem)),
            };
            (verdict.url, verdict.sha256, verdict.bytes, state, problem)
        };
        Ok(verdicts.into_iter().map(row).collect())
    }

    /// Files that no entry names and that are older than so many seconds, and how many were seen.
    #[pyo3(signature = (grace, /))]
    fn garbage(&self, py: Python<'_>, grace: f64) -> PyResult<(Vec<FoundRow>, usize)> {
        let grace = Duration::try_from_secs_f64(grace)
            .map_err(|_| PyValueError::new_err("grace is a number of seconds, 0 or more"))?;
        let garbage = self.ask(py, |index| index.garbage(grace))?;
        Ok((garbage.found.iter().map(found_row).collect(), garbage.seen))
    }

    /// Removes those of some files that no entry names; gives them.
    #[pyo3(signature = (found, /))]
    fn remove_garbage(&self, py: Python<'_>, found: Vec<FoundRow>) -> PyResult<Vec<FoundRow>> {
        let found = found.into_iter().map(|(url, bytes, time)| {
            let modified = UNIX_EPOCH + Duration::try_from_secs_f64(time).unwrap_or_default();
            Found { url, bytes, modified }
        });
        let garbage = Garbage { found: found.collect(), seen: 0 };
        let removed = self.ask(py, |index| index.remove_garbage(&garbage))?;
        Ok(removed.found.iter().map(found_row).collect())
    }

    /// Writes all rows into a file.
    #[pyo3(signature = (path, /))]
    #[allow(clippy::needless_pass_by_value, reason = "arguments of a Python method are owned")]
    fn export(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        self.ask(py, |index| index.export(&path))
    }

    /// Reads such a file: entries, documents, labels, and names that were left as they are.
    #[pyo3(signature = (path, replace, /))]
    #[allow(clippy::needless_pass_by_value, reason = "arguments of a Python method are owned")]
    fn import_(
        &self,
        py: Python<'_>,
        path: PathBuf,
        replace: bool,
    ) -> PyResult<(usize, usize, usize, Vec<String>)> {
        let done = self.ask(py, |index| index.import(&path, replace))?;
        Ok((done.entries, done.documents, done.labels, done.kept))
    }

    // Lenses: documents that the package itself understands.

    /// Puts a lens under a version that is not there yet; False if it is.
    #[pyo3(signature = (name, version, json, /))]
    fn create_lens(
        &self,
        py: Python<'_>,
        name: String,
        version: String,
        json: String,
    ) -> PyResult<bool> {
        let document = Document { name, version, json };
        self.ask(py, |index| index.provider().create_document(DocumentKind::Lens, &document))
    }

    /// The document of a lens, or None.
    #[pyo3(signature = (name, version, /))]
    fn lens(&self, py: Python<'_>, name: &str, version: &str) -> PyResult<Option<String>> {
        let found =
            self.ask(py, |index| index.provider().document(DocumentKind::Lens, name, version))?;
        Ok(found.map(|document| document.json))
    }

    /// The versions of a lens.
    #[pyo3(signature = (name, /))]
    fn lens_versions(&self, py: Python<'_>, name: &str) -> PyResult<Vec<String>> {
        self.ask(py, |index| index.provider().versions(DocumentKind::Lens, name))
    }

    /// Name, version and document of lenses, after one as `name@version`.
    #[pyo3(signature = (after, limit, /))]
    fn lenses(
        &self,
        py: Python<'_>,
        after: Option<String>,
        limit: usize,
    ) -> PyResult<Vec<(String, String, String)>> {
        let page = Page { after, limit };
        let found = self.ask(py, |index| index.provider().documents(DocumentKind::Lens, &page))?;
        Ok(found.into_iter().map(|row| (row.name, row.version, row.json)).collect())
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

/// How a data set is written, and what is said of it.
#[pyclass(frozen, module = "atdata._atdata")]
pub(crate) struct WriteOptions {
    maxcount: Option<u64>,
    maxsize: Option<u64>,
    description: Option<String>,
    tags: Vec<String>,
    license: Option<String>,
    metadata: Option<Value>,
    prefix: Option<String>,
}

#[pymethods]
impl WriteOptions {
    #[new]
    #[pyo3(signature = (
        *, maxcount = None, maxsize = None, description = None, tags = Vec::new(),
        license = None, metadata, prefix = None
    ))]
    fn new(
        maxcount: Option<u64>,
        maxsize: Option<u64>,
        description: Option<String>,
        tags: Vec<String>,
        license: Option<String>,
        metadata: &Bound<'_, PyAny>,
        prefix: Option<String>,
    ) -> PyResult<Self> {
        let metadata = metadata_of(metadata)?;
        Ok(Self { maxcount, maxsize, description, tags, license, metadata, prefix })
    }
}

impl WriteOptions {
    #[allow(clippy::unnecessary_wraps, reason = "options grow checks")]
    fn index_write(&self, _: Python<'_>) -> PyResult<IndexWrite> {
        Ok(IndexWrite {
            max_count: self.maxcount,
            max_size: self.maxsize,
            manifest: false,
            description: self.description.clone(),
            tags: self.tags.clone(),
            license: self.license.clone(),
            metadata: self.metadata.clone(),
            prefix: self.prefix.clone(),
            progress: None,
        })
    }
}

fn which<'a>(schema_ref: Option<&'a str>, schema: &'a Schema) -> SchemaOf<'a> {
    match schema_ref {
        Some(reference) => SchemaOf::Reference(reference, schema),
        None => SchemaOf::Type(schema),
    }
}

fn json_of(text: &str) -> PyResult<serde_json::Value> {
    serde_json::from_str(text).map_err(|error| PyValueError::new_err(error.to_string()))
}

fn schema_of((document, defaults): SchemaText) -> PyResult<Schema> {
    let parsed = Schema::from_json(&json_of(&document)?).map_err(Error::from);
    let mut schema = parsed.map_err(|error| Python::attach(|py| raise(py, error)))?;
    for field in &mut schema.fields {
        field.has_default = defaults.contains(&field.name);
    }
    Ok(schema)
}

/// A Python callback that is told samples and bytes; what it raises stops.
fn watcher(progress: Py<PyAny>) -> Box<dyn FnMut(Progress) -> bool + Send> {
    Box::new(move |so_far| {
        let told =
            Python::attach(|py| progress.call1(py, (so_far.samples, so_far.bytes)).map(drop));
        told.is_ok()
    })
}

fn found_row(found: &Found) -> FoundRow {
    let time = found.modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    (found.url.clone(), found.bytes, time.as_secs_f64())
}
