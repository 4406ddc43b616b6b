//! Payloads, read and written field by field.

use super::FieldValue;
use crate::error::{Error, Kind, Result};
use crate::msgpack::{self, Walker};

/// A payload that is read field by field.
#[derive(Debug)]
pub struct Record<'a> {
    walker: Walker<'a>,
    left: usize,
    extra_fields: u64,
}

impl<'a> Record<'a> {
    /// A record at its first field.
    ///
    /// # Errors
    /// [`Kind::NotAMap`] and what else is wrong with the first bytes.
    pub fn new(payload: &'a [u8]) -> Result<Self> {
        let mut walker = Walker::new(payload);
        let left = walker.map_header()?;
        Ok(Self { walker, left, extra_fields: 0 })
    }

    /// The next field's name; its value is then read or skipped.
    ///
    /// # Errors
    /// A broken payload.
    pub fn next_field(&mut self) -> Result<Option<&'a str>> {
        match self.left.checked_sub(1) {
            None => Ok(None),
            Some(left) => {
                self.left = left;
                self.walker.field_name().map(Some)
            }
        }
    }

    /// The current field's value.
    ///
    /// # Errors
    /// [`Kind::WrongType`] when it is of another type; a broken payload.
    pub fn read<T: FieldValue>(&mut self, field: &str) -> Result<T> {
        T::read(&mut self.walker).map_err(|error| error.in_field(field))
    }

    /// Puts the current field's value into a slot that has none yet.
    ///
    /// # Errors
    /// As [`Record::read`], and [`Kind::BadMsgpack`] when the payload has the field twice.
    pub fn read_into<T: FieldValue>(&mut self, slot: &mut Option<T>, field: &str) -> Result<()> {
        if slot.is_some() {
            return Err(self.twice(field));
        }
        *slot = Some(self.read(field)?);
        Ok(())
    }

    pub(super) fn twice(&self, field: &str) -> Error {
        let error = Error::new(Kind::BadMsgpack, "the payload has this field twice");
        error.at(self.walker.position() as u64).in_field(field)
    }

    /// Passes over the current field, which the type does not have.
    ///
    /// # Errors
    /// A broken payload.
    pub fn skip_extra(&mut self, field: &str) -> Result<()> {
        self.extra_fields += 1;
        self.walker.skip().map_err(|error| error.in_field(field))
    }

    /// How many fields were passed over.
    #[must_use]
    pub const fn extra_fields(&self) -> u64 {
        self.extra_fields
    }

    /// What a field that did not come stands for.
    ///
    /// # Errors
    /// [`Kind::MissingField`] unless the type is an `Option`.
    pub fn missing<T: FieldValue>(&self, field: &str) -> Result<T> {
        T::missing().ok_or_else(|| {
            let message = format!("the sample has no field '{field}', which its type requires");
            Error::new(Kind::MissingField, message).in_field(field)
        })
    }

    /// Checks that the payload ends here.
    ///
    /// # Errors
    /// [`Kind::TrailingBytes`].
    pub fn finish(&self) -> Result<()> {
        self.walker.finish()
    }
}

/// A payload that is written field by field.
#[derive(Debug)]
pub struct RecordWriter<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> RecordWriter<'a> {
    /// A writer that appends to `out`.
    pub const fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out }
    }

    /// Starts a record of so many fields.
    ///
    /// # Errors
    /// [`Kind::TooLarge`] at 2^32 fields.
    pub fn start(&mut self, fields: usize) -> Result<()> {
        msgpack::write_map_header(fields, self.out)
    }

    /// Appends a field.
    ///
    /// # Errors
    /// A value that the format cannot hold, with the field's name.
    pub fn field<T: FieldValue>(&mut self, name: &str, value: &T) -> Result<()> {
        msgpack::write_str(name, self.out)?;
        value.write(self.out).map_err(|error| error.in_field(name))
    }
}
