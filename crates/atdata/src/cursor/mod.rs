//! Reads samples in the order of a plan: in one stream, from any place, or through a buffer.

mod ahead;
mod buffered;
mod chunk;
mod open_shard;
mod positions;
mod random_reader;
mod stream;
mod waiting;
mod watch;

pub use chunk::{Chunk, ChunkSample};

use crate::error::{Error, Result};
use crate::plan::{Part, Plan, Selection, Shuffle};
use crate::report::{OnError, Report};
use crate::shards::Shards;
use crate::source::MappedShard;
use atdata_format::Extent;
use atdata_format::batch::BatchDecoder;
use atdata_format::expression::{Filter, Sieve};
use atdata_format::tar::RawSample;
use atdata_waiting::is_stopped;
use buffered::Buffered;
use positions::Positions;
pub(crate) use random_reader::RandomReader;
use std::sync::Arc;
use stream::Stream;
pub(crate) use watch::Watch;

/// What a cursor is asked to read.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) shards: Arc<Shards>,
    pub(crate) selection: Selection,
    pub(crate) shuffle: Option<Shuffle>,
    pub(crate) part: Part,
    /// The samples that stay together when parts are dealt out: those of a batch.
    pub(crate) block: u64,
    pub(crate) on_error: OnError,
    /// Asked of the samples that the order deals out.
    pub(crate) filter: Option<Arc<Filter>>,
}

impl Request {
    /// The order that the request means.
    ///
    /// # Errors
    /// What is met when the shards' sizes are asked for.
    pub(crate) fn plan(&self) -> Result<Plan> {
        let plan = Plan::new(self.shards.counts()?).select(&self.selection);
        let plan = plan.part(self.part, self.block);
        Ok(self.shuffle.map_or(plan.clone(), |shuffle| plan.shuffled(shuffle)))
    }
}

/// Stands at one sample after the other; each may then be taken.
///
/// Errors carry shard, key and byte. After one the next call goes on behind it.
trait Walk: Send {
    /// Goes to the next sample; false at the end.
    fn advance(&mut self) -> Result<bool>;

    /// Where the sample's payload is in its shard.
    fn extent(&self) -> Extent;

    /// The sample's key.
    fn key(&self) -> &str;

    /// The name of the sample's shard.
    fn shard(&self) -> &str;

    /// Whether a condition keeps the sample; asked at most once, and before it is taken.
    fn keeps(&mut self, sieve: &mut Sieve) -> Result<bool>;

    /// The sample's shard as memory, where it can be had.
    fn map(&mut self) -> Result<Option<Arc<MappedShard>>>;

    /// Appends the sample's payload.
    fn append_payload(&mut self, out: &mut Vec<u8>) -> Result<()>;

    /// Decodes the sample into a batch, which is as before after an error.
    fn decode_into(&mut self, batch: &mut BatchDecoder) -> Result<()>;
}

/// Reads raw samples one after the other, each where it lies.
///
/// It owns the files it has open and belongs to the process that made it.
pub struct Cursor {
    walk: Box<dyn Walk>,
    sieve: Option<Sieve>,
    watch: Watch,
    report: Arc<Report>,
    on_error: OnError,
    done: bool,
    /// Whether somebody stopped it in the middle.
    stopped: bool,
}

impl Cursor {
    pub(crate) fn open(request: &Request, report: Arc<Report>) -> Result<Self> {
        let stream = |order| Stream::new(request, order, Arc::clone(&report));
        let walk: Box<dyn Walk> = match request.shuffle {
            None if request.selection.is_near_start() => Box::new(stream(None)),
            // Far away, a sample at a time would be a request a sample.
            Some(shuffle)
                if request.shards.source().opens_ahead() > 0 && request.selection.is_forward() =>
            {
                Box::new(Buffered::new(stream, request, shuffle)?)
            }
            _ if request.shards.can_seek()? => {
                Box::new(Positions::new(request, Arc::clone(&report))?)
            }
            _ if !request.selection.is_forward() => return Err(one_way()),
            None => Box::new(stream(None)),
            Some(shuffle) => Box::new(Buffered::new(stream, request, shuffle)?),
        };
        let sieve = request.filter.clone().map(Sieve::new);
        Ok(Self {
            walk,
            sieve,
            watch: Watch::default(),
            report,
            on_error: request.on_error,
            done: false,
            stopped: false,
        })
    }

    /// What was left out so far.
    #[must_use]
    pub const fn report(&self) -> &Arc<Report> {
        &self.report
    }

    /// The name of the shard that the last sample came from.
    #[must_use]
    pub fn shard(&self) -> &str {
        self.walk.shard()
    }

    /// The key of the last sample.
    #[cfg(feature = "media")]
    pub(crate) fn key(&self) -> &str {
        self.walk.key()
    }

    /// Where the last sample's payload begins in its shard.
    #[cfg(feature = "media")]
    pub(crate) fn offset(&self) -> u64 {
        self.walk.extent().offset
    }

    /// The bytes of the last sample.
    #[inline]
    pub(crate) fn payload_len(&self) -> u64 {
        self.walk.extent().len
    }

    /// Reads the next sample; false at the end.
    ///
    /// # Errors
    /// What is wrong, with shard, key and byte; the cursor is then at its end. Where errors are
    /// skipped, only what the data cannot be blamed for.
    pub fn read(&mut self, sample: &mut RawSample) -> Result<bool> {
        let read = self.next_with(|walk| {
            sample.payload.clear();
            sample.key.clear();
            sample.key.push_str(walk.key());
            sample.extent = walk.extent();
            walk.append_payload(&mut sample.payload)
        });
        Ok(read?.is_some())
    }

    /// Decodes the next sample into a batch; false at the end.
    ///
    /// # Errors
    /// As [`Cursor::read`]; the batch has what came before.
    #[inline]
    pub fn decode_into(&mut self, batch: &mut BatchDecoder) -> Result<bool> {
        Ok(self.next_with(|walk| walk.decode_into(batch))?.is_some())
    }

    /// Goes over the next sample; false at the end.
    ///
    /// # Errors
    /// As [`Cursor::read`], of what was looked at to find and to filter it.
    pub fn pass(&mut self) -> Result<bool> {
        Ok(self.next_with(|_| Ok(()))?.is_some())
    }

    /// Takes the next sample that can be taken; `None` at the end.
    #[inline]
    fn next_with<T>(
        &mut self,
        mut take: impl FnMut(&mut dyn Walk) -> Result<T>,
    ) -> Result<Option<T>> {
        if self.stopped {
            return Err(interrupted());
        }
        while !self.done {
            let walk = &mut *self.walk;
            let met = match (walk.advance(), &mut self.sieve) {
                (Ok(true), Some(sieve)) => walk.keeps(sieve).map(Some),
                (met, _) => met.map(|there| there.then_some(true)),
            };
            let taken = match met {
                Ok(Some(true)) => take(walk),
                Ok(Some(false)) => match self.watch.passed() {
                    Ok(()) => continue,
                    Err(error) => Err(error),
                },
                Ok(None) => break,
                Err(error) => Err(error),
            };
            match taken {
                Ok(taken) => return Ok(Some(taken)),
                Err(error) => {
                    self.done = true;
                    self.stopped = is_stopped(&error);
                    self.report.absorb(self.on_error, error)?;
                    self.done = false;
                }
            }
        }
        self.done = true;
        Ok(None)
    }
}

fn interrupted() -> Error {
    Error::Invalid("reading was interrupted in the middle; begin it again".to_owned())
}

fn one_way() -> Error {
    let message = "these shards can only be read from the first byte to the last, \
                   so samples cannot be picked out or read backwards";
    Error::Unsupported(message.to_owned())
}

impl std::fmt::Debug for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cursor").field("shard", &self.shard()).finish_non_exhaustive()
    }
}
