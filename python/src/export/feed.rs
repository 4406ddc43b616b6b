//! Samples that Python code gives, by column.

use super::failed;
use crate::array_writer::ArrayWriter;
use crate::encode::{Encoder, in_field};
use crate::errors::Fail;
use crate::layout::{Absent, Construct, Layout};
use atdata::batch::{ArrayItem, BatchDecoder, Column, ColumnSpec};
use atdata::export::{ExportSource, Rows};
use atdata::format::array::ArrayView;
use atdata::format::msgpack;
use atdata::{Error, Result, Value};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyMapping, PyString};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

/// A function that makes iterators, and the layout of what they give; without one it is mappings.
pub(super) struct Feed {
    samples: Py<PyAny>,
    layout: Option<Py<Layout>>,
}

impl Feed {
    pub(super) const fn new(samples: Py<PyAny>, layout: Option<Py<Layout>>) -> Self {
        Self { samples, layout }
    }

    pub(super) fn source(&self, py: Python<'_>) -> ExportSource {
        let samples = self.samples.clone_ref(py);
        let known = self.layout.as_ref().filter(|known| known.get().construct != Construct::Open);
        let layout = known.map(|layout| layout.clone_ref(py));
        let is_open =
            self.layout.as_ref().is_some_and(|layout| layout.get().construct == Construct::Open);
        let fields = layout.as_ref().map_or_else(|| Arc::from([]), |known| fields(py, known.get()));
        let columns = Arc::clone(&fields);
        ExportSource::of_rows(fields, move || {
            Python::attach(|py| {
                let iterator = samples
                    .bind(py)
                    .call0()
                    .and_then(|made| PyIterator::from_object(&made).map(Bound::unbind));
                let layout = layout.as_ref().map(|layout| layout.clone_ref(py));
                let decoder = match layout {
                    Some(_) => BatchDecoder::new(Arc::clone(&columns), ROWS),
                    None => BatchDecoder::open(ROWS),
                };
                let iterator = iterator.map_err(failed)?;
                Ok(Pass {
                    iterator,
                    layout,
                    is_open,
                    encoder: Encoder::default(),
                    decoder,
                    failed: None,
                    ended: false,
                })
            })
        })
    }
}

/// The columns of a class: every field is there, since the samples are at hand.
fn fields(py: Python<'_>, layout: &Layout) -> Arc<[ColumnSpec]> {
    let spec = |field: &crate::layout::FieldLayout| {
        let optional = matches!(&field.absent, Absent::Value(value) if value.is_none(py));
        let default = optional.then_some(Value::Nil);
        ColumnSpec { name: field.name.clone(), ty: field.ty.clone(), default }
    };
    layout.fields.iter().map(spec).collect()
}

/// Samples that are packed with the interpreter held, then made into columns without it.
const ROWS: usize = 1024;
const BYTES: usize = 4 << 20;

/// One pass over the samples.
struct Pass {
    iterator: Py<PyIterator>,
    layout: Option<Py<Layout>>,
    /// Whether the samples are of a class with any fields, else mappings.
    is_open: bool,
    encoder: Encoder,
    decoder: BatchDecoder,
    failed: Option<Error>,
    ended: bool,
}

/// Samples as bytes, and in which of them a field was an array.
#[derive(Default)]
struct Packed {
    bytes: Vec<u8>,
    samples: Vec<Range<usize>>,
    arrays: BTreeMap<String, BTreeSet<usize>>,
}

type Packing = std::result::Result<(), Fail>;

impl Iterator for Pass {
    type Item = Result<Rows>;

    fn next(&mut self) -> Option<Result<Rows>> {
        if let Some(error) = self.failed.take() {
            return Some(Err(error));
        }
        let mut packed = Packed::default();
        if !self.ended {
            let filled = Python::attach(|py| self.fill(py, &mut packed));
            self.ended |= filled.is_err();
            self.failed = filled.err();
        }
        if packed.samples.is_empty() {
            return self.failed.take().map(Err);
        }
        Some(self.columns(packed))
    }
}

impl Pass {
    fn fill(&mut self, py: Python<'_>, packed: &mut Packed) -> Result<()> {
        let mut iterator = self.iterator.bind(py).clone();
        while packed.samples.len() < ROWS && packed.bytes.len() < BYTES {
            let Some(sample) = iterator.next() else {
                self.ended = true;
                break;
            };
            let start = packed.bytes.len();
            let sample = sample.map_err(failed)?;
            self.pack(&sample, packed).map_err(|fail| match fail {
                Fail::Format(error) => Error::from(error),
                Fail::Python(error) => failed(error),
            })?;
            packed.samples.push(start..packed.bytes.len());
        }
        Ok(())
    }

    fn pack(&mut self, sample: &Bound<'_, PyAny>, packed: &mut Packed) -> Packing {
        match &self.layout {
            Some(layout) => self.encoder.sample(layout.get(), sample, &mut packed.bytes),
            None if self.is_open => self.mapping(&sample.call_method0("to_dict")?, packed),
            None => self.mapping(sample, packed),
        }
    }

    fn mapping(&mut self, data: &Bound<'_, PyAny>, packed: &mut Packed) -> Packing {
        let py = data.py();
        let items = data.cast::<PyMapping>().map_err(|_| no_mapping(data))?.items()?;
        msgpack::write_map_header(items.len(), &mut packed.bytes)?;
        for item in items {
            let (name, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
            let name = name.cast::<PyString>().map_err(|_| no_name(&name))?.to_str()?;
            msgpack::write_str(name, &mut packed.bytes)?;
            let written = if ArrayWriter::is_array(&value) {
                let row = packed.samples.len();
                packed.arrays.entry(name.to_owned()).or_default().insert(row);
                self.encoder.array(&value, &mut packed.bytes)
            } else {
                self.encoder.value(&value, &mut packed.bytes, 0)
            };
            written.map_err(|fail| in_field(py, fail, name))?;
        }
        Ok(())
    }

    fn columns(&mut self, packed: Packed) -> Result<Rows> {
        for sample in packed.samples {
            self.decoder.push(packed.bytes.get(sample).unwrap_or_default())?;
        }
        let mut rows = Rows::from(self.decoder.finish());
        for (name, column) in &mut rows.columns {
            if let (Some(arrays), Column::Values(values)) = (packed.arrays.get(name), &mut *column)
            {
                *column = with_arrays(std::mem::take(values), arrays)?;
            }
        }
        Ok(rows)
    }
}

fn no_mapping(found: &Bound<'_, PyAny>) -> PyErr {
    let message = |ty| format!("each sample must become a dict of its fields, not a {ty}");
    found.get_type().qualname().map_or_else(|error| error, |ty| PyTypeError::new_err(message(ty)))
}

fn no_name(found: &Bound<'_, PyAny>) -> PyErr {
    let message = |text| format!("a field's name must be a str, not {text}");
    found.repr().map_or_else(|error| error, |text| PyTypeError::new_err(message(text)))
}

/// The values of a field that is an array in some rows.
fn with_arrays(values: Vec<Value>, rows: &BTreeSet<usize>) -> Result<Column> {
    let is_array = |(row, value): (usize, &Value)| *value == Value::Nil || rows.contains(&row);
    if values.iter().enumerate().all(is_array) {
        let items = values.into_iter().map(|value| match value {
            Value::Bytes(bytes) => item(&bytes).map(Some),
            _ => Ok(None),
        });
        return items.collect::<Result<_>>().map(Column::Arrays);
    }
    let values = values.into_iter().enumerate().map(|(row, value)| match value {
        Value::Bytes(bytes) if rows.contains(&row) => item(&bytes).map(in_words),
        other => Ok(other),
    });
    values.collect::<Result<_>>().map(Column::Values)
}

fn item(bytes: &[u8]) -> Result<ArrayItem> {
    let view = ArrayView::parse(bytes)?;
    let (dtype, shape) = (view.header.dtype.clone(), view.header.shape.to_vec());
    Ok(ArrayItem { dtype, shape, data: view.to_c_order().into_owned() })
}

/// An array among other values, as the export's JSON has it.
fn in_words(item: ArrayItem) -> Value {
    let dtype = item.dtype.descr().unwrap_or(item.dtype.as_str()).to_owned();
    let shape = item.shape.iter().map(|&dim| Value::Int(dim as i64)).collect();
    let pairs = [
        ("dtype", Value::Str(dtype)),
        ("shape", Value::List(shape)),
        ("data", Value::Bytes(item.data)),
    ];
    Value::Map(pairs.map(|(name, value)| (Value::Str(name.to_owned()), value)).into())
}
