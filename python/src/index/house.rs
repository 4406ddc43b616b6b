//! Keeping house: histories, labels, removals, checks, garbage, exports.

use super::Index;
use crate::entry::{EntryRow, LabelRow, entry_rows, label_of, label_row, moments};
use crate::errors::raise;
use atdata::index::{Garbage, ShardState};
use atdata::store::Found;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// URL, size in bytes, and time of writing in seconds since 1970.
type FoundRow = (String, u64, f64);

#[pymethods]
impl Index {
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
    #[allow(
        clippy::needless_pass_by_value,
        clippy::type_complexity,
        reason = "arguments of a Python method are owned, and a row is a tuple there"
    )]
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

    /// Files and unfinished uploads that no entry names and that are older than so many seconds, how
    /// many were seen, and why uploads were not.
    #[pyo3(signature = (grace, /))]
    #[allow(clippy::type_complexity, reason = "a row is a tuple in Python")]
    fn garbage(
        &self,
        py: Python<'_>,
        grace: f64,
    ) -> PyResult<(Vec<FoundRow>, usize, Option<String>)> {
        let grace = Duration::try_from_secs_f64(grace)
            .map_err(|_| PyValueError::new_err("grace is a number of seconds, 0 or more"))?;
        let garbage = self.ask(py, |index| index.garbage(grace))?;
        Ok((garbage.found.iter().map(found_row).collect(), garbage.seen, garbage.unseen))
    }

    /// Removes those of some files and uploads that no entry names; gives them.
    #[pyo3(signature = (found, /))]
    fn remove_garbage(&self, py: Python<'_>, found: Vec<FoundRow>) -> PyResult<Vec<FoundRow>> {
        let found = found.into_iter().map(|(url, bytes, time)| {
            let modified = UNIX_EPOCH + Duration::try_from_secs_f64(time).unwrap_or_default();
            Found { url, bytes, modified }
        });
        let garbage = Garbage { found: found.collect(), ..Garbage::default() };
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
}

fn found_row(found: &Found) -> FoundRow {
    let time = found.modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    (found.url.clone(), found.bytes, time.as_secs_f64())
}
