//! Shuffled samples of shards that can only be read in order: the samples themselves wait in the
//! buffer.

use super::Request;
use super::stream::Stream;
use crate::error::Result;
use crate::plan::{Buffer, Part, Plan, Random, Shuffle};
use atdata_format::Extent;
use atdata_format::batch::BatchDecoder;
use atdata_format::tar::RawSample;

pub(super) struct Buffered {
    stream: Stream,
    buffer: Buffer<(RawSample, String)>,
    part: Part,
    block: u64,
    number: u64,
    shard: String,
}

impl Buffered {
    pub(super) fn new(
        stream: impl FnOnce(Option<Vec<usize>>) -> Stream,
        request: &Request,
        shuffle: Shuffle,
    ) -> Result<Self> {
        let shards = request.shards.names()?.len();
        let by_shard = Shuffle { buffer_samples: shuffle.buffer_shards, ..shuffle };
        let order = Plan::new(vec![shards as u64]).shuffled(by_shard).order();
        let order = order.map(|position| position.sample as usize).collect();
        let random = Random::new(shuffle.seed, shuffle.epoch).fork();
        let mut stream = stream(Some(order));
        // Every reader goes through all samples, so that all agree on the order they share.
        stream.take_all();
        let buffer = Buffer::new(shuffle.buffer_samples, random);
        let (part, block) = (request.part, request.block.max(1));
        Ok(Self { stream, buffer, part, block, number: 0, shard: String::new() })
    }

    pub(super) fn shard(&self) -> &str {
        &self.shard
    }

    pub(super) fn append(&mut self, out: &mut Vec<u8>, key: &mut String) -> Result<Option<Extent>> {
        let Some(sample) = self.next()? else { return Ok(None) };
        out.extend_from_slice(&sample.payload);
        key.push_str(&sample.key);
        Ok(Some(sample.extent))
    }

    pub(super) fn decode_into(&mut self, batch: &mut BatchDecoder) -> Result<bool> {
        let Some(sample) = self.next()? else { return Ok(false) };
        let decoded = batch.push(&sample.payload);
        let placed = |e: atdata_format::Error| {
            e.shifted(sample.extent.offset).in_key(sample.key.as_str()).in_shard(self.shard.as_str())
        };
        decoded.map_err(placed)?;
        Ok(true)
    }

    fn next(&mut self) -> Result<Option<RawSample>> {
        while let Some((sample, shard)) = self.mixed()? {
            let block = self.number / self.block;
            self.number += 1;
            if self.part.takes(block) {
                self.shard = shard;
                return Ok(Some(sample));
            }
        }
        Ok(None)
    }

    fn mixed(&mut self) -> Result<Option<(RawSample, String)>> {
        let mut sample = RawSample::default();
        while let Some(extent) = self.stream.append(&mut sample.payload, &mut sample.key)? {
            sample.extent = extent;
            let item = (std::mem::take(&mut sample), self.stream.shard().to_owned());
            if let Some(out) = self.buffer.exchange(item) {
                return Ok(Some(out));
            }
        }
        Ok(self.buffer.drain())
    }
}
