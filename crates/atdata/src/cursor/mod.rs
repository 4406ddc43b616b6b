//! Reads samples in the order of a plan: in one stream, from any place, or through a buffer.

mod buffered;
mod chunk;
mod positions;
mod stream;

pub use chunk::Chunk;

use crate::error::Result;
use crate::plan::{Part, Plan, Shuffle};
use crate::report::{OnError, Report};
use crate::shards::Shards;
use atdata_format::Extent;
use atdata_format::batch::BatchDecoder;
use atdata_format::tar::RawSample;
use buffered::Buffered;
use positions::Positions;
pub(crate) use positions::RandomReader;
use std::sync::Arc;
use stream::Stream;

/// What a cursor is asked to read.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) shards: Arc<Shards>,
    pub(crate) shuffle: Option<Shuffle>,
    pub(crate) part: Part,
    /// The samples that stay together when parts are dealt out: those of a batch.
    pub(crate) block: u64,
    pub(crate) on_error: OnError,
}

impl Request {
    /// The order that the request means.
    ///
    /// # Errors
    /// What is met when the shards' sizes are asked for.
    pub(crate) fn plan(&self) -> Result<Plan> {
        let plan = Plan::new(self.shards.counts()?).part(self.part, self.block);
        Ok(self.shuffle.map_or(plan.clone(), |shuffle| plan.shuffled(shuffle)))
    }
}

/// Reads raw samples one after the other, each where it lies.
///
/// It owns the files it has open and belongs to the process that made it.
pub struct Cursor {
    kind: Kind,
    report: Arc<Report>,
    on_error: OnError,
    done: bool,
}

enum Kind {
    /// In order, one shard after the other.
    Stream(Stream),
    /// In the order of positions, from any place.
    Positions(Positions),
    /// Shuffled, from shards that can only be read in order.
    Buffered(Buffered),
}

impl Cursor {
    pub(crate) fn open(request: &Request) -> Result<Self> {
        let report = Arc::new(Report::default());
        let stream = |order| Stream::new(request, order, Arc::clone(&report));
        let kind = match request.shuffle {
            None => Kind::Stream(stream(None)),
            Some(_) if request.shards.can_seek()? => {
                Kind::Positions(Positions::new(Arc::clone(&request.shards), &request.plan()?))
            }
            Some(shuffle) => Kind::Buffered(Buffered::new(stream, request, shuffle)?),
        };
        Ok(Self { kind, report, on_error: request.on_error, done: false })
    }

    /// What was left out so far.
    #[must_use]
    pub const fn report(&self) -> &Arc<Report> {
        &self.report
    }

    /// The name of the shard that the last sample came from.
    #[must_use]
    pub fn shard(&self) -> &str {
        match &self.kind {
            Kind::Stream(stream) => stream.shard(),
            Kind::Positions(positions) => positions.shard(),
            Kind::Buffered(buffered) => buffered.shard(),
        }
    }

    /// Reads the next sample; false at the end.
    ///
    /// # Errors
    /// What is wrong, with shard, key and byte; the cursor is then at its end. Where errors are
    /// skipped, only what the data cannot be blamed for.
    pub fn read(&mut self, sample: &mut RawSample) -> Result<bool> {
        sample.payload.clear();
        sample.key.clear();
        let extent = self.append(&mut sample.payload, &mut sample.key)?;
        sample.extent = extent.unwrap_or_default();
        Ok(extent.is_some())
    }

    /// Appends the next sample's bytes and key; `None` at the end.
    ///
    /// # Errors
    /// As [`Cursor::read`].
    pub fn append(&mut self, out: &mut Vec<u8>, key: &mut String) -> Result<Option<Extent>> {
        let before = (out.len(), key.len());
        self.step(|kind| {
            // What a sample left that was then skipped.
            out.truncate(before.0);
            key.truncate(before.1);
            match kind {
                Kind::Stream(stream) => stream.append(out, key),
                Kind::Positions(positions) => positions.append(out, key),
                Kind::Buffered(buffered) => buffered.append(out, key),
            }
        })
    }

    /// Decodes the next sample into a batch; false at the end.
    ///
    /// # Errors
    /// As [`Cursor::read`]; the batch has what came before.
    pub fn decode_into(&mut self, batch: &mut BatchDecoder) -> Result<bool> {
        let decoded = self.step(|kind| {
            let more = match kind {
                Kind::Stream(stream) => stream.decode_into(batch),
                Kind::Positions(positions) => positions.decode_into(batch),
                Kind::Buffered(buffered) => buffered.decode_into(batch),
            };
            Ok(more?.then_some(()))
        });
        Ok(decoded?.is_some())
    }

    #[inline]
    fn step<T>(&mut self, mut next: impl FnMut(&mut Kind) -> Result<Option<T>>) -> Result<Option<T>> {
        while !self.done {
            match next(&mut self.kind) {
                Ok(Some(found)) => return Ok(Some(found)),
                Ok(None) => self.done = true,
                Err(error) => {
                    self.done = self.on_error == OnError::Raise;
                    self.report.absorb(self.on_error, error).inspect_err(|_| self.done = true)?;
                }
            }
        }
        Ok(None)
    }
}

impl std::fmt::Debug for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cursor").field("shard", &self.shard()).finish_non_exhaustive()
    }
}
