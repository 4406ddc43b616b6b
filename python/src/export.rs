//! Export of samples: Parquet files, and streams of Arrow record batches for any Python library.

mod feed;

use crate::errors::raise;
use crate::layout::Layout;
use atdata::batch::ColumnSpec;
use atdata::convert::{Format, OutOptions, Outgoing, to_path};
use atdata::export::arrow_array::ffi_stream::FFI_ArrowArrayStream;
use atdata::export::arrow_array::{RecordBatch, RecordBatchIterator, RecordBatchReader};
use atdata::export::{ExportReader, ExportSource, ParquetOptions, read_all, write_parquet};
use atdata::{DictSample, Error, Reading};
use feed::Feed;
use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use std::path::PathBuf;
use std::sync::Arc;

/// Samples that can be exported, again and again.
#[pyclass(frozen, module = "atdata._atdata")]
pub(crate) struct Export {
    samples: From,
}

enum From {
    /// The engine's own columns, perhaps in batches of so many rows.
    Shards(Box<Reading<DictSample>>, Arc<[ColumnSpec]>, Option<usize>),
    /// What Python code gives.
    Python(Feed),
}

impl Export {
    pub(crate) fn of_reading(
        reading: Reading<DictSample>,
        columns: Arc<[ColumnSpec]>,
        rows: Option<usize>,
    ) -> Self {
        Self { samples: From::Shards(Box::new(reading), columns, rows) }
    }

    fn source(&self, py: Python<'_>) -> ExportSource {
        match &self.samples {
            From::Shards(reading, columns, None) => {
                ExportSource::of_columns((**reading).clone(), Arc::clone(columns))
            }
            From::Shards(reading, columns, Some(rows)) => {
                ExportSource::of_batches((**reading).clone(), Arc::clone(columns), *rows)
            }
            From::Python(feed) => feed.source(py),
        }
    }

    /// The same, and somebody is told the samples so far, and all there are where that is known.
    fn told(&self, py: Python<'_>, progress: Option<Py<PyAny>>) -> ExportSource {
        let Some(progress) = progress.map(Arc::new) else { return self.watched(py) };
        let total = py.detach(|| self.total());
        self.source(py).counted(move |done| {
            Python::attach(|py| {
                py.check_signals()?;
                progress.call1(py, (done, total)).map(drop)
            })
            .map_err(failed)
        })
    }

    /// The same for work that runs until it is done: Ctrl-C ends it.
    fn watched(&self, py: Python<'_>) -> ExportSource {
        let signals = || Python::attach(|py| py.check_signals().map_err(failed));
        self.source(py).watched(signals)
    }
}

/// An exception on its way through the engine.
fn failed(error: PyErr) -> Error {
    let source = std::io::Error::other(error);
    Error::Io { action: "export", path: "the samples".into(), source }
}

#[pymethods]
impl Export {
    /// A stream of record batches in constant memory (the Arrow `PyCapsule` interface).
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // The schema is a wish that need not be granted.
        drop(requested_schema);
        let mut source = self.source(py);
        let reader = py.detach(|| ExportReader::new(&mut source));
        capsule(py, Box::new(reader.map_err(|error| raise(py, error))?))
    }

    /// All samples in memory.
    fn read_all(&self, py: Python<'_>) -> PyResult<Table> {
        let mut source = self.watched(py);
        let read = py.detach(|| {
            let reader = read_all(&mut source)?;
            let schema = reader.schema();
            Ok(Table { schema, batches: reader.collect::<Result<_, _>>()? })
        });
        read.map_err(|error: Error| raise(py, error))
    }

    /// Writes Parquet files, and says which.
    #[allow(clippy::needless_pass_by_value, reason = "arguments of a Python function are owned")]
    #[pyo3(signature = (
        path, *, compression = "snappy", row_group_size = None, maxcount = None, progress = None
    ))]
    fn to_parquet(
        &self,
        py: Python<'_>,
        path: PathBuf,
        compression: &str,
        row_group_size: Option<i64>,
        maxcount: Option<i64>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Vec<String>> {
        let mut options = ParquetOptions::new();
        options = options.compression(compression.parse().map_err(|error| raise(py, error))?);
        if let Some(rows) = row_group_size {
            options = options.row_group_rows(positive(rows)?);
        }
        if let Some(samples) = maxcount {
            options = options.max_count(positive(samples)? as u64);
        }
        let mut source = self.told(py, progress);
        let written = py.detach(|| write_parquet(&mut source, &path, options));
        let written = written.map_err(|error| raise(py, error))?;
        Ok(written.iter().map(|path| path.to_string_lossy().into_owned()).collect())
    }

    /// Writes files of another format, and says which; `progress` hears of samples, and of how many
    /// there are where that is known.
    #[allow(clippy::needless_pass_by_value, reason = "arguments of a Python function are owned")]
    #[pyo3(signature = (path, kind, *, maxcount = None, progress = None))]
    fn to_files(
        &self,
        py: Python<'_>,
        path: PathBuf,
        kind: &str,
        maxcount: Option<i64>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Vec<String>> {
        let format: Format = kind.parse().map_err(|error| raise(py, error))?;
        let max_count = maxcount.map(positive).transpose()?.map(|samples| samples as u64);
        let options = OutOptions { max_count, overwrite: true, ..OutOptions::default() };
        let total = progress.as_ref().and_then(|_| py.detach(|| self.total()));
        let progress = progress.map(Arc::new);
        let mut samples = self.outgoing(py).watched(move |done| {
            Python::attach(|py| {
                py.check_signals().map_err(failed)?;
                let told = progress.as_ref().map(|progress| progress.call1(py, (done, total)));
                told.transpose().map(drop).map_err(failed)
            })
        });
        let written = py.detach(|| to_path(&mut samples, &path, format, &options));
        let written = written.map_err(|error| raise(py, error))?;
        Ok(written.iter().map(|path| path.to_string_lossy().into_owned()).collect())
    }
}

/// How samples leave for other formats.
impl Export {
    fn outgoing(&self, py: Python<'_>) -> Outgoing {
        match &self.samples {
            From::Shards(reading, columns, _) => {
                Outgoing::of_reading((**reading).clone(), Arc::clone(columns))
            }
            From::Python(feed) => feed.source(py).into(),
        }
    }

    /// All samples; none where nobody can count them before.
    fn total(&self) -> Option<u64> {
        match &self.samples {
            From::Shards(reading, ..) => reading.len().ok(),
            From::Python(_) => None,
        }
    }
}

/// A number of samples; what makes no sense is 0, which the engine refuses in words.
fn positive(number: i64) -> PyResult<usize> {
    usize::try_from(number.max(0)).map_err(|_| PyOverflowError::new_err("the number is too large"))
}

fn capsule(
    py: Python<'_>,
    reader: Box<dyn RecordBatchReader + Send>,
) -> PyResult<Bound<'_, PyCapsule>> {
    PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(reader), c"arrow_array_stream")
}

/// Samples in memory, as Arrow has them.
#[pyclass(frozen, module = "atdata._atdata")]
pub(crate) struct Table {
    schema: atdata::export::SchemaRef,
    batches: Vec<RecordBatch>,
}

#[pymethods]
impl Table {
    fn __len__(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// A stream of the record batches (the Arrow `PyCapsule` interface).
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        drop(requested_schema);
        let batches = self.batches.clone().into_iter().map(Ok);
        capsule(py, Box::new(RecordBatchIterator::new(batches, Arc::clone(&self.schema))))
    }
}

/// What exports the samples that an iterator gives; `samples` makes one for each pass.
#[pyfunction]
#[pyo3(signature = (samples, layout = None, /))]
pub(crate) const fn export_samples(samples: Py<PyAny>, layout: Option<Py<Layout>>) -> Export {
    Export { samples: From::Python(Feed::new(samples, layout)) }
}
