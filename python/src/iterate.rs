//! Samples and batches one after the other.

use crate::columns::Columns;
use crate::decode::Decoder;
use crate::errors::{Fail, raise};
use crate::layout::Layout;
use crate::views::{Arrays, LastMapping};
use atdata::batch::ColumnSpec;
use atdata::{Batches, BatchesAhead, Chunk, ChunkSample, Cursor, OnError};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use std::sync::{Arc, Mutex, PoisonError};

/// What one pass left out.
#[pyclass(frozen, module = "atdata._atdata")]
pub(crate) struct Report {
    inner: Arc<atdata::Report>,
}

#[pymethods]
impl Report {
    /// Notes a sample that was left out.
    #[pyo3(signature = (error, /))]
    fn skip(&self, error: String) {
        self.inner.skip(error);
    }

    #[getter]
    fn skipped(&self) -> u64 {
        self.inner.skipped()
    }

    #[getter]
    fn errors(&self) -> Vec<String> {
        self.inner.errors()
    }

    #[getter]
    fn extra_fields(&self) -> u64 {
        self.inner.extra_fields()
    }

    #[getter]
    fn passed_shards(&self) -> u64 {
        self.inner.passed_shards()
    }

    #[getter]
    fn without_end(&self) -> Vec<String> {
        self.inner.without_end()
    }
}

/// The process that an iterator belongs to: its files' positions would be moved by another.
#[derive(Clone, Copy)]
struct Owner(u32);

impl Owner {
    fn new() -> Self {
        Self(std::process::id())
    }

    fn check(self) -> PyResult<()> {
        if self.0 == std::process::id() {
            return Ok(());
        }
        let message = "this iterator was made before the process was forked; \
                       make a new one from the dataset in the child";
        Err(PyRuntimeError::new_err(message))
    }
}

/// What reads, for one thread at a time. It ends with the interpreter released: threads that fetch
/// ahead are waited for.
struct Reader<T: Send>(Option<Mutex<T>>);

impl<T: Send> Reader<T> {
    const fn new(inner: T) -> Self {
        Self(Some(Mutex::new(inner)))
    }

    /// What reads; `None` only once it has ended.
    fn get(&mut self) -> Option<&mut T> {
        Some(self.0.as_mut()?.get_mut().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<T: Send> Drop for Reader<T> {
    fn drop(&mut self) {
        let inner = self.0.take();
        Python::try_attach(|py| py.detach(|| drop(inner)));
    }
}

/// Samples of one class.
#[pyclass(module = "atdata._atdata")]
pub(crate) struct SampleIterator {
    making: Making,
    on_error: OnError,
    owner: Owner,
    report: Arc<atdata::Report>,
    source: Reader<Source>,
    rows: usize,
    next: usize,
}

/// Makes samples of a class of what was read.
struct Making {
    layout: Py<Layout>,
    decoder: Decoder,
    /// Whether arrays look at the shard.
    views: bool,
    mapping: LastMapping,
}

impl Making {
    fn sample<'py>(
        &mut self,
        py: Python<'py>,
        read: ChunkSample<'_>,
    ) -> Result<Bound<'py, PyAny>, Fail> {
        let layout = self.layout.get();
        let apart = if self.views { Arrays::ReadOnly } else { Arrays::Owned };
        match read {
            ChunkSample::Decoded(batch) => self.decoder.row(py, layout, batch, apart),
            ChunkSample::Payload(payload) => self.decoder.sample(py, layout, payload, apart),
            ChunkSample::Mapped(shard, payload) => {
                let owner = self.mapping.of(py, shard)?;
                let bytes = owner.get().bytes(payload).map_err(Fail::Format)?;
                self.decoder.sample(py, layout, bytes, Arrays::In(&owner))
            }
        }
    }
}

struct Source {
    cursor: Cursor,
    chunk: Chunk,
}

impl SampleIterator {
    pub(crate) fn new(
        layout: Py<Layout>,
        columns: Option<Arc<[ColumnSpec]>>,
        cursor: Cursor,
        on_error: OnError,
        views: bool,
    ) -> Self {
        let report = Arc::clone(cursor.report());
        let source = Reader::new(Source { cursor, chunk: Chunk::new(columns).mapping(views) });
        let (decoder, mapping) = (Decoder::default(), LastMapping::default());
        let making = Making { layout, decoder, views, mapping };
        Self { making, on_error, owner: Owner::new(), report, source, rows: 0, next: 0 }
    }

    /// Reads on with the interpreter released; false at the end.
    #[cold]
    fn fill(&mut self, py: Python<'_>) -> PyResult<bool> {
        self.owner.check()?;
        self.report.add_extra_fields(std::mem::take(&mut self.making.decoder.extra_fields));
        py.check_signals()?;
        let Some(Source { cursor, chunk }) = self.source.get() else { return Ok(false) };
        (self.rows, self.next) = (0, 0);
        self.rows = py.detach(|| chunk.fill(cursor)).map_err(|error| raise(py, error))?;
        Ok(self.rows > 0)
    }
}

#[pymethods]
impl SampleIterator {
    const fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__<'py>(&mut self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        loop {
            if self.next == self.rows && !self.fill(py)? {
                return Ok(None);
            }
            let row = self.next;
            self.next += 1;
            let Some(Source { chunk, .. }) = self.source.get() else { return Ok(None) };
            let Some(read) = chunk.sample(row) else { return Ok(None) };
            let sample = self.making.sample(py, read);
            match sample {
                Ok(sample) => return Ok(Some(sample)),
                Err(Fail::Format(error)) if self.on_error == OnError::Skip => {
                    self.report.skip(chunk.place(row, error).to_string());
                }
                Err(fail) => {
                    let fail = fail.placed(|error| chunk.place(row, error));
                    return Err(fail.raise(py));
                }
            }
        }
    }

    #[getter]
    fn report(&self) -> Report {
        Report { inner: Arc::clone(&self.report) }
    }
}

/// Batches by column.
#[pyclass(module = "atdata._atdata")]
pub(crate) struct BatchIterator {
    owner: Owner,
    report: Arc<atdata::Report>,
    batches: Reader<BatchesAhead>,
}

impl BatchIterator {
    pub(crate) fn new(batches: Batches) -> Self {
        let report = Arc::clone(batches.report());
        Self { owner: Owner::new(), report, batches: Reader::new(batches.ahead()) }
    }
}

#[pymethods]
impl BatchIterator {
    const fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&mut self, py: Python<'_>) -> PyResult<Option<Columns>> {
        self.owner.check()?;
        py.check_signals()?;
        let Some(batches) = self.batches.get() else { return Ok(None) };
        match py.detach(|| batches.next()) {
            None => Ok(None),
            Some(Ok(batch)) => {
                let memory = Arc::downgrade(batches.memory());
                Ok(Some(Columns::new(batch, memory)))
            }
            Some(Err(error)) => Err(raise(py, error)),
        }
    }

    #[getter]
    fn report(&self) -> Report {
        Report { inner: Arc::clone(&self.report) }
    }
}
