//! Batches that are decoded ahead of whoever takes them.

use super::Batches;
use crate::error::{Error, Result};
use crate::memory::Recycled;
use crate::report::Report;
use atdata_format::batch::Batch;
use atdata_waiting::{Helper, receive};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, SyncSender};

/// The bytes of batches that are decoded ahead. Smaller ones gain less time than their memory costs
/// that one thread takes and another gives back (measured: a fifth more CPU for batches of 1 MB);
/// two more of larger ones would be too much memory.
const WORTHWHILE: RangeInclusive<usize> = 4 << 20..=READ_AHEAD_BYTES / 2;

/// The most memory that batches take which nobody has asked for yet: two of half of it.
pub const READ_AHEAD_BYTES: usize = 64 << 20;

/// Batches, decoded ahead on a thread of their own where they are large.
///
/// The thread begins when a second batch is asked for, and ends with this.
#[derive(Debug)]
pub struct BatchesAhead {
    state: State,
    report: Arc<Report>,
    memory: Arc<Recycled>,
}

#[derive(Debug)]
enum State {
    /// Decoded when they are asked for; whether the last one was large.
    Here(Box<Batches>, bool),
    /// Decoded there; the receiver goes first, so that the thread does not wait to send.
    There(Receiver<Result<Batch>>, Helper<()>),
    Ended,
}

impl From<Batches> for BatchesAhead {
    fn from(batches: Batches) -> Self {
        let (report, memory) = (Arc::clone(batches.report()), Arc::clone(batches.memory()));
        let state = State::Here(Box::new(batches), false);
        Self { state, report, memory }
    }
}

impl BatchesAhead {
    /// What was left out so far, which may be of a batch that is still to be given.
    #[must_use]
    pub const fn report(&self) -> &Arc<Report> {
        &self.report
    }

    /// As [`Batches::memory`].
    #[must_use]
    pub const fn memory(&self) -> &Arc<Recycled> {
        &self.memory
    }

    fn begin(mut batches: Batches) -> State {
        // One batch waits, while the next is decoded.
        let (sender, receiver) = mpsc::sync_channel(1);
        let decode = move || send_all(&mut batches, &sender);
        State::There(receiver, Helper::spawn(decode))
    }

    /// The end; what made the thread panic is told, not taken for it.
    fn ended(&mut self) -> Option<Result<Batch>> {
        let State::There(_, mut decoding) = std::mem::replace(&mut self.state, State::Ended) else {
            return None;
        };
        match decoding.outcome() {
            Ok(Some(())) => None,
            Ok(None) => Some(Err(Error::Unsupported("decoding a batch panicked".to_owned()))),
            Err(error) => Some(Err(Error::stopped(error))),
        }
    }
}

fn send_all(batches: &mut Batches, sender: &SyncSender<Result<Batch>>) {
    for batch in batches {
        if sender.send(batch).is_err() {
            return;
        }
    }
}

impl Iterator for BatchesAhead {
    type Item = Result<Batch>;

    fn next(&mut self) -> Option<Result<Batch>> {
        if let State::Here(batches, large) = &mut self.state {
            if !*large {
                let (batch, slow) = (batches.next(), batches.is_slow());
                let pays =
                    |bytes| WORTHWHILE.contains(&bytes) || slow && bytes < *WORTHWHILE.start();
                *large = matches!(&batch, Some(Ok(batch)) if pays(batch.bytes()));
                return batch;
            }
            if let State::Here(batches, _) = std::mem::replace(&mut self.state, State::Ended) {
                self.state = Self::begin(*batches);
            }
        }
        match &self.state {
            State::There(receiver, _) => match receive(receiver) {
                Ok(Some(batch)) => Some(batch),
                Ok(None) => self.ended(),
                Err(error) => Some(Err(Error::stopped(error))),
            },
            _ => None,
        }
    }
}
