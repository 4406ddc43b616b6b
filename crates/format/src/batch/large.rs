//! Samples larger than the window: what is small in them passes through it, arrays are read
//! straight into their columns.

use super::BatchDecoder;
use super::array_column::Room;
use super::decoder::cut_short;
use crate::array::ArrayHeader;
use crate::error::{Error, Kind, Result};
use crate::expression::pass_value;
use crate::msgpack::{Token, Walker};
use crate::schema::FieldType;
use crate::tar::{Input, Window};

impl BatchDecoder {
    /// A sample larger than the window: small fields pass through it, arrays do not.
    pub(super) fn large_row<R: Input>(&mut self, window: &mut Window<R>, len: u64) -> Result<()> {
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
        if self.pass_unknown(window, position, start, end)? {
            return Ok(true);
        }
        let at = window.position() - start;
        let left = end - window.position();
        // What the window holds of an array is copied twice, so it is asked for little first.
        let shown = |most: usize| usize::try_from(left).unwrap_or(usize::MAX).min(most);
        let (few, many) = (shown(GLANCE), shown(window.capacity()));
        let done = self.shown_field(window, position, few, left);
        let done = match done {
            Ok(false) if many > few => self.shown_field(window, position, many, left),
            other => other,
        };
        done.map_err(|error| error.shifted(at))
    }

    /// One field of which so many bytes are looked at; false, with nothing consumed, when they are
    /// not enough.
    fn shown_field<R: Input>(
        &mut self,
        window: &mut Window<R>,
        position: usize,
        shown: usize,
        left: u64,
    ) -> Result<bool> {
        let bytes = window.peek(shown)?;
        if bytes.len() < shown {
            return Err(cut_short(bytes.len() as u64));
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
    }

    /// Passes over a field that no column has the name of; false, with nothing consumed, for others.
    fn pass_unknown<R: Input>(
        &mut self,
        window: &mut Window<R>,
        position: usize,
        start: u64,
        end: u64,
    ) -> Result<bool> {
        let left = usize::try_from(end - window.position()).unwrap_or(usize::MAX);
        let mut walker = Walker::new(window.peek(left.min(NAME))?);
        let Ok(Token::Str(name)) = walker.token() else { return Ok(false) };
        if self.column_of(position, name).is_some() {
            return Ok(false);
        }
        let consumed = walker.position();
        window.consume(consumed);
        pass_value(window, start, end)?;
        self.extra_fields += 1;
        Ok(true)
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
        let bytes = window.peek(consumed + size.min(ARRAY_HEADER))?;
        let prefix = bytes.get(consumed..).unwrap_or_default();
        let prefix = prefix.get(..ARRAY_HEADER).unwrap_or(prefix).to_vec();
        let Ok(Some(header)) = ArrayHeader::parse(&prefix, size) else { return Ok(false) };
        if header.fortran {
            return Ok(false);
        }
        let room = Room { rows: self.capacity, memory: &*self.memory };
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

/// How much of a large sample's field is looked at first: most other fields are shorter.
const GLANCE: usize = 2048;

/// Longer names than this are looked for the slow way.
const NAME: usize = 512;

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
