//! Fills the columns of a batch, sample by sample.

use super::array_column::Room;
use super::column::Column;
use super::{Batch, ColumnSpec};
use crate::array::ArrayHeader;
use crate::error::{Error, Kind, Result};
use crate::msgpack::{Token, Walker};
use crate::schema::FieldType;
use crate::tar::{Input, Window};
use crate::value::Value;
use std::sync::Arc;

/// Decodes samples into columns; made once, used for batch after batch.
///
/// A sample that cannot be decoded leaves no trace in the batch.
#[derive(Debug)]
pub struct BatchDecoder {
    specs: Arc<[ColumnSpec]>,
    columns: Vec<Column>,
    /// Whether fields that no spec names become columns of their own.
    open: Option<Vec<String>>,
    rows: usize,
    capacity: usize,
    extra_fields: u64,
    scratch: Vec<u8>,
    reserve: fn(usize) -> Vec<u8>,
}

impl BatchDecoder {
    /// A decoder for samples of a known type, with room for `capacity` rows a batch.
    #[must_use]
    pub fn new(specs: Arc<[ColumnSpec]>, capacity: usize) -> Self {
        let mut decoder = Self {
            specs,
            columns: Vec::new(),
            open: None,
            rows: 0,
            capacity: capacity.min(1 << 16),
            extra_fields: 0,
            scratch: Vec::new(),
            reserve: Vec::with_capacity,
        };
        decoder.columns = decoder.empty_columns();
        decoder
    }

    /// A decoder for samples of any type: every field that comes is a column, `None` where a
    /// sample has no such field. Arrays stay bytes.
    #[must_use]
    pub fn open(capacity: usize) -> Self {
        Self { open: Some(Vec::new()), ..Self::new(Arc::new([]), capacity) }
    }

    /// Lets the caller say where the memory for stacked arrays comes from: an empty vector with
    /// room for so many bytes.
    #[must_use]
    pub fn reserve_with(mut self, reserve: fn(usize) -> Vec<u8>) -> Self {
        self.reserve = reserve;
        self
    }

    const fn room(&self) -> Room {
        Room { rows: self.capacity, reserve: self.reserve }
    }

    fn empty_columns(&self) -> Vec<Column> {
        self.specs.iter().map(|spec| Column::for_type(&spec.ty, self.capacity)).collect()
    }

    /// The number of samples so far.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// The batch so far; the decoder is ready for the next.
    pub fn finish(&mut self) -> Batch {
        let empty = self.empty_columns();
        let columns = std::mem::replace(&mut self.columns, empty);
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
    fn fields(&mut self, walker: &mut Walker<'_>, from: usize, to: usize) -> Result<()> {
        for position in from..to {
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
    fn push_field(&mut self, column: usize, walker: &mut Walker<'_>) -> Result<()> {
        let (rows, room, at) = (self.rows, self.room(), walker.position());
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
    fn column_of(&mut self, position: usize, name: &str) -> Option<usize> {
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
    fn fill_missing(&mut self) -> Result<()> {
        let (wanted, room) = (self.rows + 1, self.room());
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

    /// A sample larger than the window: small fields pass through it, arrays do not.
    fn large_row<R: Input>(&mut self, window: &mut Window<R>, len: u64) -> Result<()> {
        let end = window.position() + len;
        let start = window.position();
        let mut walker = Walker::new(window.peek(MAP_HEADER)?);
        // The claimed number of fields is checked against what is there as each is met.
        let fields = large_map_header(&mut walker)?;
        let header = walker.position();
        window.consume(header);
        for position in 0..fields {
            if !self.large_field(window, position, start, end)? {
                return self.rest_of_row(window, position, fields, start, end);
            }
        }
        if window.position() != end {
            let message = format!("{} bytes follow the payload's map", end - window.position());
            return Err(Error::new(Kind::TrailingBytes, message).at(window.position() - start));
        }
        self.fill_missing()
    }

    /// One field of a large sample; false, with nothing consumed, when it needs the slow way.
    fn large_field<R: Input>(
        &mut self,
        window: &mut Window<R>,
        position: usize,
        start: u64,
        end: u64,
    ) -> Result<bool> {
        let at = window.position() - start;
        let left = end - window.position();
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(window.capacity());
        let bytes = window.peek(wanted)?;
        if bytes.len() < wanted {
            return Err(cut_short(at + bytes.len() as u64));
        }
        let mut walker = Walker::new(bytes);
        let Ok(Token::Str(name)) = walker.token() else { return Ok(false) };
        let Some(column) = self.column_of(position, name) else { return Ok(false) };
        let value = walker.rest();
        let is_array =
            self.specs.get(column).is_some_and(|s| matches!(s.ty, FieldType::Array { .. }));
        if self.columns[column].len() != self.rows {
            return Ok(false);
        }
        match bin_header(value) {
            Some((skip, size)) if is_array && value.len() - skip < size => {
                let consumed = walker.position() + skip;
                let room = left - consumed as u64;
                self.large_array(window, column, consumed, size, room)
            }
            _ => {
                if self.push_field(column, &mut walker).is_err() {
                    self.columns[column].truncate(self.rows);
                    return Ok(false);
                }
                let consumed = walker.position();
                window.consume(consumed);
                Ok(true)
            }
        }
        .map_err(|error: Error| error.shifted(at))
    }

    /// An array that goes on beyond the window, read into its column.
    fn large_array<R: Input>(
        &mut self,
        window: &mut Window<R>,
        column: usize,
        consumed: usize,
        size: usize,
        room: u64,
    ) -> Result<bool> {
        if size as u64 > room {
            return Ok(false);
        }
        let bytes = window.peek(window.capacity())?;
        let prefix = bytes.get(consumed..bytes.len().min(consumed + ARRAY_HEADER));
        let prefix = prefix.unwrap_or_default().to_vec();
        let Ok(Some(header)) = ArrayHeader::parse(&prefix, size) else { return Ok(false) };
        if header.fortran {
            return Ok(false);
        }
        let room = self.room();
        self.columns[column].stack_with(&header, &prefix, room, |data, count| {
            window.consume(consumed + header.data_offset);
            match window.append(data, count)? {
                read if read == count => Ok(()),
                read => Err(cut_short((consumed + header.data_offset + read) as u64)),
            }
        })
    }

    /// The rest of a large sample, through memory.
    fn rest_of_row<R: Input>(
        &mut self,
        window: &mut Window<R>,
        from: usize,
        fields: usize,
        start: u64,
        end: u64,
    ) -> Result<()> {
        let at = window.position() - start;
        let left = end - window.position();
        let mut bytes = std::mem::take(&mut self.scratch);
        bytes.clear();
        let read = window.append(&mut bytes, left as usize)? as u64;
        if read < left {
            return Err(cut_short(at + read));
        }
        let mut walker = Walker::new(&bytes);
        let result = self.fields(&mut walker, from, fields).and_then(|()| walker.finish());
        self.scratch = bytes;
        result.map_err(|error| error.shifted(at))?;
        self.fill_missing()
    }
}

/// The longest header of a map: a byte and four of length.
const MAP_HEADER: usize = 5;

/// More than the header of any array has that is read straight into its column.
const ARRAY_HEADER: usize = 1024;

/// The map header of a payload of which only the first bytes are at hand.
fn large_map_header(walker: &mut Walker<'_>) -> Result<usize> {
    let rest = walker.rest();
    let pairs = match (rest, rest.first()) {
        ([0xde, high, low, ..], _) => Some((3, u16::from_be_bytes([*high, *low]).into())),
        ([0xdf, a, b, c, d, ..], _) => Some((5, u32::from_be_bytes([*a, *b, *c, *d]) as usize)),
        (_, Some(&marker @ 0x80..=0x8f)) => Some((1, usize::from(marker & 0x0f))),
        _ => None,
    };
    match pairs {
        Some((header, pairs)) => {
            *walker = walker.after(header);
            Ok(pairs)
        }
        None => walker.map_header(),
    }
}

/// The length of a bin's header and of its data.
fn bin_header(bytes: &[u8]) -> Option<(usize, usize)> {
    match *bytes {
        [0xc5, a, b, ..] => Some((3, usize::from(u16::from_be_bytes([a, b])))),
        [0xc6, a, b, c, d, ..] => Some((5, u32::from_be_bytes([a, b, c, d]) as usize)),
        _ => None,
    }
}

fn cut_short(at: u64) -> Error {
    Error::new(Kind::ShardCutShort, "the shard is cut short: it ends inside a payload").at(at)
}

fn twice(at: usize) -> Error {
    Error::new(Kind::BadMsgpack, "the payload has this field twice").at(at as u64)
}

fn missing(name: &str) -> Error {
    let message = format!("the sample has no field '{name}', which its type requires");
    Error::new(Kind::MissingField, message).in_field(name)
}
