//! Shuffled samples of shards that can only be read in order: the samples themselves wait in the
//! buffer.

use super::stream::Stream;
use super::{Request, Walk};
use crate::error::{Error, Result};
use crate::plan::{Buffer, Part, Plan, Random, Selection, Shuffle};
use crate::source::{MappedShard, shown};
use atdata_format::Extent;
use atdata_format::batch::BatchDecoder;
use atdata_format::expression::Sieve;
use atdata_format::tar::RawSample;
use std::sync::Arc;

pub(super) struct Buffered {
    stream: Stream,
    buffer: Buffer<Held>,
    /// The sample that the walk stands at.
    held: Held,
    part: Part,
    block: u64,
    number: u64,
}

/// A sample and the name of its shard.
#[derive(Default)]
struct Held {
    sample: RawSample,
    shard: String,
}

impl Buffered {
    pub(super) fn new(
        stream: impl FnOnce(Option<Vec<usize>>) -> Stream,
        request: &Request,
        shuffle: Shuffle,
    ) -> Result<Self> {
        let order = match request.selection {
            Selection::All => Some(shard_order(request.shards.names()?.len(), shuffle)),
            // Which samples are selected is told by their numbers, which count in order.
            _ => None,
        };
        let random = Random::new(shuffle.seed, shuffle.epoch).fork();
        let mut stream = stream(order);
        // Every reader goes through all samples, so that all agree on the order they share.
        stream.take_all();
        // What waits in the buffer decides the order: a shard that is passed over would change it.
        stream.pass_no_shard();
        let buffer = Buffer::new(shuffle.buffer_samples, random);
        let (part, block) = (request.part, request.block.max(1));
        Ok(Self { stream, buffer, held: Held::default(), part, block, number: 0 })
    }

    /// The next sample of the mixed stream.
    fn mixed(&mut self) -> Result<Option<Held>> {
        while self.stream.advance()? {
            let mut sample = RawSample::default();
            self.stream.append_payload(&mut sample.payload)?;
            self.stream.key().clone_into(&mut sample.key);
            sample.extent = self.stream.extent();
            let shard = self.stream.shard().to_owned();
            if let Some(out) = self.buffer.exchange(Held { sample, shard }) {
                return Ok(Some(out));
            }
        }
        Ok(self.buffer.drain())
    }
}

/// The shards, mixed as samples are.
fn shard_order(shards: usize, shuffle: Shuffle) -> Vec<usize> {
    let by_shard = Shuffle { buffer_samples: shuffle.buffer_shards, ..shuffle };
    let order = Plan::new([shards as u64]).shuffled(by_shard).order();
    order.map(|position| position.sample as usize).collect()
}

impl Walk for Buffered {
    fn advance(&mut self) -> Result<bool> {
        while let Some(held) = self.mixed()? {
            let block = self.number / self.block;
            self.number += 1;
            if self.part.takes(block) {
                self.held = held;
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn extent(&self) -> Extent {
        self.held.sample.extent
    }

    fn key(&self) -> &str {
        &self.held.sample.key
    }

    fn shard(&self) -> &str {
        &self.held.shard
    }

    fn keeps(&mut self, sieve: &mut Sieve) -> Result<bool> {
        let Held { sample, shard } = &self.held;
        let kept = sieve.keeps(&sample.payload);
        kept.map_err(|error| placed(error, sample, shard))
    }

    fn map(&mut self) -> Result<Option<Arc<MappedShard>>> {
        // The samples were read when they came into the buffer.
        Ok(None)
    }

    fn append_payload(&mut self, out: &mut Vec<u8>) -> Result<()> {
        out.extend_from_slice(&self.held.sample.payload);
        Ok(())
    }

    fn decode_into(&mut self, batch: &mut BatchDecoder) -> Result<()> {
        let Held { sample, shard } = &self.held;
        batch.push(&sample.payload).map_err(|error| placed(error, sample, shard))
    }
}

fn placed(error: atdata_format::Error, sample: &RawSample, shard: &str) -> Error {
    let error = error.shifted(sample.extent.offset);
    error.in_key(sample.key.as_str()).in_shard(shown(shard)).into()
}
