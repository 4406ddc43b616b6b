//! A shard that is read at the places its index names.

use crate::error::Result;
use crate::source::{MappedShard, ShardInput};
use atdata_format::tar::{BLOCK, Window, payload_at};
use atdata_format::{Error as FormatError, Extent, Kind, ShardIndex};
use std::sync::Arc;

/// A sample of a shard, and where its index says that it is.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    pub(super) sample: u64,
    pub(super) extent: Extent,
}

/// An open shard and its index.
pub(super) struct OpenShard {
    pub(super) shard: usize,
    pub(super) input: Window<Box<dyn ShardInput>>,
    pub(super) index: Arc<ShardIndex>,
}

impl OpenShard {
    pub(super) fn locate(&self, sample: u64) -> Result<Extent> {
        let extent = usize::try_from(sample).ok().and_then(|at| self.index.extents().get(at));
        extent.copied().ok_or_else(|| {
            let message = "the shard has fewer samples than its index said; was it written anew?";
            FormatError::new(Kind::BadShardIndex, message).into()
        })
    }

    /// Header and payload in one read; the header is checked before the payload is trusted.
    #[inline]
    pub(super) fn small<'a>(
        &mut self,
        wanted: Wanted,
        scratch: &'a mut Vec<u8>,
    ) -> atdata_format::Result<&'a [u8]> {
        let (extent, size) = (wanted.extent, BLOCK + wanted.extent.len as usize);
        if scratch.len() < size {
            scratch.resize(size, 0);
        }
        let (bytes, _) = scratch.split_at_mut(size);
        let read = self.input.input_mut().read_at(extent.offset - BLOCK as u64, bytes)?;
        let (header, payload) = bytes.split_at(BLOCK);
        check_header(header, extent, self.index.key(wanted.sample as usize))?;
        if read < size {
            return Err(FormatError::new(Kind::ShardCutShort, "the shard is cut short"));
        }
        Ok(payload)
    }

    /// Goes to a payload of which little may be wanted, its header checked.
    pub(super) fn jump_to(&mut self, wanted: Wanted) -> atdata_format::Result<()> {
        let Wanted { sample, extent } = wanted;
        self.input.jump(extent.offset - BLOCK as u64, |input, at| input.go_to(at))?;
        check_header(self.input.peek(BLOCK)?, extent, self.index.key(sample as usize))?;
        self.input.consume(BLOCK);
        Ok(())
    }

    /// Goes to a payload, its header checked.
    pub(super) fn go_to(&mut self, wanted: Wanted) -> atdata_format::Result<()> {
        let Wanted { sample, extent } = wanted;
        self.input.restart(extent.offset - BLOCK as u64, |input, at| input.go_to(at))?;
        check_header(self.input.peek(BLOCK)?, extent, self.index.key(sample as usize))?;
        self.input.consume(BLOCK);
        Ok(())
    }

    /// Appends a payload that lies close behind the last one read so, or anywhere; its header is
    /// checked.
    pub(super) fn next_in_order(
        &mut self,
        wanted: Wanted,
        out: &mut Vec<u8>,
    ) -> atdata_format::Result<()> {
        let Wanted { sample, extent } = wanted;
        let header = extent.offset - BLOCK as u64;
        match header.checked_sub(self.input.position()) {
            Some(between) => self.input.skip(between).map(|_| ())?,
            None => self.input.restart(header, |input, at| input.go_to(at))?,
        }
        check_header(self.input.peek(BLOCK)?, extent, self.index.key(sample as usize))?;
        self.input.consume(BLOCK);
        if (self.input.append(out, extent.len as usize)? as u64) < extent.len {
            return Err(FormatError::new(Kind::ShardCutShort, "the shard is cut short"));
        }
        Ok(())
    }

    /// The shard as memory, where it can be had; the sample's header is checked.
    pub(super) fn map(
        &mut self,
        wanted: Wanted,
    ) -> atdata_format::Result<Option<Arc<MappedShard>>> {
        let Wanted { sample, extent } = wanted;
        let found = self.input.input_mut().map()?;
        if let Some(map) = &found {
            let header = Extent { offset: extent.offset - BLOCK as u64, len: BLOCK as u64 };
            check_header(map.bytes(header)?, extent, self.index.key(sample as usize))?;
        }
        Ok(found)
    }

    pub(super) fn large(&mut self, wanted: Wanted, out: &mut Vec<u8>) -> atdata_format::Result<()> {
        self.go_to(wanted)?;
        let len = wanted.extent.len;
        if (self.input.append(out, len as usize)? as u64) < len {
            return Err(FormatError::new(Kind::ShardCutShort, "the shard is cut short"));
        }
        Ok(())
    }
}

#[inline]
fn check_header(header: &[u8], extent: Extent, key: &str) -> atdata_format::Result<()> {
    let size = header.first_chunk().and_then(|block| payload_at(block, key).ok().flatten());
    if size == Some(extent.len) {
        return Ok(());
    }
    let message = "the shard does not hold a sample where its index says; was it written anew? \
                   Remove the index (.idx) to have it made again";
    Err(FormatError::new(Kind::BadShardIndex, message))
}
