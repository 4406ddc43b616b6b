//! Records and blobs as they are.

use super::rows::{RecordRow, fetched_row, record_rows};
use super::{Atmosphere, kind, network};
use crate::index::json_of;
use atdata::atmosphere::{DatasetRecord, LabelRecord, LensRecord, RecordKind, SchemaRecord};
use atdata::atproto::cid::{self, Cid};
use atdata::atproto::client::Validate;
use atdata::atproto::{AtUri, BlobBody, Client, Nsid, RecordKey, Swap, Write, Written};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;
use std::io::Read;

/// `create`, `update` or `delete`; a collection, a key, and a record as JSON.
type WriteRow = (String, String, Option<String>, Option<String>);

#[pymethods]
impl Atmosphere {
    /// Writes a new record; gives its address and CID.
    #[pyo3(signature = (collection, rkey, record, validate, /))]
    fn create(
        &self,
        py: Python<'_>,
        collection: &str,
        rkey: Option<&str>,
        record: &str,
        validate: bool,
    ) -> PyResult<(String, String)> {
        let collection = Nsid::parse(collection).map_err(network)?;
        let rkey = rkey.map(RecordKey::parse).transpose().map_err(network)?;
        let record = json_of(record)?;
        let written =
            self.tell(py, |client| validating(client, validate).create(&collection, rkey, record))?;
        Ok(written_row(&written))
    }

    /// Writes a record, whether there is one or not.
    #[pyo3(signature = (collection, rkey, record, validate, swap_commit, /))]
    fn put(
        &self,
        py: Python<'_>,
        collection: &str,
        rkey: &str,
        record: &str,
        validate: bool,
        swap_commit: Option<&str>,
    ) -> PyResult<(String, String)> {
        let collection = Nsid::parse(collection).map_err(network)?;
        let rkey = RecordKey::parse(rkey).map_err(network)?;
        let (record, swap) = (json_of(record)?, swap(swap_commit)?);
        let written = self
            .tell(py, |client| validating(client, validate).put(&collection, rkey, record, swap))?;
        Ok(written_row(&written))
    }

    /// Deletes a record.
    #[pyo3(signature = (uri, swap_commit, /))]
    fn delete(&self, py: Python<'_>, uri: &str, swap_commit: Option<&str>) -> PyResult<()> {
        let (uri, swap) = (AtUri::parse(uri).map_err(network)?, swap(swap_commit)?);
        self.tell(py, |client| client.delete(&uri, swap))
    }

    /// Makes several changes at once.
    #[pyo3(signature = (writes, swap_commit, /))]
    fn apply(
        &self,
        py: Python<'_>,
        writes: Vec<WriteRow>,
        swap_commit: Option<&str>,
    ) -> PyResult<Vec<(String, String)>> {
        let writes = writes.into_iter().map(write_of).collect::<PyResult<Vec<_>>>()?;
        let commit = parsed(swap_commit)?;
        let written = self.tell(py, |client| client.apply(writes, commit))?;
        Ok(written.iter().map(written_row).collect())
    }

    /// The record at an address.
    #[pyo3(signature = (uri, /))]
    fn record(&self, py: Python<'_>, uri: &str) -> PyResult<RecordRow> {
        let uri = AtUri::parse(uri).map_err(network)?;
        let get = |repo: &atdata::atproto::Repo| repo.get(uri.collection(), uri.rkey());
        Ok(fetched_row(&self.visit(py, Some(uri.authority()), get)?))
    }

    /// Records of a collection, where the next page begins, and what is wrong with those left out.
    #[pyo3(signature = (collection, repo, limit, cursor, /))]
    #[allow(clippy::type_complexity, reason = "a row is a tuple")]
    fn page(
        &self,
        py: Python<'_>,
        collection: &str,
        repo: Option<&str>,
        limit: u32,
        cursor: Option<&str>,
    ) -> PyResult<(Vec<RecordRow>, Option<String>, Vec<String>)> {
        let collection = Nsid::parse(collection).map_err(network)?;
        let page = self.visit(py, repo, |repo| repo.page(&collection, limit, cursor, false))?;
        let (mut rows, mut problems) = (Vec::new(), Vec::new());
        for record in page.records {
            match record {
                Ok(record) => rows.push(fetched_row(&record)),
                Err(error) => problems.push(error.to_string()),
            }
        }
        Ok((rows, page.cursor, problems))
    }

    /// Records of a kind, in whatever collections those are, as far as they can be read.
    #[pyo3(signature = (word, repo, limit, /))]
    fn listed(
        &self,
        py: Python<'_>,
        word: &str,
        repo: Option<&str>,
        limit: Option<usize>,
    ) -> PyResult<Vec<RecordRow>> {
        let kind = kind(word)?;
        self.ask(py, |atmosphere| {
            Ok(match kind {
                RecordKind::Schema => record_rows(&atmosphere.list::<SchemaRecord>(repo, limit)?),
                RecordKind::Dataset => record_rows(&atmosphere.list::<DatasetRecord>(repo, limit)?),
                RecordKind::Lens => record_rows(&atmosphere.list::<LensRecord>(repo, limit)?),
                RecordKind::Label => record_rows(&atmosphere.list::<LabelRecord>(repo, limit)?),
            })
        })
    }

    /// Uploads bytes; gives the reference that a record may hold, as JSON.
    #[pyo3(signature = (data, mime, /))]
    #[allow(clippy::needless_pass_by_value, reason = "arguments of a Python method are owned")]
    fn upload(&self, py: Python<'_>, data: PyBackedBytes, mime: &str) -> PyResult<String> {
        let data = data.to_vec();
        let blob = self.tell(py, |client| client.upload(BlobBody::bytes(data, mime)))?;
        Ok(blob.to_value().to_string())
    }

    /// A blob, verified.
    #[pyo3(signature = (did, cid, /))]
    fn blob<'py>(&self, py: Python<'py>, did: &str, cid: &str) -> PyResult<Bound<'py, PyBytes>> {
        let cid = cid::parse(cid).map_err(network)?;
        let bytes = self.visit(py, Some(did), |repo| {
            let mut bytes = Vec::new();
            let read = repo.blob(&cid)?.read_to_end(&mut bytes);
            read.map_err(|error| atdata::atproto::Error::io("read a blob", error))?;
            Ok(bytes)
        })?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// Where everybody may read a blob.
    #[pyo3(signature = (did, cid, /))]
    fn blob_url(&self, py: Python<'_>, did: &str, cid: &str) -> PyResult<String> {
        let cid = cid::parse(cid).map_err(network)?;
        self.visit(py, Some(did), |repo| Ok(repo.blob_url(&cid)))
    }

    /// The most bytes of a blob that the account's server takes.
    fn blob_limit(&self, py: Python<'_>) -> PyResult<u64> {
        self.tell(py, |client| Ok(client.limits()?.blob_bytes))
    }
}

/// The account, with its records checked by the server where that is asked for.
fn validating(client: &Client, validate: bool) -> Client {
    let how = if validate { Validate::Yes } else { Validate::No };
    let (network, credentials) = (client.network().clone(), client.credentials().clone());
    Client::with(network, credentials).validating(how)
}

fn written_row(written: &Written) -> (String, String) {
    (written.uri.to_string(), written.cid.to_string())
}

fn parsed(text: Option<&str>) -> PyResult<Option<Cid>> {
    text.map(cid::parse).transpose().map_err(network)
}

fn swap(commit: Option<&str>) -> PyResult<Swap> {
    Ok(Swap { record: None, commit: parsed(commit)? })
}

fn write_of((action, collection, rkey, record): WriteRow) -> PyResult<Write> {
    let wrong = |message: &str| pyo3::exceptions::PyValueError::new_err(message.to_owned());
    let collection = Nsid::parse(&collection).map_err(network)?;
    let rkey = rkey.as_deref().map(RecordKey::parse).transpose().map_err(network)?;
    let record = record.as_deref().map(json_of).transpose()?;
    let needed = |rkey: Option<RecordKey>| rkey.ok_or_else(|| wrong("this change needs an rkey"));
    match (action.as_str(), record) {
        ("create", Some(record)) => Ok(Write::Create { collection, rkey, record }),
        ("update", Some(record)) => Ok(Write::Update { collection, rkey: needed(rkey)?, record }),
        ("delete", _) => Ok(Write::Delete { collection, rkey: needed(rkey)? }),
        ("create" | "update", None) => Err(wrong("this change needs a record")),
        _ => Err(wrong("a change is \"create\", \"update\" or \"delete\"")),
    }
}
