//! What was passed over on the way.

use crate::error::{Error, Result};
use atdata_waiting::is_stopped;
use std::sync::Mutex;

/// What to do on a sample that cannot be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnError {
    /// Give the error to the caller and stop.
    #[default]
    Raise,
    /// Leave the sample out, count it and name it in the [`Report`].
    Skip,
}

/// The errors that are kept word for word; beyond, they are only counted.
const NAMED: usize = 1000;

/// What one pass over the data left out or met on the way.
#[derive(Debug, Default)]
pub struct Report {
    notes: Mutex<Notes>,
}

#[derive(Debug, Default)]
struct Notes {
    skipped: u64,
    errors: Vec<String>,
    extra_fields: u64,
    without_end: Vec<String>,
    passed_shards: u64,
}

impl Report {
    /// Handles an error as asked: gives it back, or notes it.
    pub(crate) fn absorb(&self, on_error: OnError, error: Error) -> Result<()> {
        let harmless = matches!(&error, Error::Format(_)) && !is_stopped(&error);
        if on_error == OnError::Raise || !harmless {
            return Err(error);
        }
        self.skip(error.to_string());
        Ok(())
    }

    /// Notes a bad sample, or the bad rest of a shard, that was left out.
    pub fn skip(&self, error: String) {
        let mut notes = self.lock();
        notes.skipped += 1;
        if notes.errors.len() < NAMED {
            notes.errors.push(error);
        }
    }

    /// Notes values that no field of the sample type has the name of.
    pub fn add_extra_fields(&self, count: u64) {
        if count > 0 {
            self.lock().extra_fields += count;
        }
    }

    /// Notes a shard that ends without its two blocks of zeros.
    pub(crate) fn add_without_end(&self, shard: &str) {
        let mut notes = self.lock();
        if !notes.without_end.iter().any(|known| known == shard) {
            notes.without_end.push(shard.to_owned());
        }
    }

    /// Notes a shard that was not opened, because the filter keeps none of it.
    pub(crate) fn add_passed_shard(&self) {
        self.lock().passed_shards += 1;
    }

    /// How many shards were not opened, because their manifests say that the filter keeps none of
    /// their samples.
    #[must_use]
    pub fn passed_shards(&self) -> u64 {
        self.lock().passed_shards
    }

    /// How many samples, or bad rests of shards, were left out.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.lock().skipped
    }

    /// What was wrong with them, the first thousand.
    #[must_use]
    pub fn errors(&self) -> Vec<String> {
        self.lock().errors.clone()
    }

    /// How many values were passed over because no field has their name.
    #[must_use]
    pub fn extra_fields(&self) -> u64 {
        self.lock().extra_fields
    }

    /// The shards that end without their two blocks of zeros, as a copy does that was cut off.
    #[must_use]
    pub fn without_end(&self) -> Vec<String> {
        self.lock().without_end.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
