//! One shard after the other, each from its first byte to its last.

use super::ahead::{Ahead, Coming};
use super::{Request, Walk};
use crate::error::{Error, Result};
use crate::plan::{Part, Selection};
use crate::report::Report;
use crate::shards::Shards;
use crate::source::{MappedShard, ShardInput, shown};
use atdata_format::Extent;
use atdata_format::batch::BatchDecoder;
use atdata_format::expression::{Filter, Sieve};
use atdata_format::tar::ShardReader;
use std::sync::Arc;

type Reader = ShardReader<Box<dyn ShardInput>>;

pub(super) struct Stream {
    shards: Arc<Shards>,
    /// The shards still to come, once the first was asked for.
    waiting: Option<Ahead>,
    order: Option<Vec<usize>>,
    reader: Option<Reader>,
    shard: usize,
    selection: Selection,
    part: Part,
    block: u64,
    /// The number, among all samples, of the next one.
    number: u64,
    report: Arc<Report>,
    /// By which shards may be passed over.
    filter: Option<Arc<Filter>>,
    /// A payload that had to be read before it was known to be wanted.
    held: Vec<u8>,
    is_held: bool,
    /// Whether the shard can be read out of order, and that is cheap.
    goes_back: bool,
}

impl Stream {
    /// A stream over the shards in a given order, else in their own.
    pub(super) fn new(request: &Request, order: Option<Vec<usize>>, report: Arc<Report>) -> Self {
        Self {
            shards: Arc::clone(&request.shards),
            waiting: None,
            order,
            reader: None,
            shard: 0,
            selection: request.selection.clone(),
            part: request.part,
            block: request.block.max(1),
            number: 0,
            report,
            filter: request.filter.clone(),
            held: Vec::new(),
            is_held: false,
            goes_back: false,
        }
    }

    /// Gives all samples, whichever part was asked for.
    pub(super) fn take_all(&mut self) {
        self.part = Part::default();
    }

    /// Opens every shard, whatever its manifest says.
    pub(super) fn pass_no_shard(&mut self) {
        self.filter = None;
    }

    #[cold]
    fn open_next(&mut self) -> Result<bool> {
        let waiting = match &mut self.waiting {
            Some(waiting) => waiting,
            None => {
                let waiting = self.begin()?;
                self.waiting.insert(waiting)
            }
        };
        let Some((shard, coming)) = waiting.next() else { return Ok(false) };
        self.shard = shard;
        let input = match coming? {
            Coming::Shard(input) => input,
            Coming::Passed(samples) => {
                self.report.add_passed_shard();
                self.number += samples;
                return Ok(true);
            }
        };
        let size = input.size();
        self.goes_back = input.can_seek() && self.shards.source().opens_ahead() == 0;
        self.reader = Some(ShardReader::new(input, size));
        Ok(true)
    }

    /// Whoever takes a few samples from the start does not want further shards to be fetched.
    fn begin(&mut self) -> Result<Ahead> {
        let far = self.shards.source().opens_ahead();
        let (order, depth) = match self.order.take() {
            // One of several streams that are read in turn.
            Some(order) => (order, far.min(1)),
            None => ((0..self.shards.names()?.len()).collect(), far),
        };
        let depth = if matches!(self.selection, Selection::All) { depth } else { 0 };
        Ok(Ahead::new(Arc::clone(&self.shards), order.into(), depth, self.filter.clone()))
    }

    fn close(&mut self) -> Result<()> {
        let Some(mut reader) = self.reader.take() else { return Ok(()) };
        if reader.missing_end() {
            self.report.add_without_end(&shown(self.shards.name(self.shard)));
        }
        let shard = shown(self.shards.name(self.shard));
        reader.input_mut().finish().map_err(|error| Error::io("read", shard.as_ref(), error))
    }

    #[inline]
    fn named<T>(&self, result: atdata_format::Result<T>) -> Result<T> {
        result.map_err(|error| error.in_shard(shown(self.shards.name(self.shard))).into())
    }
}

impl Walk for Stream {
    #[inline]
    fn advance(&mut self) -> Result<bool> {
        loop {
            if self.selection.ends_before(self.number) {
                return Ok(false);
            }
            let Some(reader) = &mut self.reader else {
                if self.open_next()? {
                    continue;
                }
                return Ok(false);
            };
            let advanced = reader.advance();
            if self.named(advanced)? {
                let index = self.selection.index_of(self.number);
                self.number += 1;
                if index.is_some_and(|index| self.part.takes(index / self.block)) {
                    return Ok(true);
                }
            } else {
                self.close()?;
            }
        }
    }

    fn extent(&self) -> Extent {
        self.reader.as_ref().map(ShardReader::extent).unwrap_or_default()
    }

    fn key(&self) -> &str {
        self.reader.as_ref().map_or("", ShardReader::key)
    }

    fn shard(&self) -> &str {
        self.shards.name(self.shard)
    }

    #[inline]
    fn keeps(&mut self, sieve: &mut Sieve) -> Result<bool> {
        let Some(reader) = &mut self.reader else { return Ok(false) };
        let extent = reader.extent();
        self.is_held = sieve.looks_into(extent.len) && !self.goes_back;
        if !self.is_held {
            let kept = reader.keeps(sieve, |input, at| input.go_to(at));
            return self.named(kept);
        }
        self.held.clear();
        let read = reader.append_payload(&mut self.held).and_then(|()| {
            let kept = sieve.keeps(&self.held);
            kept.map_err(|error| error.shifted(extent.offset).in_key(reader.key()))
        });
        self.named(read)
    }

    fn map(&mut self) -> Result<Option<Arc<MappedShard>>> {
        let Some(reader) = &mut self.reader else { return Ok(None) };
        let mapped = reader.input_mut().map();
        mapped
            .map_err(|error| Error::io("map", shown(self.shards.name(self.shard)).as_ref(), error))
    }

    fn append_payload(&mut self, out: &mut Vec<u8>) -> Result<()> {
        if self.is_held {
            out.extend_from_slice(&self.held);
            return Ok(());
        }
        let Some(reader) = &mut self.reader else { return Ok(()) };
        let read = reader.append_payload(out);
        self.named(read)
    }

    #[inline]
    fn decode_into(&mut self, batch: &mut BatchDecoder) -> Result<()> {
        let Some(reader) = &mut self.reader else { return Ok(()) };
        if self.is_held {
            let decoded = batch.push(&self.held);
            let at = reader.extent().offset;
            let placed = |error: atdata_format::Error| error.shifted(at).in_key(reader.key());
            let decoded = decoded.map_err(placed);
            return self.named(decoded);
        }
        let decoded = reader.decode_into(batch);
        self.named(decoded)
    }
}
