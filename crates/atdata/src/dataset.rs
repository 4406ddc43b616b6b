//! Typed samples over shards.

mod ahead;
#[cfg(feature = "media")]
mod decoding;
mod iterate;
mod mapped;
mod matching;
mod random;
mod reading;

pub use ahead::{BatchesAhead, READ_AHEAD_BYTES};
pub use iterate::{Batches, Samples};
pub use mapped::Mapped;
pub use reading::Reading;

use crate::error::{Error, Result};
use crate::lens::Lens;
use crate::plan::{Selection, Shuffle};
use crate::report::OnError;
use crate::shards::Shards;
use crate::source::{DataSource, LocalSource};
use atdata_format::expression::Filter;
use atdata_format::tar::RawSample;
use atdata_format::{DictSample, Sample};
use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

/// A data set whose samples are of type `T`.
///
/// It is a description: nothing is opened before something is read, and what reads owns what it
/// opens. It is cheap to clone.
pub struct Dataset<T = DictSample> {
    shards: Arc<Shards>,
    selection: Selection,
    on_error: OnError,
    filter: Option<Arc<Filter>>,
    sample: PhantomData<fn() -> T>,
}

impl<T> fmt::Debug for Dataset<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dataset")
            .field("shards", &self.shards)
            .field("selection", &self.selection)
            .finish_non_exhaustive()
    }
}

impl<T> Clone for Dataset<T> {
    fn clone(&self) -> Self {
        self.retyped()
    }
}

impl<T> Dataset<T> {
    fn retyped<U>(&self) -> Dataset<U> {
        let (shards, selection) = (Arc::clone(&self.shards), self.selection.clone());
        let (on_error, filter) = (self.on_error, self.filter.clone());
        Dataset { shards, selection, on_error, filter, sample: PhantomData }
    }
}

impl<T: Sample> Dataset<T> {
    /// The data set in the files of a path or brace pattern, such as `data-{000000..000009}.tar`.
    ///
    /// # Errors
    /// A pattern that cannot be expanded. A file that is not there is met when it is read.
    pub fn open(pattern: impl Into<String>) -> Result<Self> {
        let dataset = Self::from_source(Arc::new(LocalSource::new([pattern])));
        dataset.shards.names()?;
        Ok(dataset)
    }

    /// The data set in the shards of a source.
    #[must_use]
    pub fn from_source(source: Arc<dyn DataSource>) -> Self {
        let shards = Arc::new(Shards::new(source));
        let (selection, on_error) = (Selection::All, OnError::default());
        Self { shards, selection, on_error, filter: None, sample: PhantomData }
    }

    /// What to do on a sample that cannot be read; without this, raise.
    #[must_use]
    pub fn on_error(mut self, on_error: OnError) -> Self {
        self.on_error = on_error;
        self
    }

    /// The same data as samples of another type, decoded by field names.
    #[must_use]
    pub fn as_type<U: Sample>(&self) -> Dataset<U> {
        self.retyped()
    }

    /// The shards, with their names, sizes and indexes.
    #[must_use]
    pub const fn shards(&self) -> &Arc<Shards> {
        &self.shards
    }

    /// The number of samples, from the indexes, or from a walk over the headers.
    ///
    /// # Errors
    /// A shard that is not there or is no tar archive. [`Error::Unsupported`] behind a condition:
    /// [`Dataset::count`] asks it of all samples.
    pub fn len(&self) -> Result<u64> {
        matching::countable(self.filter.as_deref())?;
        Ok(self.selection.len(self.shards.sample_count()?))
    }

    /// Whether there are no samples.
    ///
    /// # Errors
    /// As [`Dataset::len`].
    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }

    /// One sample by its number, from 0.
    ///
    /// # Errors
    /// [`Error::OutOfRange`], and what is wrong with the sample.
    pub fn get(&self, index: u64) -> Result<T> {
        let mut raw = RawSample::default();
        let shard = self.read_raw(index, &mut raw)?;
        let mut extra = 0;
        iterate::decode(&raw, shard, &mut extra)
    }

    /// Reads one raw sample by its number, and gives its shard's name.
    ///
    /// # Errors
    /// As [`Dataset::get`].
    pub fn read_raw(&self, index: u64, raw: &mut RawSample) -> Result<&str> {
        matching::numbered(self.filter.as_deref())?;
        self.read_numbered(index, raw)
    }

    fn read_numbered(&self, index: u64, raw: &mut RawSample) -> Result<&str> {
        let out_of_range = || self.len().map_or_else(|e| e, |len| Error::OutOfRange { index, len });
        let number = self.selection.number(index).ok_or_else(out_of_range)?;
        self.shards.read_raw(number, raw).map_err(|error| match error {
            Error::OutOfRange { .. } => out_of_range(),
            other => other,
        })
    }

    /// One sample by its key; the first, if several have it.
    ///
    /// # Errors
    /// [`Error::UnknownKey`], and what is wrong with the sample.
    pub fn by_key(&self, key: &str) -> Result<T> {
        let (mut raw, mut extra) = (RawSample::default(), 0);
        let shard = self.read_raw_key(key, &mut raw)?;
        iterate::decode(&raw, shard, &mut extra)
    }

    /// The number of the first sample with a key.
    ///
    /// # Errors
    /// [`Error::UnknownKey`], and what is wrong with a shard.
    pub fn find(&self, key: &str) -> Result<u64> {
        matching::numbered(self.filter.as_deref())?;
        let numbers = self.shards.numbers_of(key)?;
        let found = numbers.into_iter().filter_map(|number| self.selection.find(number)).min();
        found.ok_or_else(|| Error::UnknownKey(key.to_owned()))
    }

    /// The samples with these numbers, in this order; a number may come more than once.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a number that no sample has.
    pub fn select(&self, numbers: impl IntoIterator<Item = u64>) -> Result<Self> {
        let numbers: Arc<[u64]> = numbers.into_iter().collect();
        let len = self.len()?;
        match numbers.iter().find(|&&number| number >= len) {
            Some(&index) => Err(Error::OutOfRange { index, len }),
            None => self.selected(&Selection::List(numbers)),
        }
    }

    /// The samples from one number up to another; what is beyond the end is left out.
    ///
    /// # Errors
    /// As [`Dataset::len`].
    pub fn slice(&self, numbers: Range<u64>) -> Result<Self> {
        let count = numbers.end.saturating_sub(numbers.start);
        self.selected(&Selection::Range { start: numbers.start, step: 1, count })
    }

    /// The samples of a selection of this data set's.
    ///
    /// # Errors
    /// As [`Dataset::len`].
    pub fn selected(&self, selection: &Selection) -> Result<Self> {
        matching::numbered(self.filter.as_deref())?;
        // What is selected of everything need not know yet how much that is.
        let selection = match self.selection {
            Selection::All if selection.is_forward() => selection.clone(),
            ref own => own.then(selection, self.shards.sample_count()?),
        };
        Ok(Self { selection, ..self.clone() })
    }

    /// The first samples.
    ///
    /// # Errors
    /// What is wrong with one of them.
    pub fn head(&self, count: usize) -> Result<Vec<T>> {
        self.ordered().into_iter().take(count).collect()
    }

    /// Only the samples that a function keeps.
    #[must_use]
    pub fn filter(&self, keep: impl Fn(&T) -> bool + Send + Sync + 'static) -> Mapped<T, T>
    where
        T: 'static,
    {
        Mapped::new(self, move |sample| keep(&sample).then_some(sample))
    }

    /// What a function makes of each sample.
    #[must_use]
    pub fn map<V: 'static>(&self, make: impl Fn(T) -> V + Send + Sync + 'static) -> Mapped<T, V>
    where
        T: 'static,
    {
        Mapped::new(self, move |sample| Some(make(sample)))
    }

    /// All samples in order.
    #[must_use]
    pub fn ordered(&self) -> Reading<T> {
        Reading::new(self, None)
    }

    /// All samples, shuffled with seed 0, epoch 0 and the default buffers until told otherwise.
    #[must_use]
    pub fn shuffled(&self) -> Reading<T> {
        Reading::new(self, Some(Shuffle::default()))
    }

    /// All samples in order, each as a lens shows it.
    pub fn view<V>(&self, lens: impl Lens<T, V>) -> impl Iterator<Item = Result<V>> {
        self.ordered().into_iter().map(move |sample| sample.map(|sample| lens.get(&sample)))
    }
}
