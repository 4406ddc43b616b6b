//! Ways of reading a data set.

use super::{Batches, Dataset, Samples};
use crate::cursor::{Cursor, Request};
use crate::error::Result;
#[cfg(feature = "convert")]
use crate::plan::Selection;
use crate::plan::{Part, Shuffle};
#[cfg(feature = "convert")]
use crate::report::OnError;
#[cfg(feature = "convert")]
use crate::shards::Shards;
use atdata_format::Sample;
use atdata_format::batch::ColumnSpec;
use std::marker::PhantomData;
use std::sync::Arc;

/// How many samples are counted between two calls of whoever wants to be told.
const TOLD_EVERY: u64 = 4096;

/// One way of reading a data set: an order, a part of it, and what to do on errors.
///
/// Turned into an iterator it gives samples; [`batches`](Reading::batches) gives columns.
#[derive(Debug)]
pub struct Reading<T> {
    request: Request,
    sample: PhantomData<fn() -> T>,
}

impl<T> Clone for Reading<T> {
    fn clone(&self) -> Self {
        Self { request: self.request.clone(), sample: PhantomData }
    }
}

impl<T: Sample> Reading<T> {
    pub(super) fn new(dataset: &Dataset<T>, shuffle: Option<Shuffle>) -> Self {
        let request = Request {
            shards: Arc::clone(&dataset.shards),
            selection: dataset.selection.clone(),
            shuffle,
            part: Part::default(),
            block: 1,
            on_error: dataset.on_error,
            filter: dataset.filter.clone(),
        };
        Self { request, sample: PhantomData }
    }

    /// The shards, where this reads all of their samples in order, and leaves none out.
    #[cfg(feature = "convert")]
    pub(crate) fn whole(&self) -> Option<Arc<Shards>> {
        let Request { shards, selection, shuffle, part, on_error, .. } = &self.request;
        let whole = matches!(selection, Selection::All)
            && shuffle.is_none()
            && *part == Part::default()
            && *on_error == OnError::Raise;
        whole.then(|| Arc::clone(shards))
    }

    fn shuffle(mut self, set: impl FnOnce(&mut Shuffle)) -> Self {
        self.request.shuffle.as_mut().map(set);
        self
    }

    /// The seed: another gives another order. Without effect on what is read in order.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        self.shuffle(|shuffle| shuffle.seed = seed)
    }

    /// The pass over the data: each has an order of its own. Without effect in order.
    #[must_use]
    pub fn epoch(self, epoch: u64) -> Self {
        self.shuffle(|shuffle| shuffle.epoch = epoch)
    }

    /// How many shards and how many samples are mixed at a time. Without effect in order.
    #[must_use]
    pub fn buffers(self, shards: usize, samples: usize) -> Self {
        self.shuffle(|shuffle| (shuffle.buffer_shards, shuffle.buffer_samples) = (shards, samples))
    }

    /// Only one reader's part of the samples; all parts together are each sample once.
    #[must_use]
    pub fn part(mut self, part: Part) -> Self {
        self.request.part = part;
        self
    }

    /// How many samples stay together when parts are dealt out. [`Reading::batches`] sets it.
    #[must_use]
    pub fn block(mut self, samples: u64) -> Self {
        self.request.block = samples.max(1);
        self
    }

    /// How many samples stay together when parts are dealt out.
    #[cfg(feature = "parquet")]
    pub(crate) const fn dealt_in(&self) -> u64 {
        self.request.block
    }

    /// The number of samples in this part.
    ///
    /// # Errors
    /// As [`Dataset::len`].
    pub fn len(&self) -> Result<u64> {
        super::matching::countable(self.request.filter.as_deref())?;
        Ok(self.request.plan()?.len())
    }

    /// Whether this part has no samples.
    ///
    /// # Errors
    /// As [`Dataset::len`].
    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Batches of so many samples each, the last with what is left. Parts are dealt out in whole
    /// batches.
    #[must_use]
    pub fn batches(self, rows: usize) -> Batches {
        self.batches_of(T::columns().into(), rows)
    }

    /// Batches of columns that are given as data, for callers whose sample types are not Rust's.
    /// Without any, every field is a column.
    #[must_use]
    pub fn batches_of(mut self, columns: Arc<[ColumnSpec]>, rows: usize) -> Batches {
        self = self.block(rows as u64);
        Batches::new(self.request, columns, rows)
    }

    /// The number of samples in this part: also behind a condition, which is then asked of all of
    /// them without decoding any.
    ///
    /// # Errors
    /// What is wrong with a shard, or with what the condition looks at.
    pub fn count(&self) -> Result<u64> {
        self.count_told(|_| Ok(()))
    }

    /// The same, with a call now and then, and at the end, that is told how many it is so far; its
    /// error ends the count.
    ///
    /// # Errors
    /// As [`Reading::count`], and those of the call.
    pub fn count_told(&self, tell: impl Fn(u64) -> Result<()>) -> Result<u64> {
        if self.request.filter.is_none() {
            return self.len();
        }
        let (mut cursor, mut count) = (self.cursor()?, 0);
        while cursor.pass()? {
            count += 1;
            if count % TOLD_EVERY == 0 {
                tell(count)?;
            }
        }
        tell(count)?;
        Ok(count)
    }

    /// The samples' bytes, not decoded.
    ///
    /// # Errors
    /// What is met when shards are looked for.
    pub fn cursor(&self) -> Result<Cursor> {
        Cursor::open(&self.request, Arc::default())
    }
}

impl<T: Sample> IntoIterator for Reading<T> {
    type Item = Result<T>;
    type IntoIter = Samples<T>;

    fn into_iter(self) -> Samples<T> {
        Samples::new(self.request)
    }
}
