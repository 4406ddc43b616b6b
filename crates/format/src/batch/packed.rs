//! Texts or bytes of many samples in one buffer.

use super::array_column::{Memory, TRUSTED};

/// Texts or byte strings, end to end in one buffer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Packed {
    data: Vec<u8>,
    ends: Vec<usize>,
}

impl Packed {
    #[inline]
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.data.extend_from_slice(bytes);
        self.ends.push(self.data.len());
    }

    /// An empty one with the room that this one has taken, and some more.
    pub(super) fn like(&self, memory: &dyn Memory) -> Self {
        let data = (self.data.len() + self.data.len() / 8).min(TRUSTED);
        let ends = self.ends.len();
        Self { data: memory.reserve(data), ends: Vec::with_capacity(ends) }
    }

    pub(super) fn truncate(&mut self, rows: usize) {
        self.ends.truncate(rows);
        self.data.truncate(self.ends.last().copied().unwrap_or(0));
    }

    pub(super) fn keep(&mut self, kept: &[bool]) {
        let mut packed = Self::default();
        let marked = self.bytes().zip(kept).filter(|(_, kept)| **kept);
        marked.for_each(|(bytes, _)| packed.push(bytes));
        *self = packed;
    }

    /// The number of items.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no items.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All items, end to end.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// The bytes of all items, end to end, and where in them each ends.
    #[must_use]
    pub fn into_parts(self) -> (Vec<u8>, Vec<usize>) {
        (self.data, self.ends)
    }

    /// The items as bytes.
    pub fn bytes(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| self.data.get(start..end).unwrap_or_default())
    }

    /// The items as text; all are when the column is one of texts.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.bytes().map(|bytes| std::str::from_utf8(bytes).unwrap_or_default())
    }
}
