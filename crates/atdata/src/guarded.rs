//! Libraries that panic on some broken files: a panic in them is an error of the file.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs something that reads a file; none if it panicked, and then nothing of it may be used again.
pub(crate) fn quietly<T>(read: impl FnOnce() -> T) -> Option<T> {
    keep_quiet();
    GUARDED.set(true);
    let done = panic::catch_unwind(AssertUnwindSafe(read));
    GUARDED.set(false);
    done.ok()
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
