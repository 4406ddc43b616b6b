//! A lock that does not hang a forked process.

use crate::error::{Error, Result};
use std::process;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

/// How long a forked process waits for a lock that a thread it does not have may be holding.
const PATIENCE: Duration = Duration::from_secs(10);

/// Something that threads use one after the other.
#[derive(Debug)]
pub(crate) struct Guarded<T> {
    made_in: u32,
    inner: Mutex<T>,
}

impl<T: Default> Default for Guarded<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> Guarded<T> {
    pub(crate) fn new(inner: T) -> Self {
        Self { made_in: process::id(), inner: Mutex::new(inner) }
    }

    /// Waits for its turn. A panic of an earlier holder is no obstacle: what is guarded must be
    /// whole whenever one can happen.
    ///
    /// # Errors
    /// In a forked process, when another thread of its parent was holding the lock.
    pub(crate) fn lock(&self) -> Result<MutexGuard<'_, T>> {
        if process::id() == self.made_in {
            return Ok(self.inner.lock().unwrap_or_else(PoisonError::into_inner));
        }
        self.lock_in_child(Instant::now() + PATIENCE)
    }

    fn lock_in_child(&self, deadline: Instant) -> Result<MutexGuard<'_, T>> {
        loop {
            match self.inner.try_lock() {
                Ok(guard) => return Ok(guard),
                Err(TryLockError::Poisoned(poisoned)) => return Ok(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) if Instant::now() > deadline => return Err(stuck()),
                Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(1)),
            }
        }
    }
}

fn stuck() -> Error {
    Error::Unsupported(
        "this process was forked while another thread was using an index in memory; use an index \
         in a file, or fork before threads are started"
            .into(),
    )
}
