//! The readers of Arrow and Parquet panic on some broken files. A panic in them is an error of the file.

use crate::convert::input::At;
use crate::error::Result;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs something that reads a file; after an error nothing of it may be used again.
pub(super) fn guarded<T>(at: &At, read: impl FnOnce() -> Result<T>) -> Result<T> {
    keep_quiet();
    GUARDED.set(true);
    let done = panic::catch_unwind(AssertUnwindSafe(read));
    GUARDED.set(false);
    done.unwrap_or_else(|_| Err(at.wrong(None, "the file is broken: its reader gave up on it")))
}

/// Nobody is told of a panic that becomes an error; of others whoever was told before still is.
fn keep_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !GUARDED.get() {
                before(info);
            }
        }));
    });
}
