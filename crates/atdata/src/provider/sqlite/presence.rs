//! Notices a fork in the middle of an operation.

use super::connect::Place;
use crate::error::{Error, Result};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts the operations of this process: the process's id in the upper half, their number in the
/// lower.
///
/// A child that was forked while another thread had the file open inherits what `SQLite` believes of
/// its locks, but not the locks. It could read what is half written, or write where nobody looks,
/// so it is refused.
#[derive(Debug, Default)]
pub(super) struct Presence(AtomicU64);

/// One operation, until it is dropped.
#[derive(Debug)]
pub(super) struct Present<'a>(&'a AtomicU64);

impl Presence {
    /// Begins an operation.
    ///
    /// # Errors
    /// [`Error::Unsupported`] in a child that was forked in the middle of one.
    pub(super) fn enter(&self, place: &Place) -> Result<Present<'_>> {
        let here = u64::from(process::id()) << 32;
        let next = |state: u64| match state {
            state if state >> 32 == here >> 32 => Some(state + 1),
            state if state & u64::from(u32::MAX) == 0 => Some(here + 1),
            _ => None,
        };
        match self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, next) {
            Ok(_) => Ok(Present(&self.0)),
            Err(_) => Err(forked(place)),
        }
    }
}

impl Drop for Present<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn forked(place: &Place) -> Error {
    Error::Unsupported(format!(
        "this process was forked while another thread was using {place}, and SQLite does not \
         survive that; fork before threads use the index, or start processes by \"spawn\""
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fork_between_operations_is_none_of_our_business() {
        let other_process = u64::from(process::id() + 1) << 32;
        let presence = Presence(AtomicU64::new(other_process));
        let place = Place::memory();
        drop(presence.enter(&place).unwrap());
        drop((presence.enter(&place).unwrap(), presence.enter(&place).unwrap()));
        assert_eq!(presence.0.load(Ordering::Acquire), u64::from(process::id()) << 32);
    }

    #[test]
    fn a_fork_in_the_middle_of_one_is_refused() {
        let busy = (u64::from(process::id() + 1) << 32) + 1;
        let error = Presence(AtomicU64::new(busy)).enter(&Place::memory()).unwrap_err();
        assert!(error.to_string().contains("forked"));
    }
}
