//! Mixing by a moving buffer.

use std::collections::VecDeque;

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
pub(super) struct Mixed<I: Iterator> {
    inner: I,
    buffer: Buffer<I::Item>,
}

impl<I: Iterator> Mixed<I> {
    pub(super) fn new(inner: I, room: usize, random: Random) -> Self {
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

/// Takes from a few iterators in turn; where one ends, the next takes its place.
pub(super) struct Interleaved<I: Iterator> {
    waiting: I,
    streams: usize,
    open: VecDeque<I::Item>,
}

impl<I: Iterator> Interleaved<I> {
    pub(super) fn new(waiting: I, streams: usize) -> Self {
        Self { waiting, streams: streams.max(1), open: VecDeque::new() }
    }
}

impl<I: Iterator<Item: Iterator>> Iterator for Interleaved<I> {
    type Item = <I::Item as Iterator>::Item;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let free = self.streams - self.open.len();
            self.open.extend(self.waiting.by_ref().take(free));
            let mut stream = self.open.pop_front()?;
            if let Some(item) = stream.next() {
                self.open.push_back(stream);
                return Some(item);
            }
        }
    }
}
