//! What waits in the buffer of a shuffled pass: places, and of small samples the bytes too.

use super::Request;
use super::random_reader::RandomReader;
use crate::error::Result;
use crate::plan::{Position, STREAMS, Selection};
use std::sync::Arc;

/// How many bytes of samples wait at most. Larger samples are read when their turn comes.
const HELD: u64 = 32 << 20;

/// The largest sample whose bytes wait, however small the buffer: from here on a read of its own
/// costs little beside what is read.
const LARGEST: u64 = 4096;

/// A sample that comes next, or will.
pub(super) struct Waiting {
    pub(super) position: Position,
    /// Its payload, where it was read as it came into the buffer.
    pub(super) payload: Option<Vec<u8>>,
}

/// The order that a request means. Shuffled samples come into the buffer in the order of their
/// shards, and are read then if they are small: a read for each at its turn costs more than all else.
pub(super) fn waiting(request: &Request) -> Result<Box<dyn Iterator<Item = Waiting> + Send>> {
    let plan = request.plan()?;
    let Some(largest) = largest(request) else {
        return Ok(plan.order_of(|position| Waiting { position, payload: None }));
    };
    let mut reader = RandomReader::new(Arc::clone(&request.shards)).keeping_open(2 * STREAMS);
    Ok(plan.order_of(move |position| {
        // What goes wrong here goes wrong again at the sample's turn, and is mended or told then.
        Waiting { position, payload: reader.read_ahead(position, largest) }
    }))
}

/// The largest sample whose bytes may wait, where every sample of every shard will be given.
fn largest(request: &Request) -> Option<u64> {
    let shuffle = request.shuffle.as_ref()?;
    let all = matches!(request.selection, Selection::All) && request.part.is_whole();
    let each = HELD.checked_div(shuffle.buffer_samples as u64)?;
    (all && request.filter.is_none()).then_some(each.min(LARGEST))
}
