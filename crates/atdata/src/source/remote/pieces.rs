//! A piece of a shard in memory, so that reads near each other are one request.

use super::Remote;
use bytes::Bytes;
use std::io;

/// What a read in order asks for at least.
const PIECE: usize = 256 << 10;

/// What a read asks for at most.
const LARGEST: usize = 8 << 20;

/// What reads at places that follow each other ask for.
const NEAR: usize = 1 << 20;

/// Reads up to this, at most so far apart, are taken for a walk.
const SMALL: usize = 128 << 10;

/// A piece and where it is in the shard.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    bytes: Bytes,
    start: u64,
    /// Where the last read ended.
    last: u64,
}

impl Pieces {
    /// Up to `count` bytes at an offset, at least one. The range is within the shard.
    pub(super) fn in_order(
        &mut self,
        remote: &Remote,
        offset: u64,
        count: usize,
    ) -> io::Result<Bytes> {
        if self.held(offset).is_empty() {
            self.load(remote, offset, count.clamp(PIECE, LARGEST))?;
        }
        let held = self.held(offset);
        Ok(held.slice(..count.min(held.len())))
    }

    /// Fills `out` from an offset. The range is within the shard.
    pub(super) fn anywhere(
        &mut self,
        remote: &Remote,
        offset: u64,
        out: &mut [u8],
    ) -> io::Result<()> {
        let follows = offset.checked_sub(self.last).is_some_and(|gap| gap <= SMALL as u64);
        let walks = self.last > 0 && follows && out.len() <= SMALL;
        self.last = offset + out.len() as u64;
        let mut held = self.held(offset);
        if held.len() < out.len() {
            if !walks {
                out.copy_from_slice(&remote.fetch(offset, out.len())?);
                return Ok(());
            }
            self.load(remote, offset, NEAR)?;
            held = self.held(offset);
        }
        if let Some(bytes) = held.get(..out.len()) {
            out.copy_from_slice(bytes);
        }
        Ok(())
    }

    fn held(&self, offset: u64) -> Bytes {
        let from = offset.checked_sub(self.start).and_then(|from| usize::try_from(from).ok());
        let from = from.filter(|&from| from < self.bytes.len());
        from.map_or_else(Bytes::new, |from| self.bytes.slice(from..))
    }

    fn load(&mut self, remote: &Remote, offset: u64, len: usize) -> io::Result<()> {
        let left = remote.facts.size.map_or(0, |size| size.saturating_sub(offset));
        let len = len.min(usize::try_from(left).unwrap_or(usize::MAX));
        self.bytes = Bytes::new();
        self.bytes = remote.fetch(offset, len)?.into();
        self.start = offset;
        Ok(())
    }
}
