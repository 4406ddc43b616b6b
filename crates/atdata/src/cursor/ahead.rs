//! Opens the shards of a stream, the next ones ahead where opening takes time.

use crate::error::{Error, Result};
use crate::shards::Shards;
use crate::source::ShardInput;
use atdata_format::expression::Filter;
use atdata_waiting::Helper;
use std::collections::VecDeque;
use std::sync::Arc;

type Opened = Result<Coming>;

/// What comes next.
pub(super) enum Coming {
    /// A shard, at its first byte.
    Shard(Box<dyn ShardInput>),
    /// A shard of so many samples, none of which the filter would keep.
    Passed(u64),
}

/// Shards that are opened one after the other. Its threads end with it.
pub(super) struct Ahead {
    shards: Arc<Shards>,
    filter: Option<Arc<Filter>>,
    waiting: VecDeque<usize>,
    coming: VecDeque<(usize, Helper<Opened>)>,
    /// How many shards are opened beside the one that is read.
    depth: usize,
}

impl Ahead {
    pub(super) fn new(
        shards: Arc<Shards>,
        order: VecDeque<usize>,
        depth: usize,
        filter: Option<Arc<Filter>>,
    ) -> Self {
        Self { shards, filter, waiting: order, coming: VecDeque::new(), depth }
    }

    /// The next shard's number, and its first byte.
    pub(super) fn next(&mut self) -> Option<(usize, Opened)> {
        if self.depth == 0 {
            let shard = self.waiting.pop_front()?;
            return Some((shard, open(&self.shards, shard, self.filter.as_deref(), false)));
        }
        while self.coming.len() <= self.depth
            && let Some(shard) = self.waiting.pop_front()
        {
            let (shards, filter) = (Arc::clone(&self.shards), self.filter.clone());
            let opening = Helper::spawn(move || open(&shards, shard, filter.as_deref(), true));
            self.coming.push_back((shard, opening));
        }
        let (shard, mut opening) = self.coming.pop_front()?;
        let opened = opening.outcome().map_err(Error::stopped);
        let panicked = || Error::Unsupported("opening a shard panicked".to_owned());
        Some((shard, opened.and_then(|opened| opened.ok_or_else(panicked)?)))
    }
}

fn open(shards: &Shards, shard: usize, filter: Option<&Filter>, ahead: bool) -> Opened {
    if let Some(filter) = filter
        && let Some(samples) = shards.without(shard, filter)?
    {
        return Ok(Coming::Passed(samples));
    }
    let mut input = shards.open(shard)?;
    if ahead {
        input.fetch_ahead();
    }
    Ok(Coming::Shard(input))
}
