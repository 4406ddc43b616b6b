//! A value for each process: a forked one makes its own.

use std::sync::{Arc, OnceLock};
use std::{fmt, mem, process};

/// A value that is made once in each process. Those of other processes are neither used nor closed
/// here, because their sockets, timers and locks are still used there.
///
/// ```
/// let number = atdata_waiting::PerProcess::<u32>::default();
/// assert_eq!(*number.get(|| Ok::<_, ()>(std::process::id()))?, std::process::id());
/// # Ok::<(), ()>(())
/// ```
pub struct PerProcess<T>(OnceLock<Box<Owned<T>>>);

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
    /// This process's value, which is made if it is the first time.
    ///
    /// # Errors
    /// That of `make`.
    pub fn get<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<Arc<T>, E> {
        let (last, known) = self.find();
        if let Some(value) = known {
            return Ok(value);
        }
        // Made outside of the cell, which is locked only for a moment; of two threads that come at
        // once, both get what the first one stored.
        let value = Arc::new(make()?);
        let owned = Owned {
            process: process::id(),
            value: Some(Arc::clone(&value)),
            next: Self::default(),
        };
        let _ = last.0.set(Box::new(owned));
        Ok(last.find().1.unwrap_or(value))
    }

    /// This process's value, or the slot where it belongs.
    fn find(&self) -> (&Self, Option<Arc<T>>) {
        let mut slot = self;
        while let Some(owned) = slot.0.get() {
            match &owned.value {
                Some(value) if owned.process == process::id() => {
                    return (slot, Some(Arc::clone(value)));
                }
                _ => slot = &owned.next,
            }
        }
        (slot, None)
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        if self.process != process::id() {
            mem::forget(self.value.take());
        }
    }
}
