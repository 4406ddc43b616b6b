//! The shards of a data set, and the ways through them.

use crate::condition::Condition;
use crate::decode::Decoder;
use crate::errors::raise;
use crate::export::Export;
use crate::iterate::{BatchIterator, SampleIterator};
use crate::layout::{Construct, Layout};
use crate::order::Order;
use crate::source::PySource;
use crate::store::{Opener, Reader};
use crate::views::Arrays;
use atdata::expression::Filter;
use atdata::format::tar::RawSample;
use atdata::media::ImageLimits;
use atdata::plan::Selection;
use atdata::schema::Encoding;
use atdata::source::{CacheFolder, DataSource};
use atdata::{Dataset, DictSample, Error, OnError, Reading, SourceOptions, open_source};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

/// The shards of a data set.
#[pyclass(frozen, module = "atdata._atdata")]
pub(crate) struct Shards {
    dataset: Dataset<DictSample>,
}

#[pymethods]
impl Shards {
    #[new]
    #[pyo3(signature = (
        patterns = Vec::new(), source = None, *, store = None, checksums = None, verify = false,
        cache = None, allow_pipe = false
    ))]
    #[allow(clippy::too_many_arguments, reason = "keywords of a Python class")]
    fn new(
        py: Python<'_>,
        patterns: Vec<String>,
        source: Option<Py<PyAny>>,
        store: Option<Reader<'_>>,
        checksums: Option<HashMap<String, String>>,
        verify: bool,
        cache: Option<(PathBuf, u64)>,
        allow_pipe: bool,
    ) -> PyResult<Self> {
        let reader = store.map(|reader| reader.open());
        let opened = py.detach(|| {
            let cache = cache.map(|(folder, bytes)| CacheFolder::new(folder, bytes)).transpose()?;
            let checksums = checksums.unwrap_or_default();
            let options =
                SourceOptions { allow_pipe, checksums, verify, cache, ..SourceOptions::default() };
            let source: Arc<dyn DataSource> = match (source, reader) {
                (Some(object), _) => options.wrap(Arc::new(PySource::new(object))),
                (None, Some(reader)) => options.wrap(Opener::source(reader, patterns)),
                (None, None) => open_source(patterns, &options)?,
            };
            let dataset = Dataset::from_source(source);
            dataset.shards().names()?;
            Ok(dataset)
        });
        Ok(Self { dataset: opened.map_err(|error| raise(py, error))? })
    }

    /// Samples at equal distances.
    #[pyo3(signature = (start, step, count, /))]
    fn slice(&self, py: Python<'_>, start: u64, step: i64, count: u64) -> PyResult<Self> {
        self.selected(py, &Selection::Range { start, step, count })
    }

    /// The samples with these numbers.
    #[pyo3(signature = (numbers, /))]
    fn pick(&self, py: Python<'_>, numbers: Vec<u64>) -> PyResult<Self> {
        let dataset = py.detach(|| self.dataset.select(numbers));
        dataset.map(|dataset| Self { dataset }).map_err(|error| raise(py, error))
    }

    /// The samples of which a condition holds; its fields are those of the layout.
    #[pyo3(signature = (layout, condition, /))]
    fn matching(&self, py: Python<'_>, layout: &Layout, condition: &Condition) -> PyResult<Self> {
        let expr = condition.expr().clone();
        let known = if layout.construct == Construct::Open { None } else { layout.columns(py) };
        let filter = match known {
            Some(columns) => Filter::new(expr, &columns),
            None => Ok(Filter::open(expr)),
        };
        let dataset = filter.map_err(Error::from).and_then(|filter| self.dataset.keeping(filter));
        dataset.map(|dataset| Self { dataset }).map_err(|error| raise(py, error))
    }

    /// How many samples a part has, also behind a condition, which is then asked of all.
    /// `progress` hears now and then of those so far.
    #[pyo3(signature = (order, on_error = "raise", *, progress = None))]
    fn count(
        &self,
        py: Python<'_>,
        order: &Order,
        on_error: &str,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<u64> {
        let reading = self.reading(order, on_error)?;
        let tell = move |kept: u64| match &progress {
            Some(told) => {
                Python::attach(|py| told.call1(py, (kept, None::<u64>)).map(drop)).map_err(failed)
            }
            None => Ok(()),
        };
        py.detach(|| reading.count_told(tell)).map_err(|error| raise(py, error))
    }

    /// The number of the first sample with a key.
    #[pyo3(signature = (key, /))]
    fn find(&self, py: Python<'_>, key: &str) -> PyResult<u64> {
        py.detach(|| self.dataset.find(key)).map_err(|error| raise(py, error))
    }

    #[getter]
    fn names(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        let names = self.dataset.shards().names().map_err(|error| raise(py, error))?;
        Ok(names.to_vec())
    }

    /// All samples, from the indexes, or a walk over the headers.
    fn sample_count(&self, py: Python<'_>) -> PyResult<u64> {
        py.detach(|| self.dataset.len()).map_err(|error| raise(py, error))
    }

    /// The sizes of all shards together, in bytes, where they are all known.
    fn total_bytes(&self, py: Python<'_>) -> PyResult<Option<u64>> {
        py.detach(|| self.dataset.shards().bytes()).map_err(|error| raise(py, error))
    }

    /// What manifests say of the fields, as JSON, and of how many shards.
    fn statistics(&self, py: Python<'_>) -> PyResult<(String, usize)> {
        let found = py.detach(|| self.dataset.shards().statistics());
        let found = found.map_err(|error| raise(py, error))?;
        Ok((atdata::format::manifest::to_json(&found.fields), found.described))
    }

    /// The samples of a part, or its batches of so many rows.
    #[pyo3(signature = (order, rows = None))]
    fn part_count(&self, py: Python<'_>, order: &Order, rows: Option<u64>) -> PyResult<u64> {
        let reading = self.reading(order, "raise")?;
        let count = py.detach(|| reading.block(rows.unwrap_or(1)).len());
        let samples = count.map_err(|error| raise(py, error))?;
        Ok(samples.div_ceil(rows.unwrap_or(1).max(1)))
    }

    /// The first sample with a key that is kept.
    #[pyo3(signature = (layout, key, /))]
    fn keyed<'py>(
        &self,
        py: Python<'py>,
        layout: &Layout,
        key: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let mut raw = RawSample::default();
        let shard = py.detach(|| self.dataset.read_raw_key(key, &mut raw));
        let shard = shard.map_err(|error| raise(py, error))?;
        decoded(py, layout, &raw, shard)
    }

    /// One sample by its number.
    #[pyo3(signature = (layout, index, /))]
    fn sample<'py>(
        &self,
        py: Python<'py>,
        layout: &Layout,
        index: u64,
    ) -> PyResult<Bound<'py, PyAny>> {
        let mut raw = RawSample::default();
        let read = py.detach(|| self.dataset.read_raw(index, &mut raw));
        let shard = read.map_err(|error| raise(py, error))?;
        decoded(py, layout, &raw, shard)
    }

    /// Samples in an order.
    #[pyo3(signature = (layout, order, on_error = "raise", rows = 1, views = false))]
    fn samples(
        &self,
        py: Python<'_>,
        layout: Py<Layout>,
        order: &Order,
        on_error: &str,
        rows: u64,
        views: bool,
    ) -> PyResult<SampleIterator> {
        let reading = self.reading(order, on_error)?.block(rows);
        let cursor = py.detach(|| reading.cursor()).map_err(|error| raise(py, error))?;
        let columns = layout.get().large_columns(py);
        Ok(SampleIterator::new(layout, columns, cursor, policy(on_error)?, views))
    }

    /// Batches in an order, the files in some fields decoded: each named with its encoding. `dealt_in` is how many samples stay
    /// together when parts are dealt out, if not those of a batch.
    #[pyo3(signature = (
        layout, order, rows, on_error = "raise", *, decode = Vec::new(), dealt_in = None
    ))]
    #[allow(clippy::too_many_arguments, reason = "keywords of a Python method")]
    fn batches(
        &self,
        py: Python<'_>,
        layout: &Layout,
        order: &Order,
        rows: usize,
        on_error: &str,
        decode: Vec<(String, String)>,
        dealt_in: Option<u64>,
    ) -> PyResult<BatchIterator> {
        let columns = layout.require_columns(py)?;
        let batches = self.reading(order, on_error)?.batches_of(columns, rows);
        let known = |(name, word): (String, String)| Some((name, Encoding::named(&word)?));
        let decode = decode.into_iter().filter_map(known).collect();
        let batches = batches.decoding(decode, ImageLimits::default());
        Ok(BatchIterator::new(match dealt_in {
            Some(samples) => batches.dealt_in(samples),
            None => batches,
        }))
    }

    /// What exports samples by column, perhaps in batches of so many rows, as they are dealt out.
    #[pyo3(signature = (layout, order, on_error = "raise", rows = None))]
    fn export(
        &self,
        py: Python<'_>,
        layout: &Layout,
        order: &Order,
        on_error: &str,
        rows: Option<usize>,
    ) -> PyResult<Export> {
        let columns = match layout.construct {
            Construct::Open => Arc::new([]),
            _ => layout.require_columns(py)?,
        };
        let reading = self.reading(order, on_error)?.block(rows.unwrap_or(1) as u64);
        Ok(Export::of_reading(reading, columns, rows))
    }
}

impl Shards {
    /// All shards, whatever was selected of them.
    pub(crate) fn all(&self) -> &atdata::Shards {
        self.dataset.shards()
    }

    fn selected(&self, py: Python<'_>, selection: &Selection) -> PyResult<Self> {
        let dataset = py.detach(|| self.dataset.selected(selection));
        dataset.map(|dataset| Self { dataset }).map_err(|error| raise(py, error))
    }

    fn reading(&self, order: &Order, on_error: &str) -> PyResult<Reading<DictSample>> {
        let dataset = self.dataset.clone().on_error(policy(on_error)?);
        let reading = match order.shuffle {
            None => dataset.ordered(),
            Some(shuffle) => dataset
                .shuffled()
                .seed(shuffle.seed)
                .epoch(shuffle.epoch)
                .buffers(shuffle.buffer_shards, shuffle.buffer_samples),
        };
        Ok(reading.part(order.part))
    }
}

/// An exception on its way through the engine.
fn failed(error: PyErr) -> Error {
    let source = std::io::Error::other(error);
    Error::Io { action: "read", path: "the samples".into(), source }
}

fn decoded<'py>(
    py: Python<'py>,
    layout: &Layout,
    raw: &RawSample,
    shard: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let placed = |error: atdata::format::Error| {
        let error = error.shifted(raw.extent.offset).in_key(raw.key.as_str());
        error.in_shard(atdata::source::shown(shard))
    };
    let sample = Decoder::default().sample(py, layout, &raw.payload, Arrays::Owned);
    sample.map_err(|fail| fail.placed(placed).raise(py))
}

fn policy(on_error: &str) -> PyResult<OnError> {
    match on_error {
        "raise" => Ok(OnError::Raise),
        "skip" => Ok(OnError::Skip),
        other => {
            let message = format!("on_error must be 'raise' or 'skip', not '{other}'");
            Err(PyValueError::new_err(message))
        }
    }
}
