//! Lenses: documents that the package itself understands.

use super::Index;
use atdata::provider::{Document, DocumentKind, Page};
use pyo3::prelude::*;

#[pymethods]
impl Index {
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
