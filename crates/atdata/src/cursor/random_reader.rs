//! Reads single samples, at the places that indexes name.

use super::open_shard::{OpenShard, Wanted};
use crate::error::Result;
use crate::plan::Position;
use crate::shards::Shards;
use crate::source::{MappedShard, shown};
use atdata_format::batch::BatchDecoder;
use atdata_format::expression::Sieve;
use atdata_format::tar::{BLOCK, Window};
use atdata_format::{Error as FormatError, Extent, Kind};
use std::sync::Arc;

/// How many shards are kept open.
const OPEN_SHARDS: usize = 64;

/// Where a shard stands before it is gone to any place: a source that judges a shard as a whole must
/// hear that it is not read from its first byte to its last.
const NOWHERE: u64 = u64::MAX;

/// Payloads up to this are read with their header in one go.
const SMALL: u64 = 64 * 1024;

/// Reads single samples, keeping shards open between them.
pub(crate) struct RandomReader {
    shards: Arc<Shards>,
    open: Vec<OpenShard>,
    /// How many shards are kept open.
    room: usize,
    /// Which of the open shards the sample is in.
    current: usize,
    position: Position,
    extent: Extent,
    scratch: Vec<u8>,
    /// Where in `scratch` the whole payload is, when it was read to be asked about.
    fetched: Option<usize>,
}

impl RandomReader {
    pub(crate) fn new(shards: Arc<Shards>) -> Self {
        Self {
            shards,
            open: Vec::new(),
            room: OPEN_SHARDS,
            current: 0,
            position: Position { shard: 0, sample: 0 },
            extent: Extent::default(),
            scratch: Vec::new(),
            fetched: None,
        }
    }

    /// Keeps fewer shards open.
    pub(super) const fn keeping_open(mut self, shards: usize) -> Self {
        self.room = shards;
        self
    }

    /// Goes to a sample, opening its shard if it is not open yet.
    #[inline]
    pub(crate) fn go_to(&mut self, position: Position) -> Result<()> {
        self.position = position;
        self.fetched = None;
        let same = |open: &OpenShard| open.shard == position.shard;
        if !self.open.get(self.current).is_some_and(same) {
            self.current = match self.open.iter().position(same) {
                Some(at) => at,
                None => self.open_shard(position.shard)?,
            };
        }
        self.extent = self.current()?.locate(position.sample)?;
        Ok(())
    }

    #[cold]
    fn open_shard(&mut self, shard: usize) -> Result<usize> {
        if self.open.len() >= self.room {
            self.open.remove(0);
        }
        let index = self.shards.index(shard)?;
        let input = Window::new(self.shards.open(shard)?, NOWHERE);
        self.open.push(OpenShard { shard, input, index });
        Ok(self.open.len() - 1)
    }

    fn current(&mut self) -> Result<&mut OpenShard> {
        let current = self.open.get_mut(self.current);
        current.ok_or_else(|| FormatError::new(Kind::BadShardIndex, "no shard is open").into())
    }

    pub(crate) const fn extent(&self) -> Extent {
        self.extent
    }

    pub(crate) fn key(&self) -> &str {
        let open = self.open.get(self.current);
        open.map_or("", |open| open.index.key(self.position.sample as usize))
    }

    pub(super) fn shard_name(&self) -> &str {
        self.shards.name(self.position.shard)
    }

    /// Whether a condition keeps the sample. A small payload is read once for that and for what
    /// comes after; of a large one only what is needed, where reading here and there is cheap.
    pub(crate) fn keeps(&mut self, sieve: &mut Sieve) -> Result<bool> {
        let jumps = self.shards.source().opens_ahead() == 0;
        let (mut kept, mut fetched) = (false, None);
        self.checked(|shard, wanted, scratch| {
            let len = wanted.extent.len;
            if jumps && sieve.looks_into(len) {
                shard.jump_to(wanted)?;
                kept = sieve.keeps_in(&mut shard.input, len)?;
            } else if len <= SMALL {
                kept = sieve.keeps(shard.small(wanted, scratch)?)?;
                fetched = Some(BLOCK);
            } else {
                scratch.clear();
                shard.large(wanted, scratch)?;
                kept = sieve.keeps(scratch)?;
                fetched = Some(0);
            }
            Ok(())
        })?;
        self.fetched = fetched;
        Ok(kept)
    }

    /// The sample's shard as memory, where it can be had.
    pub(super) fn map(&mut self) -> Result<Option<Arc<MappedShard>>> {
        let mut found = None;
        self.checked(|shard, wanted, _| {
            found = shard.map(wanted)?;
            Ok(())
        })?;
        Ok(found)
    }

    /// Takes the sample's payload from whoever has read it already.
    pub(super) fn take(&mut self, payload: Option<Vec<u8>>) {
        if let Some(payload) = payload {
            self.scratch = payload;
            self.fetched = Some(0);
        }
    }

    /// The payload of a sample, if it is no longer than `most` and where its index says; cheapest
    /// where samples are asked for in the order of their shard.
    pub(super) fn read_ahead(&mut self, position: Position, most: u64) -> Option<Vec<u8>> {
        self.go_to(position).ok()?;
        let wanted = self.wanted();
        if wanted.extent.len > most {
            return None;
        }
        let mut payload = Vec::with_capacity(wanted.extent.len as usize);
        self.current().ok()?.next_in_order(wanted, &mut payload).ok()?;
        Some(payload)
    }

    /// The payload, if it was read already.
    fn payload(&self) -> Option<&[u8]> {
        let from = self.fetched?;
        self.scratch.get(from..from.checked_add(self.extent.len as usize)?)
    }

    /// Appends the sample's payload.
    pub(crate) fn append_payload(&mut self, out: &mut Vec<u8>) -> Result<()> {
        if let Some(payload) = self.payload() {
            out.extend_from_slice(payload);
            return Ok(());
        }
        self.checked(|shard, wanted, scratch| {
            if wanted.extent.len <= SMALL {
                shard.small(wanted, scratch).map(|payload| out.extend_from_slice(payload))
            } else {
                shard.large(wanted, out)
            }
        })
    }

    /// Decodes the sample into a batch.
    #[inline]
    pub(crate) fn decode_into(&mut self, batch: &mut BatchDecoder) -> Result<()> {
        if let Some(payload) = self.payload() {
            return batch.push(payload).map_err(|error| self.placed(error));
        }
        self.checked(|shard, wanted, scratch| {
            if wanted.extent.len <= SMALL {
                shard.small(wanted, scratch).and_then(|payload| batch.push(payload))
            } else {
                let reached = shard.go_to(wanted);
                reached.and_then(|()| batch.push_from(&mut shard.input, wanted.extent.len))
            }
        })
    }

    /// Reads the sample where the index says, or, where that turns out to be wrong, where a walk
    /// over the headers does.
    #[inline]
    fn checked(
        &mut self,
        mut read: impl FnMut(&mut OpenShard, Wanted, &mut Vec<u8>) -> atdata_format::Result<()>,
    ) -> Result<()> {
        let mut scratch = std::mem::take(&mut self.scratch);
        let (wanted, shard) = (self.wanted(), self.current()?);
        let mut result = read(shard, wanted, &mut scratch);
        if matches!(&result, Err(error) if error.kind() == Kind::BadShardIndex) && self.heal()? {
            let (wanted, shard) = (self.wanted(), self.current()?);
            result = read(shard, wanted, &mut scratch);
        }
        self.scratch = scratch;
        result.map_err(|error| self.placed(error))
    }

    const fn wanted(&self) -> Wanted {
        Wanted { sample: self.position.sample, extent: self.extent }
    }

    /// Makes the shard's index anew; false if it has another number of samples than the order was
    /// made for, or is the same again.
    #[cold]
    fn heal(&mut self) -> Result<bool> {
        let index = Arc::new(self.shards.walk(self.position.shard)?);
        let shard = self.current()?;
        let helps = index.len() == shard.index.len() && index != shard.index;
        if helps {
            shard.index = index;
            self.go_to(self.position)?;
        }
        Ok(helps)
    }

    fn placed(&self, error: FormatError) -> crate::Error {
        error
            .shifted(self.extent.offset)
            .in_key(self.key())
            .in_shard(shown(self.shard_name()))
            .into()
    }
}
