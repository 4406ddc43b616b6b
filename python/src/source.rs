//! A source of shards that is a Python object.

use atdata::format::tar::Input;
use atdata::source::{DataSource, MappedShard, ShardInput, ShardStat};
use atdata::{Error, Result};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use std::io::{self, Read};
use std::sync::Arc;

/// An object with `list_shards()` or `shard_list`, and `open_shard(name)`.
#[derive(Debug)]
pub(crate) struct PySource {
    object: Py<PyAny>,
}

impl PySource {
    pub(crate) const fn new(object: Py<PyAny>) -> Self {
        Self { object }
    }

    fn list(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        let object = self.object.bind(py);
        let names = match object.getattr_opt("list_shards")? {
            Some(list) => list.call0()?,
            None => object.getattr("shard_list")?,
        };
        names.try_iter()?.map(|name| name?.extract()).collect()
    }
}

/// An exception on its way through the engine.
fn failed(shard: &str, error: PyErr) -> Error {
    Error::Io { action: "read", path: shard.into(), source: io::Error::other(error) }
}

impl DataSource for PySource {
    fn shards(&self) -> Result<Vec<String>> {
        Python::attach(|py| self.list(py)).map_err(|error| failed("the list of shards", error))
    }

    fn stat(&self, _: &str) -> Result<ShardStat> {
        Ok(ShardStat::default())
    }

    fn open(&self, shard: &str) -> Result<Box<dyn ShardInput>> {
        let opened = Python::attach(|py| {
            let stream = self.object.bind(py).call_method1("open_shard", (shard,))?;
            PyInput::new(&stream)
        });
        match opened {
            Ok(input) => Ok(Box::new(input)),
            Err(error) => Err(failed(shard, error)),
        }
    }

    fn sidecar(&self, _: &str) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }

    fn opens_ahead(&self) -> usize {
        0 // the source's code runs on the thread that iterates
    }
}

/// A binary file object.
struct PyInput {
    stream: Py<PyAny>,
    size: Option<u64>,
}

impl PyInput {
    fn new(stream: &Bound<'_, PyAny>) -> PyResult<Self> {
        let size = match seekable(stream) {
            true => Some(size_of(stream)?),
            false => None,
        };
        Ok(Self { stream: stream.clone().unbind(), size })
    }

    fn read_bytes(&self, count: usize, take: &mut dyn FnMut(&[u8])) -> io::Result<usize> {
        let read = Python::attach(|py| {
            let stream = self.stream.bind(py);
            let bytes = stream.call_method1(pyo3::intern!(py, "read"), (count,))?;
            let bytes = bytes.cast::<PyBytes>().map_err(PyErr::from)?.as_bytes();
            if bytes.len() > count {
                let message = "the shard's stream gave more bytes than it was asked for";
                return Err(pyo3::exceptions::PyValueError::new_err(message));
            }
            take(bytes);
            Ok(bytes.len())
        });
        read.map_err(io::Error::other)
    }
}

/// Whether a file object says that it can be read at any place.
fn seekable(stream: &Bound<'_, PyAny>) -> bool {
    stream.call_method0("seekable").is_ok_and(|answer| answer.is_truthy().unwrap_or(false))
}

/// The size of a seekable file, which then stands at its first byte.
fn size_of(stream: &Bound<'_, PyAny>) -> PyResult<u64> {
    let size = stream.call_method1("seek", (0, 2))?;
    stream.call_method1("seek", (0,))?;
    size.extract()
}

impl Read for PyInput {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.read_bytes(buf.len(), &mut |bytes| buf[..bytes.len()].copy_from_slice(bytes))
    }
}

impl Input for PyInput {
    fn pass_over(&mut self, count: u64) -> io::Result<u64> {
        let mut passed = 0;
        while passed < count {
            let piece = (count - passed).min(1 << 20) as usize;
            match self.read_bytes(piece, &mut |_| ())? {
                0 => break,
                read => passed += read as u64,
            }
        }
        Ok(passed)
    }

    fn append_to(&mut self, out: &mut Vec<u8>, count: usize) -> io::Result<usize> {
        let mut appended = 0;
        while appended < count {
            let piece = (count - appended).min(1 << 20);
            match self.read_bytes(piece, &mut |bytes| out.extend_from_slice(bytes))? {
                0 => break,
                read => appended += read,
            }
        }
        Ok(appended)
    }
}

impl ShardInput for PyInput {
    fn size(&self) -> Option<u64> {
        self.size
    }

    fn can_seek(&self) -> bool {
        self.size.is_some()
    }

    fn go_to(&mut self, offset: u64) -> io::Result<()> {
        let sought =
            Python::attach(|py| self.stream.bind(py).call_method1("seek", (offset,)).map(drop));
        sought.map_err(io::Error::other)
    }

    fn read_at(&mut self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        self.go_to(offset)?;
        let mut filled = 0;
        while let Some(rest) = out.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.read(rest)? {
                0 => break,
                read => filled += read,
            }
        }
        Ok(filled)
    }

    fn map(&mut self) -> io::Result<Option<Arc<MappedShard>>> {
        Ok(None)
    }

    fn fetch_ahead(&mut self) {}

    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for PyInput {
    /// Closes the file: whoever opened it for us does not see when we are done.
    fn drop(&mut self) {
        Python::attach(|py| {
            let _ = self.stream.bind(py).call_method0(PyString::intern(py, "close"));
        });
    }
}
