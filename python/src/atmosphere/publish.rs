//! Publishing data sets.

use super::rows::{DatasetRow, found_row};
use super::schemas::versioned;
use super::{Atmosphere, network};
use crate::entry::{EntryRow, entry_of};
use crate::index::{Index, SchemaText, WriteOptions, json_of, watcher};
use crate::shards::Shards;
use crate::store::Store;
use atdata::atmosphere::{Promotion, Publishing, SchemaFor, Size, Storage};
use atdata::atproto::{BlobRef, RecordKey};
use atdata::schema::Schema;
use pyo3::prelude::*;
use std::sync::Arc;

/// A schema as Python gives it: the address of one, or a document with its version.
#[derive(FromPyObject)]
pub(crate) enum GivenSchema {
    #[pyo3(transparent)]
    At(String),
    #[pyo3(transparent)]
    Type((SchemaText, String)),
}

/// The same, understood.
enum Wanted {
    At(String),
    Type(Box<Schema>),
}

impl Wanted {
    fn of(py: Python<'_>, given: GivenSchema) -> PyResult<Self> {
        Ok(match given {
            GivenSchema::At(reference) => Self::At(reference),
            GivenSchema::Type((document, version)) => {
                Self::Type(Box::new(versioned(py, document, &version)?))
            }
        })
    }

    fn schema(&self) -> SchemaFor<'_> {
        match self {
            Self::At(reference) => SchemaFor::At(reference),
            Self::Type(schema) => SchemaFor::Type(schema),
        }
    }
}

fn key(rkey: Option<&str>) -> PyResult<Option<RecordKey>> {
    rkey.map(RecordKey::parse).transpose().map_err(network)
}

#[pymethods]
impl Atmosphere {
    /// Publishes shards where they are.
    #[pyo3(signature = (urls, name, schema, options, rkey, strict, /))]
    #[allow(
        clippy::needless_pass_by_value,
        clippy::too_many_arguments,
        reason = "arguments of a Python method, which are owned"
    )]
    fn publish_urls<'py>(
        &self,
        py: Python<'py>,
        urls: Vec<String>,
        name: &str,
        schema: GivenSchema,
        options: &WriteOptions,
        rkey: Option<&str>,
        strict: bool,
    ) -> PyResult<DatasetRow<'py>> {
        let (wanted, rkey) = (Wanted::of(py, schema)?, key(rkey)?);
        let found = self.ask(py, |atmosphere| {
            let storage = Storage::External(Vec::new());
            let mut new = Publishing::new(name, wanted.schema(), storage);
            (new.about, new.rkey) = (options.about(), rkey);
            atmosphere.publish_urls(&urls, new, strict)
        })?;
        found_row(py, &found, Some(&self.inner))
    }

    /// Publishes blobs that were uploaded, each as JSON.
    #[pyo3(signature = (blobs, name, schema, options, rkey, /))]
    #[allow(clippy::needless_pass_by_value, reason = "arguments of a Python method are owned")]
    fn publish_blobs<'py>(
        &self,
        py: Python<'py>,
        blobs: Vec<String>,
        name: &str,
        schema: GivenSchema,
        options: &WriteOptions,
        rkey: Option<&str>,
    ) -> PyResult<DatasetRow<'py>> {
        let (wanted, rkey) = (Wanted::of(py, schema)?, key(rkey)?);
        let blob = |text: &String| BlobRef::from_value(&json_of(text)?).map_err(network);
        let blobs = blobs.iter().map(blob).collect::<PyResult<Vec<_>>>()?;
        let bytes = Some(blobs.iter().map(|blob| blob.size).sum());
        let size = Size { samples: None, bytes, shards: Some(blobs.len() as u64) };
        let found = self.ask(py, |atmosphere| {
            let mut new = Publishing::new(name, wanted.schema(), Storage::Blobs(blobs));
            (new.about, new.rkey, new.size) = (options.about(), rkey, size);
            atmosphere.publish_dataset(new)
        })?;
        found_row(py, &found, Some(&self.inner))
    }

    /// Copies shards into a store, and publishes them there.
    #[pyo3(signature = (shards, store, name, schema, options, rkey, progress, /))]
    #[allow(clippy::too_many_arguments, reason = "arguments of a Python method")]
    fn insert<'py>(
        &self,
        py: Python<'py>,
        shards: &Shards,
        store: &Store,
        name: &str,
        schema: GivenSchema,
        options: &WriteOptions,
        rkey: Option<&str>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<DatasetRow<'py>> {
        let (wanted, rkey) = (Wanted::of(py, schema)?, key(rkey)?);
        let (shards, place, progress) = (shards.all(), store.place(), progress.map(watcher));
        let found = self.ask(py, |atmosphere| {
            let storage = Storage::External(Vec::new());
            let mut new = Publishing::new(name, wanted.schema(), storage);
            (new.about, new.rkey) = (options.about(), rkey);
            atmosphere.insert(shards, &place, &new, progress)
        })?;
        found_row(py, &found, Some(&self.inner))
    }

    /// Publishes an entry of an index.
    #[pyo3(signature = (index, entry, name, options, store, strict, progress, /))]
    #[allow(clippy::too_many_arguments, reason = "arguments of a Python method")]
    fn promote<'py>(
        &self,
        py: Python<'py>,
        index: &Index,
        entry: EntryRow<'py>,
        name: Option<String>,
        options: &WriteOptions,
        store: Option<&Store>,
        strict: bool,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<DatasetRow<'py>> {
        let (entry, from) = (entry_of(entry)?, &index.inner);
        let blobs = store.is_some_and(|store| store.pds.is_some());
        let store = store.filter(|_| !blobs).map(|store| Arc::clone(&store.inner));
        let (about, progress) = (options.about(), progress.map(watcher));
        let promotion = Promotion { name, about, store, blobs, strict, progress };
        let found = self.ask(py, |atmosphere| atmosphere.promote(from, &entry, promotion))?;
        found_row(py, &found, Some(&self.inner))
    }
}
