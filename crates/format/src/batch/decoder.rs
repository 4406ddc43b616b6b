//! Fills the columns of a batch, sample by sample.

use super::array_column::{Fresh, Memory, Room};
use super::column::Column;
use super::{Batch, ColumnSpec};
use crate::error::{Error, Kind, Result};
use crate::msgpack::{Walker, write_str};
use crate::tar::{Input, Window};
use crate::value::Value;
use std::sync::Arc;

/// Decodes samples into columns; made once, used for batch after batch.
///
/// A sample that cannot be decoded leaves no trace in the batch.
#[derive(Debug)]
pub struct BatchDecoder {
    pub(super) specs: Arc<[ColumnSpec]>,
    /// The specs' names as they stand in payloads.
    names: Vec<Vec<u8>>,
    pub(super) columns: Vec<Column>,
    /// Whether fields that no spec names become columns of their own.
    open: Option<Vec<String>>,
    pub(super) rows: usize,
    pub(super) capacity: usize,
    pub(super) extra_fields: u64,
    pub(super) scratch: Vec<u8>,
    pub(super) memory: Arc<dyn Memory>,
}

impl BatchDecoder {
    /// A decoder for samples of a known type, with room for `capacity` rows a batch.
    #[must_use]
    pub fn new(specs: Arc<[ColumnSpec]>, capacity: usize) -> Self {
        let names = specs.iter().map(|spec| encoded_name(&spec.name)).collect();
        let mut decoder = Self {
            specs,
            names,
            columns: Vec::new(),
            open: None,
            rows: 0,
            capacity: capacity.min(1 << 16),
            extra_fields: 0,
            scratch: Vec::new(),
            memory: Arc::new(Fresh),
        };
        let specs = decoder.specs.iter();
        decoder.columns = specs.map(|spec| Column::for_type(&spec.ty, decoder.capacity)).collect();
        decoder
    }

    /// A decoder for samples of any type: every field that comes is a column, `None` where a
    /// sample has no such field. Arrays stay bytes.
    #[must_use]
    pub fn open(capacity: usize) -> Self {
        Self { open: Some(Vec::new()), ..Self::new(Arc::new([]), capacity) }
    }

    /// Lets the caller say where the memory for stacked arrays, texts and bytes comes from.
    #[must_use]
    pub fn with_memory(mut self, memory: Arc<dyn Memory>) -> Self {
        self.memory = memory;
        self
    }

    fn room(&self) -> Room<'_> {
        Room { rows: self.capacity, memory: &*self.memory }
    }

    /// The number of samples so far.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// The batch so far; the decoder is ready for the next.
    pub fn finish(&mut self) -> Batch {
        let pairs = self.specs.iter().zip(&self.columns);
        let next = pairs.map(|(spec, last)| Column::after(last, &spec.ty, self.room()));
        let next = next.collect();
        let columns = std::mem::replace(&mut self.columns, next);
        let names = match &mut self.open {
            Some(names) => std::mem::take(names),
            None => self.specs.iter().map(|spec| spec.name.clone()).collect(),
        };
        let columns = names.into_iter().zip(columns).collect();
        let extra_fields = std::mem::take(&mut self.extra_fields);
        Batch { rows: std::mem::take(&mut self.rows), columns, extra_fields }
    }

    /// Adds a sample.
    ///
    /// # Errors
    /// What is wrong with the payload, with the field and the byte in the payload.
    #[inline]
    pub fn push(&mut self, payload: &[u8]) -> Result<()> {
        let result = self.row(payload);
        self.close_row(result)
    }

    /// Adds a sample of `len` bytes whose first is the window's next. Large arrays are read
    /// straight into their column.
    ///
    /// # Errors
    /// As [`BatchDecoder::push`], and [`Kind::ShardCutShort`]; how far the window was read is then
    /// open.
    #[inline]
    pub fn push_from<R: Input>(&mut self, window: &mut Window<R>, len: u64) -> Result<()> {
        let result = if len <= window.capacity() as u64 {
            let len = len as usize;
            let payload = window.peek(len)?;
            if payload.len() < len {
                return Err(cut_short(payload.len() as u64));
            }
            let result = self.row(payload);
            window.consume(len);
            result
        } else {
            self.large_row(window, len)
        };
        self.close_row(result)
    }

    fn close_row(&mut self, result: Result<()>) -> Result<()> {
        match result {
            Ok(()) => self.rows += 1,
            Err(_) => self.columns.iter_mut().for_each(|column| column.truncate(self.rows)),
        }
        result
    }

    #[inline]
    fn row(&mut self, payload: &[u8]) -> Result<()> {
        let mut walker = Walker::new(payload);
        let fields = walker.map_header()?;
        self.fields(&mut walker, 0, fields)?;
        walker.finish()?;
        self.fill_missing()
    }

    #[inline]
    pub(super) fn fields(&mut self, walker: &mut Walker<'_>, from: usize, to: usize) -> Result<()> {
        for position in from..to {
            // Most often the fields come in the order of the columns.
            if self.names.get(position).is_some_and(|name| walker.eat(name)) {
                self.push_field(position, walker)?;
                continue;
            }
            let name = walker.field_name()?;
            match self.column_of(position, name) {
                Some(column) => self.push_field(column, walker)?,
                None => {
                    walker.skip().map_err(|error| error.in_field(name))?;
                    self.extra_fields += 1;
                }
            }
        }
        Ok(())
    }

    #[inline]
    pub(super) fn push_field(&mut self, column: usize, walker: &mut Walker<'_>) -> Result<()> {
        let (rows, at) = (self.rows, walker.position());
        let room = Room { rows: self.capacity, memory: &*self.memory };
        let target = &mut self.columns[column];
        let result = if target.len() == rows { target.push(walker, room) } else { Err(twice(at)) };
        result.map_err(|error| error.in_field(self.name(column)))
    }

    fn name(&self, column: usize) -> String {
        let open = self.open.as_ref().and_then(|names| names.get(column)).cloned();
        let spec = self.specs.get(column).map(|spec| spec.name.clone());
        open.or(spec).unwrap_or_default()
    }

    /// The column of a field: most often the one at the same position.
    #[inline]
    pub(super) fn column_of(&mut self, position: usize, name: &str) -> Option<usize> {
        if let Some(names) = &mut self.open {
            let known = names.iter().position(|own| own == name);
            return known.or_else(|| {
                names.push(name.to_owned());
                self.columns.push(Column::Values(vec![Value::Nil; self.rows]));
                Some(self.columns.len() - 1)
            });
        }
        match self.specs.get(position) {
            Some(spec) if spec.name == name => Some(position),
            _ => self.specs.iter().position(|spec| spec.name == name),
        }
    }

    #[inline]
    pub(super) fn fill_missing(&mut self) -> Result<()> {
        let wanted = self.rows + 1;
        let room = Room { rows: self.capacity, memory: &*self.memory };
        for (column, values) in self.columns.iter_mut().enumerate() {
            if values.len() == wanted {
                continue;
            }
            let default = match self.specs.get(column) {
                Some(spec) => spec.default.as_ref().ok_or_else(|| missing(&spec.name))?,
                None => &Value::Nil,
            };
            values.push_value(default, room)?;
        }
        Ok(())
    }
}

/// A field's name as it stands in a payload. One that msgpack cannot hold is never met.
fn encoded_name(name: &str) -> Vec<u8> {
    const NO_VALUE: u8 = 0xc1;
    let mut bytes = Vec::new();
    match write_str(name, &mut bytes) {
        Ok(()) => bytes,
        Err(_) => vec![NO_VALUE],
    }
}

pub(super) fn cut_short(at: u64) -> Error {
    Error::new(Kind::ShardCutShort, "the shard is cut short: it ends inside a payload").at(at)
}

fn twice(at: usize) -> Error {
    Error::new(Kind::BadMsgpack, "the payload has this field twice").at(at as u64)
}

fn missing(name: &str) -> Error {
    let message = format!("the sample has no field '{name}', which its type requires");
    Error::new(Kind::MissingField, message).in_field(name)
}
