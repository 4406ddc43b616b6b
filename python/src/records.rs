//! Records that Python code gives, as an input of a conversion.

use crate::convert::Raised;
use crate::encode::Encoder;
use crate::errors::Fail;
use atdata::convert::{At, Records, Row};
use atdata::{Error, Result};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyMapping};
use std::collections::VecDeque;

/// So many records, or so many bytes of them, are taken while the interpreter is held.
const ROWS: usize = 256;
const BYTES: usize = 1 << 20;

/// An iterator of mappings from names to values.
pub(crate) struct PythonRecords {
    records: Py<PyIterator>,
    encoder: Encoder,
    taken: Taken,
    ended: bool,
    at: At,
    raised: Raised,
}

/// Records as msgpack, one behind the other.
#[derive(Default)]
struct Taken {
    bytes: Vec<u8>,
    ends: VecDeque<usize>,
    /// Where the first that is left begins.
    start: usize,
}

impl Taken {
    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.start = 0;
    }

    fn next(&mut self) -> Option<&[u8]> {
        let end = self.ends.pop_front()?;
        let next = self.bytes.get(self.start..end);
        self.start = end;
        next
    }
}

impl PythonRecords {
    /// Of an iterable; what its code raises is put into `raised`.
    pub(crate) fn new(records: &Bound<'_, PyAny>, place: &str, raised: Raised) -> PyResult<Self> {
        let records = PyIterator::from_object(records)?.unbind();
        let at = At::start(place, "row");
        let (encoder, taken) = (Encoder::default(), Taken::default());
        Ok(Self { records, encoder, taken, ended: false, at, raised })
    }

    fn take(&mut self, py: Python<'_>) -> Result<()> {
        self.taken.clear();
        py.check_signals().map_err(|error| self.stopped(error))?;
        while self.taken.ends.len() < ROWS && self.taken.bytes.len() < BYTES {
            let mut records = self.records.bind(py).clone();
            let Some(record) = records.next() else {
                self.ended = true;
                break;
            };
            let record = record.map_err(|error| self.stopped(error))?;
            self.encode(&record)?;
            self.taken.ends.push_back(self.taken.bytes.len());
        }
        Ok(())
    }

    fn encode(&mut self, record: &Bound<'_, PyAny>) -> Result<()> {
        let at = || {
            let number = self.at.number + self.taken.ends.len() as u64 + 1;
            At { number, ..self.at.clone() }
        };
        if record.cast::<PyMapping>().is_err() {
            let found = record.get_type();
            let message = format!("a record is a dict of names and values, this is a {found}");
            return Err(at().wrong(None, message));
        }
        match self.encoder.mapping(record, &mut self.taken.bytes) {
            Ok(()) => Ok(()),
            Err(Fail::Format(error)) => {
                Err(at().wrong(error.place().field.as_deref(), error.message()))
            }
            // Of a value that cannot be stored; its message names the field.
            Err(Fail::Python(error)) if error.is_instance_of::<PyTypeError>(record.py()) => {
                Err(at().wrong(None, error.value(record.py()).to_string()))
            }
            Err(Fail::Python(error)) => Err(self.stopped(error)),
        }
    }

    fn stopped(&self, error: PyErr) -> Error {
        if let Ok(mut raised) = self.raised.lock() {
            *raised = Some(error);
        }
        Error::Stopped
    }
}

impl Records for PythonRecords {
    fn next(&mut self, row: &mut Row) -> Result<bool> {
        if self.taken.ends.is_empty() && !self.ended {
            Python::attach(|py| self.take(py))?;
        }
        let Some(payload) = self.taken.next() else { return Ok(false) };
        self.at.number += 1;
        row.packed.extend_from_slice(payload);
        row.at = self.at.clone();
        Ok(true)
    }

    fn done(&self) -> u64 {
        self.at.number
    }
}
