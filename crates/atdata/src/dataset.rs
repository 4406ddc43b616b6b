//! Typed samples over shards.

mod iterate;
mod random;
mod reading;

pub use iterate::{Batches, Samples};
pub use reading::Reading;

use crate::error::Result;
use crate::lens::Lens;
use crate::plan::Shuffle;
use crate::report::OnError;
use crate::shards::Shards;
use crate::source::{DataSource, LocalSource};
use atdata_format::tar::RawSample;
use atdata_format::{DictSample, Sample};
use std::marker::PhantomData;
use std::sync::Arc;

/// A data set whose samples are of type `T`.
///
/// It is a description: nothing is opened before something is read, and what reads owns what it
/// opens. It is cheap to clone.
#[derive(Debug)]
pub struct Dataset<T = DictSample> {
    shards: Arc<Shards>,
    on_error: OnError,
    sample: PhantomData<fn() -> T>,
}

impl<T> Clone for Dataset<T> {
    fn clone(&self) -> Self {
        let shards = Arc::clone(&self.shards);
        Self { shards, on_error: self.on_error, sample: PhantomData }
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
        Self { shards, on_error: OnError::default(), sample: PhantomData }
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
        let shards = Arc::clone(&self.shards);
        Dataset { shards, on_error: self.on_error, sample: PhantomData }
    }

    /// The shards, with their names, sizes and indexes.
    #[must_use]
    pub const fn shards(&self) -> &Arc<Shards> {
        &self.shards
    }

    /// The number of samples, from the indexes, or from a walk over the headers.
    ///
    /// # Errors
    /// A shard that is not there or is no tar archive.
    pub fn len(&self) -> Result<u64> {
        Ok(self.shards.counts()?.iter().sum())
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
    /// [`Error::OutOfRange`](crate::Error::OutOfRange), and what is wrong with the sample.
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
        self.shards.read_raw(index, raw)
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
