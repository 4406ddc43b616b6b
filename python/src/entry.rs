//! Rows of an index as Python objects.

use crate::objects::{from_value, value};
use atdata::Value;
use atdata::provider::{Entry, Facts, Label, Moment};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

/// CID, name, schema, URLs, metadata, and the content's CID, samples and bytes where they are known.
pub(crate) type EntryRow<'py> = (
    String,
    String,
    String,
    Vec<String>,
    Bound<'py, PyAny>,
    Option<String>,
    Option<u64>,
    Option<u64>,
);

/// Name, version, CID and description.
pub(crate) type LabelRow = (String, String, String, Option<String>);

pub(crate) fn entry_row<'py>(py: Python<'py>, entry: Entry) -> PyResult<EntryRow<'py>> {
    let Entry { cid, name, schema_ref, data_urls, metadata, facts } = entry;
    let metadata = from_value(py, &metadata.unwrap_or(Value::Nil))?;
    let Facts { content_cid, samples, bytes } = facts;
    Ok((cid, name, schema_ref, data_urls, metadata, content_cid, samples, bytes))
}

pub(crate) fn entry_rows(py: Python<'_>, entries: Vec<Entry>) -> PyResult<Vec<EntryRow<'_>>> {
    entries.into_iter().map(|entry| entry_row(py, entry)).collect()
}

pub(crate) fn entry_of(row: EntryRow<'_>) -> PyResult<Entry> {
    let (cid, name, schema_ref, data_urls, metadata, content_cid, samples, bytes) = row;
    let facts = Facts { content_cid, samples, bytes };
    Ok(Entry { cid, name, schema_ref, data_urls, metadata: metadata_of(&metadata)?, facts })
}

/// A dict that an entry can keep; `None` for none.
pub(crate) fn metadata_of(object: &Bound<'_, PyAny>) -> PyResult<Option<Value>> {
    match value(object, false) {
        Some(Value::Nil) => Ok(None),
        Some(map @ Value::Map(_)) => Ok(Some(map)),
        _ => {
            let message = "metadata is a dict of values that msgpack can hold: None, bool, int, \
                           float, str, bytes, and lists and dicts of those";
            Err(PyTypeError::new_err(message))
        }
    }
}

pub(crate) fn label_row(label: Label) -> LabelRow {
    (label.name, label.version, label.cid, label.description)
}

pub(crate) fn label_of((name, version, cid, description): LabelRow) -> Label {
    Label { name, version, cid, description }
}

pub(crate) fn moments(moments: Vec<Moment>) -> Vec<(String, String)> {
    moments.into_iter().map(|moment| (moment.cid, moment.at)).collect()
}
