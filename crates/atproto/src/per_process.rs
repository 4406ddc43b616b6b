//! A value for each process: a forked one makes its own.

use crate::error::Result;
use std::sync::{Arc, OnceLock};
use std::{fmt, mem, process};

/// Those of other processes are neither used nor closed here, because their sockets, timers and
/// locks are still used there.
pub(crate) struct PerProcess<T>(OnceLock<Box<Owned<T>>>);

struct Owned<T> {
    process: u32,
    value: Option<Arc<T>>,
    next: PerProcess<T>,
}

impl<T> Default for PerProcess<T> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<T> fmt::Debug for PerProcess<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PerProcess")
    }
}

impl<T> PerProcess<T> {
    pub(crate) fn get(&self, make: impl FnOnce() -> Result<T>) -> Result<Arc<T>> {
        let process = process::id();
        let mut slot = self;
        while let Some(owned) = slot.0.get() {
            match &owned.value {
                Some(value) if owned.process == process => return Ok(Arc::clone(value)),
                _ => slot = &owned.next,
            }
        }
        // Made outside of the cell, which is locked only for a moment; of two threads that come at
        // once, both get what the first one stored.
        let value = Arc::new(make()?);
        let owned = Owned { process, value: Some(value), next: Self::default() };
        let _ = slot.0.set(Box::new(owned));
        slot.get(|| unreachable!("a slot of this process was filled"))
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        if self.process != process::id() {
            mem::forget(self.value.take());
        }
    }
}
