//! The order in which samples are read: a pure function of the shards' sizes and a few numbers.
//!
//! The order of all samples does not depend on how many readers share them. They are dealt out in
//! **blocks** (one batch, or one sample): block `b` goes to rank `b % world`, and there to worker
//! `b / world % workers`, so that a loader which takes its workers' batches in turn gets the same
//! batches as one reader alone.
//!
//! ```
//! use atdata::plan::{Plan, Position, Shuffle};
//! let plan = Plan::new(vec![2, 1]);
//! let order: Vec<_> = plan.order().map(|p| (p.shard, p.sample)).collect();
//! assert_eq!(order, [(0, 0), (0, 1), (1, 0)]);
//!
//! let shuffled = plan.shuffled(Shuffle { seed: 7, ..Shuffle::default() });
//! let mut order: Vec<_> = shuffled.order().collect();
//! order.sort();
//! assert_eq!(order.len(), 3);
//! assert_eq!(order[0], Position { shard: 0, sample: 0 });
//! ```

use std::sync::Arc;

/// One sample: the number of its shard, and its number in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The shard, from 0.
    pub shard: usize,
    /// The sample in the shard, from 0.
    pub sample: u64,
}

/// How samples are shuffled: shards first, then samples within a moving buffer.
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
    /// How many samples are mixed at a time. Positions are held, 16 bytes each, not samples.
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
    counts: Arc<[u64]>,
    shuffle: Option<Shuffle>,
    part: Part,
    block: u64,
}

impl Plan {
    /// All samples in order, of shards with so many samples each.
    #[must_use]
    pub fn new(counts: impl Into<Arc<[u64]>>) -> Self {
        Self { counts: counts.into(), shuffle: None, part: Part::default(), block: 1 }
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
        self.part.share(self.counts.iter().sum(), self.block)
    }

    /// Whether this part has no samples.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The order of this part.
    pub fn order(&self) -> impl Iterator<Item = Position> + Send + use<> {
        let (part, block) = (self.part, self.block);
        let whole = self.whole();
        let ours = move |&(number, _): &(u64, Position)| part.takes(number / block);
        (0..).zip(whole).filter(ours).map(|(_, position)| position)
    }

    fn whole(&self) -> Box<dyn Iterator<Item = Position> + Send> {
        let counts = Arc::clone(&self.counts);
        let samples = move |shard: usize| {
            let count = counts.get(shard).copied().unwrap_or(0);
            (0..count).map(move |sample| Position { shard, sample })
        };
        match self.shuffle {
            None => Box::new((0..self.counts.len()).flat_map(samples)),
            Some(shuffle) => {
                let mut random = Random::new(shuffle.seed, shuffle.epoch);
                let order = random.fork();
                let shards = Mixed::new(0..self.counts.len(), shuffle.buffer_shards, order);
                Box::new(Mixed::new(shards.flat_map(samples), shuffle.buffer_samples, random))
            }
        }
    }
}

/// `SplitMix64`: a small generator whose sequence is part of the format's promise.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64, epoch: u64) -> Self {
        let mut seeded = Self(seed);
        let mixed = seeded.next();
        Self(mixed ^ epoch.wrapping_mul(0xd1b5_4a32_d192_ed03))
    }

    /// Another generator, whose numbers have nothing to do with this one's.
    pub(crate) const fn fork(&mut self) -> Self {
        Self(self.next())
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`: the high half of a product, which is even enough for buffers.
    pub(crate) const fn below(&mut self, bound: usize) -> usize {
        ((self.next() as u128 * bound as u128) >> 64) as usize
    }
}

/// A moving buffer: each item that comes takes the place of a random one, which goes.
#[derive(Debug)]
pub(crate) struct Buffer<T> {
    items: Vec<T>,
    room: usize,
    random: Random,
}

impl<T> Buffer<T> {
    pub(crate) fn new(room: usize, random: Random) -> Self {
        Self { items: Vec::new(), room: room.max(1), random }
    }

    /// Takes an item in; gives one out once the buffer is full.
    pub(crate) fn exchange(&mut self, item: T) -> Option<T> {
        if self.items.len() < self.room {
            self.items.push(item);
            return None;
        }
        let chosen = self.random.below(self.items.len());
        self.items.get_mut(chosen).map(|place| std::mem::replace(place, item))
    }

    /// Gives out one of what is left.
    pub(crate) fn drain(&mut self) -> Option<T> {
        let left = self.items.len();
        (left > 0).then(|| self.items.swap_remove(self.random.below(left)))
    }
}

/// An iterator mixed by a [`Buffer`].
struct Mixed<I: Iterator> {
    inner: I,
    buffer: Buffer<I::Item>,
}

impl<I: Iterator> Mixed<I> {
    fn new(inner: I, room: usize, random: Random) -> Self {
        Self { inner, buffer: Buffer::new(room, random) }
    }
}

impl<I: Iterator> Iterator for Mixed<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        for item in self.inner.by_ref() {
            if let Some(out) = self.buffer.exchange(item) {
                return Some(out);
            }
        }
        self.buffer.drain()
    }
}
