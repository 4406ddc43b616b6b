//! Records as Python takes them.

use crate::entry::{EntryRow, entry_row};
use crate::errors::raise;
use atdata::atmosphere::{self, DatasetRecord, Found, Record};
use atdata::atproto::{AtUri, Fetched};
use atdata::{Result, Value};
use pyo3::prelude::*;
use std::collections::HashMap;

/// Address, CID, and the record as JSON.
pub(crate) type RecordRow = (String, String, String);

/// A data set: the record, what an index would keep of it, its metadata alone, and how it is read.
pub(crate) type DatasetRow<'py> = (RecordRow, EntryRow<'py>, Bound<'py, PyAny>, ReadingRow);

/// `external` or `blobs`, whether all checksums are known, blobs that stand for what lies beside
/// shards, by address, and whether it is the account's own.
pub(crate) type ReadingRow = (&'static str, bool, HashMap<String, String>, bool);

pub(super) fn fetched_row(record: &Fetched) -> RecordRow {
    (record.uri.to_string(), record.cid.to_string(), record.value.to_string())
}

pub(super) fn record_row<R>(found: &Found<R>) -> RecordRow {
    (found.uri.to_string(), found.cid.to_string(), found.value.to_string())
}

pub(super) fn record_rows<R: Record>(found: &[Found<R>]) -> Vec<RecordRow> {
    found.iter().map(record_row).collect()
}

pub(super) fn found_row<'py>(
    py: Python<'py>,
    found: &Found<DatasetRecord>,
    reader: Option<&atmosphere::Atmosphere>,
) -> PyResult<DatasetRow<'py>> {
    let made = || -> Result<_> {
        let own = reader.map_or(Ok(false), |reader| reader.is_own(found))?;
        Ok((found.entry()?, found.beside()?, found.is_checked()?, own))
    };
    let (entry, beside, checked, own) = made().map_err(|error| raise(py, error))?;
    let metadata = found.record.metadata.clone().unwrap_or(Value::Nil);
    let metadata = crate::objects::from_value(py, &metadata)?;
    let reading = (found.record.storage.kind(), checked, beside, own);
    Ok((record_row(found), entry_row(py, entry)?, metadata, reading))
}

/// A data set's record that somebody has, as a row.
#[pyfunction]
#[pyo3(signature = (uri, record, /))]
pub(crate) fn dataset_row<'py>(
    py: Python<'py>,
    uri: &str,
    record: &str,
) -> PyResult<DatasetRow<'py>> {
    let value = crate::index::json_of(record)?;
    let found = AtUri::parse(uri).map_err(Into::into).and_then(|uri| Found::of(uri, value));
    found_row(py, &found.map_err(|error| raise(py, error))?, None)
}

/// The authority, collection and key of a record's address.
#[pyfunction]
#[pyo3(signature = (text, /))]
pub(crate) fn at_uri(text: &str) -> PyResult<(String, String, String)> {
    let uri = AtUri::parse(text).map_err(super::network)?;
    let (collection, rkey) = (uri.collection().to_string(), uri.rkey().to_string());
    Ok((uri.authority().to_owned(), collection, rkey))
}
