//! The readers of Arrow and Parquet panic on some broken files. A panic in them is an error of the file.

use crate::convert::input::At;
use crate::error::Result;
use crate::guarded::quietly;

/// Runs something that reads a file; after an error nothing of it may be used again.
pub(super) fn guarded<T>(at: &At, read: impl FnOnce() -> Result<T>) -> Result<T> {
    let gave_up = || Err(at.wrong(None, "the file is broken: its reader gave up on it"));
    quietly(read).unwrap_or_else(gave_up)
}
