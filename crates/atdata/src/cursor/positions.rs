//! Samples from any place, in the order of a plan.

use super::random_reader::RandomReader;
use super::waiting::{Waiting, waiting};
use super::{Request, Walk};
use crate::error::Result;
use crate::report::Report;
use crate::shards::Shards;
use crate::source::MappedShard;
use atdata_format::Extent;
use atdata_format::batch::BatchDecoder;
use atdata_format::expression::{Filter, Sieve};
use std::sync::Arc;

pub(super) struct Positions {
    shards: Arc<Shards>,
    order: Box<dyn Iterator<Item = Waiting> + Send>,
    reader: RandomReader,
    filter: Option<Arc<Filter>>,
    /// Of each shard that was met, whether the filter keeps none of it.
    without: Vec<Option<bool>>,
    report: Arc<Report>,
}

impl Positions {
    pub(super) fn new(request: &Request, report: Arc<Report>) -> Result<Self> {
        let order = waiting(request)?;
        let shards = Arc::clone(&request.shards);
        let reader = RandomReader::new(Arc::clone(&shards));
        let filter = request.filter.clone();
        let without = vec![None; request.shards.names()?.len()];
        Ok(Self { shards, order, reader, filter, without, report })
    }

    /// Whether no sample of a shard is kept, by its manifest.
    fn passes(&mut self, shard: usize) -> Result<bool> {
        let Some(filter) = &self.filter else { return Ok(false) };
        let known = self.without.get_mut(shard);
        if let Some(Some(known)) = known {
            return Ok(*known);
        }
        let found = self.shards.without(shard, filter)?.is_some();
        if found {
            self.report.add_passed_shard();
        }
        if let Some(known) = known {
            *known = Some(found);
        }
        Ok(found)
    }
}

impl Walk for Positions {
    fn advance(&mut self) -> Result<bool> {
        loop {
            let Some(next) = self.order.next() else { return Ok(false) };
            if !self.passes(next.position.shard)? {
                self.reader.go_to(next.position)?;
                self.reader.take(next.payload);
                return Ok(true);
            }
        }
    }

    fn extent(&self) -> Extent {
        self.reader.extent()
    }

    fn key(&self) -> &str {
        self.reader.key()
    }

    fn shard(&self) -> &str {
        self.reader.shard_name()
    }

    fn keeps(&mut self, sieve: &mut Sieve) -> Result<bool> {
        self.reader.keeps(sieve)
    }

    fn map(&mut self) -> Result<Option<Arc<MappedShard>>> {
        self.reader.map()
    }

    fn append_payload(&mut self, out: &mut Vec<u8>) -> Result<()> {
        self.reader.append_payload(out)
    }

    fn decode_into(&mut self, batch: &mut BatchDecoder) -> Result<()> {
        self.reader.decode_into(batch)
    }
}
