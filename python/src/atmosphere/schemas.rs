//! Schemas and lenses.

use super::rows::{RecordRow, record_row, record_rows};
use super::{Atmosphere, network};
use crate::entry::metadata_of;
use crate::errors::raise;
use crate::index::{SchemaText, json_of, schema_of};
use atdata::atmosphere::{Found, LensRecord, Link, Record, SchemaRecord};
use atdata::atproto::{AtUri, RecordKey, cid};
use pyo3::prelude::*;

/// A schema: the record, and its document as an index would keep it, as JSON.
type SchemaRow = (RecordRow, String);

#[pymethods]
impl Atmosphere {
    /// Publishes a schema under a version, unless it is there already; gives its address.
    #[pyo3(signature = (schema, version, metadata, rkey, /))]
    fn publish_schema(
        &self,
        py: Python<'_>,
        schema: SchemaText,
        version: &str,
        metadata: &Bound<'_, PyAny>,
        rkey: Option<&str>,
    ) -> PyResult<String> {
        let schema = versioned(py, schema, version)?;
        let metadata = metadata_of(metadata)?;
        let rkey = rkey.map(RecordKey::parse).transpose().map_err(network)?;
        let found = self
            .ask(py, |atmosphere| atmosphere.publish_schema_as(&schema, metadata.as_ref(), rkey))?;
        Ok(found.uri.to_string())
    }

    /// The schema of an at-uri or `atdata://` reference; of a CID, where another record said it.
    #[pyo3(signature = (reference, cid = None, /))]
    fn schema(&self, py: Python<'_>, reference: &str, cid: Option<&str>) -> PyResult<SchemaRow> {
        let cid = cid.map(cid::parse).transpose().map_err(network)?;
        let found = self.ask(py, |atmosphere| match cid {
            None => atmosphere.schema(reference),
            cid => atmosphere.follow(&Link { uri: reference.to_owned(), cid }),
        });
        Ok(schema_row(&found?))
    }

    /// The schemas of a repository.
    #[pyo3(signature = (repo, limit, /))]
    fn schemas(
        &self,
        py: Python<'_>,
        repo: Option<&str>,
        limit: Option<usize>,
    ) -> PyResult<Vec<SchemaRow>> {
        let found = self.ask(py, |atmosphere| atmosphere.list::<SchemaRecord>(repo, limit))?;
        Ok(found.iter().map(schema_row).collect())
    }

    /// The newest schema of a name and version, or None.
    #[pyo3(signature = (repo, name, version, /))]
    fn find_schema(
        &self,
        py: Python<'_>,
        repo: Option<&str>,
        name: &str,
        version: &str,
    ) -> PyResult<Option<SchemaRow>> {
        let found = self.ask(py, |atmosphere| atmosphere.find_schema(repo, name, version))?;
        Ok(found.as_ref().map(schema_row))
    }

    /// Publishes a lens, given as the record that it is to be, but for what this pins.
    #[pyo3(signature = (record, rkey, /))]
    fn publish_lens(&self, py: Python<'_>, record: &str, rkey: Option<&str>) -> PyResult<String> {
        let record = LensRecord::from_value(&json_of(record)?, self.inner.lexicons());
        let record = record.map_err(|error| raise(py, error))?;
        let rkey = rkey.map(RecordKey::parse).transpose().map_err(network)?;
        let found = self.ask(py, |atmosphere| atmosphere.publish_lens(record, rkey))?;
        Ok(found.uri.to_string())
    }

    /// The lens at an address.
    #[pyo3(signature = (uri, /))]
    fn lens(&self, py: Python<'_>, uri: &str) -> PyResult<RecordRow> {
        let uri = AtUri::parse(uri).map_err(network)?;
        Ok(record_row(&self.ask(py, |atmosphere| atmosphere.get::<LensRecord>(&uri))?))
    }

    /// The lenses of a repository from one schema, and to another if that is named.
    #[pyo3(signature = (repo, source, target, /))]
    fn find_lenses(
        &self,
        py: Python<'_>,
        repo: Option<&str>,
        source: &str,
        target: Option<&str>,
    ) -> PyResult<Vec<RecordRow>> {
        let found = self.ask(py, |atmosphere| atmosphere.find_lenses(repo, source, target))?;
        Ok(record_rows(&found))
    }
}

/// A schema with a version that was checked.
pub(super) fn versioned(
    py: Python<'_>,
    schema: SchemaText,
    version: &str,
) -> PyResult<atdata::schema::Schema> {
    let version = atdata::schema::Version::parse(version);
    let version = version.map_err(|error| raise(py, error.into()))?.to_string();
    Ok(atdata::schema::Schema { version: Some(version), ..schema_of(schema)? })
}

fn schema_row(found: &Found<SchemaRecord>) -> SchemaRow {
    let document = found.record.schema.to_json(&found.record.created_at);
    (record_row(found), document.to_string())
}
