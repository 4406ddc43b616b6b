//! Some of a data set's samples, by their numbers.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// Which samples, by their numbers among all, and in which order.
///
/// ```
/// use atdata::plan::Selection;
/// let every_other = Selection::Range { start: 0, step: 2, count: 5 };
/// let list = Selection::List([8, 1, 8].into());
/// let numbers = |selection: &Selection| selection.numbers(10).collect::<Vec<_>>();
/// assert_eq!(numbers(&every_other), [0, 2, 4, 6, 8]);
/// assert_eq!(numbers(&list), [8, 1, 8]);
/// assert_eq!(numbers(&every_other.then(&Selection::List([4, 0].into()), 10)), [8, 0]);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Selection {
    /// All samples in order.
    #[default]
    All,
    /// Samples at equal distances.
    Range {
        /// The number of the first.
        start: u64,
        /// From one to the next; negative goes backwards, and 0 stays at the first.
        step: i64,
        /// How many at the most.
        count: u64,
    },
    /// Any samples in any order, also more than once.
    List(Arc<[u64]>),
}

type InShard = Box<dyn Fn(usize) -> Box<dyn Iterator<Item = u64> + Send> + Send>;

impl Selection {
    /// The same without the numbers that no sample of `total` has.
    #[must_use]
    pub fn within(&self, total: u64) -> Self {
        match self {
            Self::All => Self::All,
            &Self::Range { start, step, count } => {
                let last = total.checked_sub(1);
                let possible = match last {
                    Some(last) if start <= last => match step {
                        0 => 1,
                        1.. => (last - start) / step.unsigned_abs() + 1,
                        _ => start / step.unsigned_abs() + 1,
                    },
                    _ => 0,
                };
                Self::Range { start, step, count: count.min(possible) }
            }
            Self::List(list) if list.iter().all(|&number| number < total) => self.clone(),
            Self::List(list) => {
                Self::List(list.iter().copied().filter(|&number| number < total).collect())
            }
        }
    }

    /// The number of samples, of a set of `total`.
    #[must_use]
    pub fn len(&self, total: u64) -> u64 {
        match self.within(total) {
            Self::All => total,
            Self::Range { count, .. } => count,
            Self::List(list) => list.len() as u64,
        }
    }

    /// The number among all of the sample with a number among the selected.
    #[must_use]
    pub fn number(&self, index: u64) -> Option<u64> {
        match self {
            Self::All => Some(index),
            Self::Range { start, step, count } if index < *count => {
                start.checked_add_signed(i64::try_from(index).ok()?.checked_mul(*step)?)
            }
            Self::Range { .. } => None,
            Self::List(list) => list.get(usize::try_from(index).ok()?).copied(),
        }
    }

    /// The numbers among all, in order, of a set of `total`.
    pub fn numbers(&self, total: u64) -> impl Iterator<Item = u64> + Send + use<> {
        let (selection, count) = (self.within(total), self.len(total));
        (0..count).map_while(move |index| selection.number(index))
    }

    /// A selection of the selected, of a set of `total`.
    #[must_use]
    pub fn then(&self, next: &Self, total: u64) -> Self {
        let own = self.within(total);
        match (&own, next.within(self.len(total))) {
            (Self::All, next) => next,
            (_, Self::All) => own,
            (&Self::Range { start, step, .. }, Self::Range { start: first, step: by, count }) => {
                let moved = i64::try_from(first).unwrap_or(0).saturating_mul(step);
                let start = start.saturating_add_signed(moved);
                Self::Range { start, step: step.saturating_mul(by), count }
            }
            (_, next) => {
                let count = self.len(total);
                Self::List(next.numbers(count).filter_map(|index| own.number(index)).collect())
            }
        }
    }

    /// The index among the selected of the sample with a number among all, for selections that go
    /// through a set forwards: what a reader needs that meets the samples in their order.
    #[must_use]
    pub fn index_of(&self, number: u64) -> Option<u64> {
        match *self {
            Self::All => Some(number),
            Self::Range { start, step: step @ 1.., count } => {
                let (distance, step) = (number.checked_sub(start)?, step.unsigned_abs());
                (distance % step == 0 && distance / step < count).then_some(distance / step)
            }
            _ => None,
        }
    }

    /// The first index among the selected of the sample with a number among all.
    #[must_use]
    pub fn find(&self, number: u64) -> Option<u64> {
        match self {
            Self::List(list) => list.iter().position(|&own| own == number).map(|at| at as u64),
            &Self::Range { start, step: step @ ..=-1, .. } => {
                let index = start.checked_sub(number)? / step.unsigned_abs();
                (self.number(index) == Some(number)).then_some(index)
            }
            Self::Range { step: 0, .. } => (self.number(0) == Some(number)).then_some(0),
            _ => self.index_of(number),
        }
    }

    /// Whether no sample from a number on is selected.
    pub(crate) const fn ends_before(&self, number: u64) -> bool {
        match *self {
            Self::Range { start, step: step @ 1.., count } => {
                let length = step.unsigned_abs().saturating_mul(count);
                number >= start.saturating_add(length)
            }
            _ => false,
        }
    }

    /// Whether [`Selection::index_of`] finds every selected sample.
    #[must_use]
    pub const fn is_forward(&self) -> bool {
        matches!(self, Self::All | Self::Range { step: 1.., .. })
    }

    /// Whether to read from the first shard on is the quickest way to the selected samples.
    pub(crate) const fn is_near_start(&self) -> bool {
        matches!(self, Self::All | Self::Range { start: 0, step: 1, .. })
    }

    /// The selected numbers of each shard, given where shards start.
    pub(super) fn by_shard(&self, starts: Arc<[u64]>) -> InShard {
        if *self == Self::All {
            return Box::new(move |shard| Box::new(bounds(&starts, shard)));
        }
        if let Self::Range { start: first, step: step @ 1.., .. } = *self {
            // Only every `step`th number needs a look.
            let (own, step) = (self.clone(), step.unsigned_abs());
            return Box::new(move |shard| {
                let range = bounds(&starts, shard);
                let skipped = range.start.saturating_sub(first).div_ceil(step);
                let from = first.saturating_add(skipped.saturating_mul(step));
                let own = own.clone();
                let numbers = (from..range.end).step_by(step as usize);
                Box::new(numbers.take_while(move |&number| own.index_of(number).is_some()))
            });
        }
        let grouped = self.grouped(&starts);
        Box::new(move |shard| {
            let list = grouped.get(&shard).cloned().unwrap_or_else(|| [].into());
            Box::new((0..list.len()).filter_map(move |at| list.get(at).copied()))
        })
    }

    /// The selected numbers, each in the list of its shard.
    fn grouped(&self, starts: &[u64]) -> HashMap<usize, Arc<[u64]>> {
        let total = starts.last().copied().unwrap_or(0);
        let mut lists: HashMap<usize, Vec<u64>> = HashMap::new();
        for number in self.numbers(total) {
            lists.entry(super::position(starts, number).shard).or_default().push(number);
        }
        lists.into_iter().map(|(shard, list)| (shard, list.into())).collect()
    }
}

/// The numbers of a shard's samples.
fn bounds(starts: &[u64], shard: usize) -> Range<u64> {
    let total = starts.last().copied().unwrap_or(0);
    let bound = |at: usize| starts.get(at).copied().unwrap_or(total);
    bound(shard)..bound(shard + 1)
}
