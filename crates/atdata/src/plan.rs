//! The order in which samples are read: a pure function of the shards' sizes and a few numbers.
//!
//! The order of all samples does not depend on how many readers share them. They are dealt out in
//! **blocks** (one batch, or one sample): block `b` goes to rank `b % world`, and there to worker
//! `b / world % workers`, so that a loader which takes its workers' batches in turn gets the same
//! batches as one reader alone.
//!
//! ```
//! use atdata::plan::{Plan, Position, Shuffle};
//! let plan = Plan::new([2, 1]);
//! let order: Vec<_> = plan.order().map(|p| (p.shard, p.sample)).collect();
//! assert_eq!(order, [(0, 0), (0, 1), (1, 0)]);
//!
//! let shuffled = plan.shuffled(Shuffle { seed: 7, ..Shuffle::default() });
//! let mut order: Vec<_> = shuffled.order().collect();
//! order.sort();
//! assert_eq!(order.len(), 3);
//! assert_eq!(order[0], Position { shard: 0, sample: 0 });
//! ```

mod buffer;
mod selection;

pub(crate) use buffer::{Buffer, Random};
pub use selection::Selection;

use buffer::{Interleaved, Mixed};
use std::sync::Arc;

/// One sample: the number of its shard, and its number in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The shard, from 0.
    pub shard: usize,
    /// The sample in the shard, from 0.
    pub sample: u64,
}

/// How samples are shuffled: shards first, then samples within a moving buffer that up to four
/// shards feed in turn.
///
/// The same numbers give the same order for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shuffle {
    /// What makes one order differ from another.
    pub seed: u64,
    /// The pass over the data: each has an order of its own.
    pub epoch: u64,
    /// How many shards are mixed at a time.
    pub buffer_shards: usize,
    /// How many samples are mixed at a time. Their positions are held, and the bytes of small ones:
    /// of all of them together no more than 32 MiB.
    pub buffer_samples: usize,
}

impl Default for Shuffle {
    fn default() -> Self {
        Self { seed: 0, epoch: 0, buffer_shards: 100, buffer_samples: 10_000 }
    }
}

/// Which of several readers this one is. The default is the only one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// This process among those that train together.
    pub rank: u64,
    /// How many processes there are.
    pub world: u64,
    /// This worker among those of the process.
    pub worker: u64,
    /// How many workers the process has.
    pub workers: u64,
}

impl Default for Part {
    fn default() -> Self {
        Self { rank: 0, world: 1, worker: 0, workers: 1 }
    }
}

impl Part {
    /// Whether this is one of the parts there are.
    #[must_use]
    pub const fn is_valid(&self) -> bool {
        self.rank < self.world && self.worker < self.workers
    }

    /// Whether this part is everything.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.world == 1 && self.workers == 1
    }

    /// Whether a block of the order is this reader's.
    #[must_use]
    pub const fn takes(&self, block: u64) -> bool {
        if self.is_whole() {
            return true;
        }
        block % self.world == self.rank && block / self.world % self.workers == self.worker
    }

    /// How many of `samples`, dealt out in blocks, are this reader's.
    fn share(&self, samples: u64, block: u64) -> u64 {
        let readers = self.world * self.workers;
        let own = self.worker * self.world + self.rank;
        let (rounds, rest) = (samples / (block * readers), samples % (block * readers));
        rounds * block + rest.saturating_sub(own * block).min(block)
    }
}

/// Everything that decides the order.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The number of the first sample of each shard, and at the end that of all samples.
    starts: Arc<[u64]>,
    selection: Selection,
    shuffle: Option<Shuffle>,
    part: Part,
    block: u64,
}

impl Plan {
    /// All samples in order, of shards with so many samples each.
    #[must_use]
    pub fn new(counts: impl AsRef<[u64]>) -> Self {
        let mut starts = vec![0];
        starts.extend(counts.as_ref().iter().scan(0u64, |end, count| {
            *end = end.saturating_add(*count);
            Some(*end)
        }));
        let selection = Selection::All;
        Self { starts: starts.into(), selection, shuffle: None, part: Part::default(), block: 1 }
    }

    /// Only some of the samples, in the order that they are named in. Numbers that no sample has
    /// are left out.
    #[must_use]
    pub fn select(&self, selection: &Selection) -> Self {
        Self { selection: selection.within(self.total()), ..self.clone() }
    }

    /// The number of samples there are, selected or not.
    fn total(&self) -> u64 {
        self.starts.last().copied().unwrap_or(0)
    }

    /// The same samples, shuffled.
    #[must_use]
    pub fn shuffled(&self, shuffle: Shuffle) -> Self {
        Self { shuffle: Some(shuffle), ..self.clone() }
    }

    /// One reader's part, dealt out in blocks of so many samples.
    #[must_use]
    pub fn part(&self, part: Part, block: u64) -> Self {
        Self { part, block: block.max(1), ..self.clone() }
    }

    /// The number of samples in this part.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.part.share(self.selection.len(self.total()), self.block)
    }

    /// Whether this part has no samples.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The order of this part.
    pub fn order(&self) -> impl Iterator<Item = Position> + Send + use<> {
        self.order_of(|position| position)
    }

    /// The order of this part, of what `enter` makes of the positions. It meets them as they come
    /// into the buffer, which is in the order of their shards, and those of other parts too.
    pub(crate) fn order_of<T: Send + 'static>(
        &self,
        enter: impl FnMut(Position) -> T + Send + 'static,
    ) -> Box<dyn Iterator<Item = T> + Send> {
        let (part, block) = (self.part, self.block);
        let whole = self.whole(enter);
        let ours = move |&(number, _): &(u64, T)| part.takes(number / block);
        if part.is_whole() {
            return whole;
        }
        Box::new((0..).zip(whole).filter(ours).map(|(_, item)| item))
    }

    fn whole<T: Send + 'static>(
        &self,
        enter: impl FnMut(Position) -> T + Send + 'static,
    ) -> Box<dyn Iterator<Item = T> + Send> {
        match self.shuffle {
            None => {
                let starts = Arc::clone(&self.starts);
                let numbers = self.selection.numbers(self.total());
                Box::new(numbers.map(move |n| position(&starts, n)).map(enter))
            }
            Some(shuffle) => self.mixed(shuffle, enter),
        }
    }

    fn mixed<T: Send + 'static>(
        &self,
        shuffle: Shuffle,
        enter: impl FnMut(Position) -> T + Send + 'static,
    ) -> Box<dyn Iterator<Item = T> + Send> {
        let mut random = Random::new(shuffle.seed, shuffle.epoch);
        let order = random.fork();
        let shards = Mixed::new(0..self.starts.len() - 1, shuffle.buffer_shards, order);
        let starts = Arc::clone(&self.starts);
        let in_shard = self.selection.by_shard(Arc::clone(&self.starts));
        let samples = move |shard: usize| {
            let start = starts.get(shard).copied().unwrap_or(0);
            in_shard(shard).map(move |number| Position { shard, sample: number - start })
        };
        let streams = STREAMS.min(shuffle.buffer_shards);
        let samples = Interleaved::new(shards.map(samples), streams);
        Box::new(Mixed::new(samples.map(enter), shuffle.buffer_samples, random))
    }
}

/// How many shards feed the buffer at a time: of one alone, a buffer of its size holds only
/// neighbours.
pub(crate) const STREAMS: usize = 4;

/// Where the sample with this number among all is.
fn position(starts: &[u64], number: u64) -> Position {
    let shard = starts.partition_point(|&start| start <= number).saturating_sub(1);
    Position { shard, sample: number - starts.get(shard).copied().unwrap_or(0) }
}
