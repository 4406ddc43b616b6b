//! Images and recordings of a batch, decoded.

use crate::cursor::Cursor;
use crate::error::Result;
use crate::media::{ImageLimits, decode_column, decode_recordings};
use crate::memory::Recycled;
use crate::report::{OnError, Report};
use crate::source::shown;
use atdata_format::Error;
use atdata_format::batch::{Batch, Column};
use atdata_format::schema::Encoding;

/// Puts arrays in the place of files.
#[derive(Debug, Default)]
pub(super) struct Decoding {
    fields: Vec<(String, Encoding)>,
    limits: ImageLimits,
    /// Where the rows of the batch come from.
    places: Vec<Place>,
}

#[derive(Debug)]
struct Place {
    shard: String,
    key: String,
    offset: u64,
}

impl Decoding {
    pub(super) fn of(fields: Vec<(String, Encoding)>, limits: ImageLimits) -> Self {
        Self { fields, limits, places: Vec::new() }
    }

    /// Whether there is anything to be done.
    pub(super) const fn is_wanted(&self) -> bool {
        !self.fields.is_empty()
    }

    /// Notes the place of a row that was read.
    pub(super) fn note(&mut self, cursor: &Cursor) {
        if self.is_wanted() {
            let (shard, key) = (shown(cursor.shard()), cursor.key().to_owned());
            self.places.push(Place { shard: shard.to_string(), key, offset: cursor.offset() });
        }
    }

    /// Decodes a batch. Rows with an image that cannot be decoded are left out and reported; where
    /// that is an error, so are those after the first.
    pub(super) fn decode(
        &mut self,
        batch: &mut Batch,
        memory: &Recycled,
        on_error: OnError,
        report: &Report,
    ) -> Result<()> {
        let places = std::mem::take(&mut self.places);
        let mut errors = Vec::new();
        for (name, encoding) in &self.fields {
            let found = self.field(batch, name, *encoding, memory);
            let found = found.map_err(|error| error.in_field(name))?.into_iter();
            errors.extend(found.map(|(row, error)| (row, error.in_field(name))));
        }
        errors.sort_by_key(|(row, _)| *row);
        errors.dedup_by_key(|(row, _)| *row);
        let mut kept = vec![true; batch.len()];
        let mut result = Ok(());
        for (row, error) in errors {
            if result.is_err() {
                break;
            }
            let error = match places.get(row) {
                Some(place) => {
                    error.at(place.offset).in_key(place.key.as_str()).in_shard(place.shard.as_str())
                }
                None => error,
            };
            result = report.absorb(on_error, error.into());
            let rest = if result.is_err() { kept.len() } else { row + 1 };
            kept.iter_mut().take(rest).skip(row).for_each(|kept| *kept = false);
        }
        if kept.contains(&false) {
            batch.keep(&kept);
        }
        result
    }

    /// Decodes one column, and says what was wrong in which row.
    fn field(
        &self,
        batch: &mut Batch,
        name: &str,
        encoding: Encoding,
        memory: &Recycled,
    ) -> std::result::Result<Vec<(usize, Error)>, Error> {
        let Some(column) = batch.column_mut(name) else { return Ok(Vec::new()) };
        if encoding == Encoding::Audio {
            let found = decode_recordings(column)?;
            *column = found.column;
            let rates = found.rates.into_iter().map(i64::from).collect();
            batch.add_column(format!("{name}.rate"), Column::Ints(rates));
            return Ok(found.errors);
        }
        let found = decode_column(column, self.limits, memory)?;
        *column = found.column;
        Ok(found.errors)
    }
}
