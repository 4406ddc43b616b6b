//! Shards and small files as bytes.

use crate::errors::raise;
use crate::store::{Opener, Reader};
use atdata::format::tar::Input;
use atdata::source::ShardInput;
use atdata::{Error, SourceOptions, open_source};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::io::Read;
use std::sync::Mutex;

/// A file or an object as bytes, at most so many.
#[pyfunction]
#[pyo3(signature = (url, limit, store = None))]
pub(crate) fn read_whole<'py>(
    py: Python<'py>,
    url: &str,
    limit: u64,
    store: Option<Reader<'py>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let reader = store.map(|reader| reader.open());
    let read = py.detach(|| {
        let source = match reader {
            Some(reader) => Opener::source(reader, vec![url.to_owned()]),
            None => open_source(vec![url.to_owned()], &SourceOptions::default())?,
        };
        let mut bytes = Vec::new();
        let read = source.open(url)?.take(limit + 1).read_to_end(&mut bytes);
        read.map_err(|error| Error::io("read", url.as_ref(), error))?;
        if bytes.len() as u64 > limit {
            return Err(Error::Invalid(format!("{url} is larger than {limit} bytes")));
        }
        Ok(bytes)
    });
    Ok(PyBytes::new(py, &read.map_err(|error| raise(py, error))?))
}

/// A shard as a stream that Python can read.
#[pyclass(frozen, module = "atdata._atdata")]
pub(crate) struct ShardStream {
    input: Mutex<Option<Box<dyn ShardInput>>>,
    shard: String,
}

#[pymethods]
impl ShardStream {
    /// Opens a shard.
    #[new]
    #[pyo3(signature = (shard, store = None, allow_pipe = false))]
    fn new(
        py: Python<'_>,
        shard: String,
        store: Option<Reader<'_>>,
        allow_pipe: bool,
    ) -> PyResult<Self> {
        let reader = store.map(|reader| reader.open());
        let opened = py.detach(|| {
            let options = SourceOptions { allow_pipe, ..SourceOptions::default() };
            match reader {
                Some(reader) => Opener::source(reader, vec![shard.clone()]).open(&shard),
                None => open_source(vec![shard.clone()], &options)?.open(&shard),
            }
        });
        Ok(Self { input: Mutex::new(Some(opened.map_err(|error| raise(py, error))?)), shard })
    }

    /// Up to so many bytes; none at the end.
    #[pyo3(signature = (count, /))]
    fn read<'py>(&self, py: Python<'py>, count: usize) -> PyResult<Bound<'py, PyBytes>> {
        let read = py.detach(|| {
            let mut input = self.input.lock().ok()?;
            let mut bytes = Vec::new();
            Some(input.as_mut()?.append_to(&mut bytes, count).map(|_| bytes))
        });
        let read = read.ok_or_else(|| PyValueError::new_err("the stream is closed"))?;
        let failed = |error| raise(py, Error::io("read", self.shard.as_ref(), error));
        Ok(PyBytes::new(py, &read.map_err(failed)?))
    }

    /// Closes it.
    fn close(&self, py: Python<'_>) {
        py.detach(|| drop(self.input.lock().ok().and_then(|mut input| input.take())));
    }
}
