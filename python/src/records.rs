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
    taken: VecDeque<Vec<u8>>,
    ended: bool,
    at: At,
    raised: Raised,
}

impl PythonRecords {
    /// Of an iterable; what its code raises is put into `raised`.
    pub(crate) fn new(records: &Bound<'_, PyAny>, place: &str, raised: Raised) -> PyResult<Self> {
        let records = PyIterator::from_object(records)?.unbind();
        let at = At::start(place, "row");
        let (encoder, taken) = (Encoder::default(), VecDeque::new());
        Ok(Self { records, encoder, taken, ended: false, at, raised })
    }

    fn take(&mut self, py: Python<'_>) -> Result<()> {
        let mut bytes = 0;
        py.check_signals().map_err(|error| self.stopped(error))?;
        while self.taken.len() < ROWS && bytes < BYTES {
            let mut records = self.records.bind(py).clone();
            let Some(record) = records.next() else {
                self.ended = true;
                break;
            };
            let record = record.map_err(|error| self.stopped(error))?;
            let payload = self.encoded(&record)?;
            bytes += payload.len();
            self.taken.push_back(payload);
        }
        Ok(())
    }

    fn encoded(&mut self, record: &Bound<'_, PyAny>) -> Result<Vec<u8>> {
        let at = || {
            let number = self.at.number + self.taken.len() as u64 + 1;
            At { number, ..self.at.clone() }
        };
        if record.cast::<PyMapping>().is_err() {
            let found = record.get_type();
            let message = format!("a record is a dict of names and values, this is a {found}");
            return Err(at().wrong(None, message));
        }
        let mut payload = Vec::new();
        match self.encoder.mapping(record, &mut payload) {
            Ok(()) => Ok(payload),
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
        if self.taken.is_empty() && !self.ended {
            Python::attach(|py| self.take(py))?;
        }
        let Some(payload) = self.taken.pop_front() else { return Ok(false) };
        self.at.number += 1;
        row.packed = payload;
        row.at = self.at.clone();
        Ok(true)
    }

    fn done(&self) -> u64 {
        self.at.number
    }
}
