//! Data sets that are published.

use super::rows::{DatasetRow, found_row, record_row};
use super::{Atmosphere, network};
use crate::entry::{EntryRow, entry_row};
use crate::index::Index;
use atdata::atmosphere::{DatasetRecord, Found, LensRecord, Record, RecordKind, SchemaRecord};
use atdata::atproto::AtUri;
use pyo3::prelude::*;

#[pymethods]
impl Atmosphere {
    /// The data set of an at-uri, `@handle/name`, or name of the account's own.
    #[pyo3(signature = (text, /))]
    fn dataset<'py>(&self, py: Python<'py>, text: &str) -> PyResult<DatasetRow<'py>> {
        found_row(py, &self.ask(py, |atmosphere| atmosphere.dataset(text))?, Some(&self.inner))
    }

    /// The current data set of every name in a repository, in the order of the names.
    #[pyo3(signature = (repo, /))]
    fn datasets<'py>(&self, py: Python<'py>, repo: Option<&str>) -> PyResult<Vec<DatasetRow<'py>>> {
        let found = self.ask(py, |atmosphere| atmosphere.datasets(repo))?;
        found.iter().map(|found| found_row(py, found, Some(&self.inner))).collect()
    }

    /// All data sets of a repository, the newest first.
    #[pyo3(signature = (repo, limit, /))]
    fn all_datasets<'py>(
        &self,
        py: Python<'py>,
        repo: Option<&str>,
        limit: Option<usize>,
    ) -> PyResult<Vec<DatasetRow<'py>>> {
        let found = self.ask(py, |atmosphere| atmosphere.list::<DatasetRecord>(repo, limit))?;
        found.iter().map(|found| found_row(py, found, Some(&self.inner))).collect()
    }

    /// Gives a version to a data set of one's own; gives the label's address.
    #[pyo3(signature = (name, version, /))]
    fn label(&self, py: Python<'_>, name: &str, version: &str) -> PyResult<String> {
        let label = self.ask(py, |atmosphere| atmosphere.label(name, version))?;
        Ok(record_row(&label).0)
    }

    /// Puts a data set of the network into an index.
    #[pyo3(signature = (index, text, name, copy, /))]
    fn import_into<'py>(
        &self,
        py: Python<'py>,
        index: &Index,
        text: &str,
        name: Option<&str>,
        copy: bool,
    ) -> PyResult<EntryRow<'py>> {
        let into = &index.inner;
        let entry = self.ask(py, |atmosphere| atmosphere.import(into, text, name, copy))?;
        entry_row(py, entry)
    }

    /// Checks a record of any kind against the commit that its owner's key has signed.
    #[pyo3(signature = (uri, /))]
    fn verify(&self, py: Python<'_>, uri: &str) -> PyResult<()> {
        let uri = AtUri::parse(uri).map_err(network)?;
        let kinds = [RecordKind::Schema, RecordKind::Lens];
        let kind = kinds.into_iter().find(|kind| kind.lexicons_of(uri.collection()).is_some());
        self.ask(py, |atmosphere| match kind {
            Some(RecordKind::Schema) => verify::<SchemaRecord>(atmosphere, &uri),
            Some(RecordKind::Lens) => verify::<LensRecord>(atmosphere, &uri),
            _ => verify::<DatasetRecord>(atmosphere, &uri),
        })
    }
}

fn verify<R: Record>(
    atmosphere: &atdata::atmosphere::Atmosphere,
    uri: &AtUri,
) -> atdata::Result<()> {
    let found: Found<R> = atmosphere.get(uri)?;
    atmosphere.verify_in_repository(&found)
}
