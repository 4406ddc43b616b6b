//! What functions make of samples, or leave of them.

use super::{Dataset, Reading};
use crate::error::Result;
use atdata_format::Sample;
use std::sync::Arc;

type Step<S, V> = Arc<dyn Fn(S) -> Option<V> + Send + Sync>;

/// A data set of `S` as functions leave it: filtered, mapped, or both, in the order of the calls.
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
/// let squares = numbers.filter(|n| n.value % 2 == 1).map(|n| n.value * n.value);
/// assert_eq!(squares.ordered().collect::<atdata::Result<Vec<_>>>()?, [1, 9, 25, 49, 81]);
/// assert_eq!(squares.of(numbers.shuffled().seed(3)).count(), 5);
/// # Ok::<(), atdata::Error>(())
/// ```
pub struct Mapped<S, V> {
    dataset: Dataset<S>,
    step: Step<S, V>,
}

impl<S: Sample + 'static, V: 'static> Mapped<S, V> {
    pub(super) fn new(
        dataset: &Dataset<S>,
        step: impl Fn(S) -> Option<V> + Send + Sync + 'static,
    ) -> Self {
        Self { dataset: dataset.clone(), step: Arc::new(step) }
    }

    /// Only what a function keeps.
    #[must_use]
    pub fn filter(&self, keep: impl Fn(&V) -> bool + Send + Sync + 'static) -> Self {
        let step = Arc::clone(&self.step);
        Self::new(&self.dataset, move |sample| step(sample).filter(|value| keep(value)))
    }

    /// What a function makes of each.
    #[must_use]
    pub fn map<W: 'static>(&self, make: impl Fn(V) -> W + Send + Sync + 'static) -> Mapped<S, W> {
        let step = Arc::clone(&self.step);
        Mapped::new(&self.dataset, move |sample| step(sample).map(&make))
    }

    /// All in the order of the samples.
    pub fn ordered(&self) -> impl Iterator<Item = Result<V>> + use<S, V> {
        self.of(self.dataset.ordered())
    }

    /// All, shuffled as [`Dataset::shuffled`] does it.
    pub fn shuffled(&self) -> impl Iterator<Item = Result<V>> + use<S, V> {
        self.of(self.dataset.shuffled())
    }

    /// What the functions make of any reading.
    pub fn of(&self, reading: Reading<S>) -> impl Iterator<Item = Result<V>> + use<S, V> {
        let step = Arc::clone(&self.step);
        reading.into_iter().filter_map(move |sample| sample.map(|s| step(s)).transpose())
    }
}

impl<S, V> std::fmt::Debug for Mapped<S, V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mapped").field("shards", &self.dataset.shards).finish_non_exhaustive()
    }
}
