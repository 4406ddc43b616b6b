//! Only the samples of which a condition holds.

use super::Dataset;
use crate::error::{Error, Result};
use crate::source::shown;
use atdata_format::Sample;
use atdata_format::expression::{Expr, Filter};
use atdata_format::tar::RawSample;
use std::sync::Arc;

impl<T: Sample> Dataset<T> {
    /// Only the samples of which a condition holds, found without decoding the others.
    ///
    /// Samples are picked out of the whole first (`select`, `slice`), then parts are dealt out to
    /// readers, then the condition is asked; so a part may keep more samples than another. Shards
    /// are passed over where a manifest that is known to be theirs says that none would be kept. A
    /// further condition must hold too. What remains has no numbers: `get`, `select` and `len` are
    /// errors, [`Dataset::count`] and [`Dataset::by_key`] are not.
    ///
    /// ```
    /// use atdata::{Sample, WriteOptions, write_samples};
    ///
    /// #[derive(Sample)]
    /// struct Number { value: i64 }
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("numbers.tar");
    /// let numbers = write_samples((0..10).map(|value| Number { value }), &path, WriteOptions::new())?;
    /// let large = numbers.matching(&"value > 6 or value in [1, 2]".parse()?)?;
    /// assert_eq!(large.count()?, 5);
    /// let wrong = numbers.matching(&"valeu > 6".parse()?).unwrap_err();
    /// assert_eq!(wrong.kind(), "unknown_name");
    /// # Ok::<(), atdata::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a field that `T` does not have; a condition that cannot be asked
    /// of a field of its type. Of types with any fields, the first sample shows what there is.
    pub fn matching(&self, condition: &Expr) -> Result<Self> {
        let columns = T::columns();
        let open = columns.is_empty();
        let filter = |expr| if open { Ok(Filter::open(expr)) } else { Filter::new(expr, &columns) };
        let own = filter(condition.clone())?;
        self.keeping(own)
    }

    /// As [`Dataset::matching`], for callers whose sample types are not Rust's.
    ///
    /// # Errors
    /// Both conditions together are too deep.
    pub fn keeping(&self, filter: Filter) -> Result<Self> {
        let filter = match &self.filter {
            None => filter,
            Some(before) => before.and(&filter)?,
        };
        Ok(Self { filter: Some(Arc::new(filter)), ..self.clone() })
    }

    /// The number of samples, also behind a condition, which is then asked of all of them.
    ///
    /// # Errors
    /// As [`Dataset::len`]; what is wrong with what the condition looks at.
    pub fn count(&self) -> Result<u64> {
        match self.filter {
            None => self.len(),
            Some(_) => self.ordered().count(),
        }
    }

    /// Reads the first raw sample with a key, and gives its shard's name.
    ///
    /// # Errors
    /// [`Error::UnknownKey`], also where the condition keeps no sample with this key; what is wrong
    /// with the sample.
    pub fn read_raw_key(&self, key: &str, raw: &mut RawSample) -> Result<&str> {
        let numbers = self.shards.numbers_of(key)?;
        let mut found: Vec<_> =
            numbers.into_iter().filter_map(|number| self.selection.find(number)).collect();
        found.sort_unstable();
        for number in found {
            let shard = self.read_numbered(number, raw)?;
            let kept = self.filter.as_ref().map_or(Ok(true), |filter| filter.keeps(&raw.payload));
            let placed = |error: atdata_format::Error| {
                error.shifted(raw.extent.offset).in_key(key).in_shard(shown(shard))
            };
            if kept.map_err(placed)? {
                return Ok(shard);
            }
        }
        Err(Error::UnknownKey(key.to_owned()))
    }
}

/// Fails behind a condition, for what asks how many samples there are.
pub(super) fn countable(filter: Option<&Filter>) -> Result<()> {
    let message = "how many samples the condition keeps is known once it was asked of all: count()";
    unfiltered(filter, message)
}

/// Fails behind a condition, for what picks samples by their numbers.
pub(super) fn numbered(filter: Option<&Filter>) -> Result<()> {
    let message = "the samples that a condition keeps have no numbers: pick them out before it";
    unfiltered(filter, message)
}

fn unfiltered(filter: Option<&Filter>, message: &str) -> Result<()> {
    filter.map_or(Ok(()), |_| Err(Error::Unsupported(message.to_owned())))
}
