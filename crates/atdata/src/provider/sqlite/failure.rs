//! What `SQLite` says, in words that say what to do.

use super::connect::Place;
use crate::error::Error;
use rusqlite::ErrorCode;
use std::io;

/// The error of a failed operation.
pub(super) fn failed(place: &Place, error: rusqlite::Error) -> Error {
    let denied =
        |message: &str| Error::Denied { address: place.to_string(), message: message.into() };
    match error.sqlite_error_code() {
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => denied(
            "the file, or its folder, may not be written to; change its permissions, or copy it",
        ),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Unreachable {
            address: place.to_string(),
            message:
                "another program has kept it locked for 30 seconds; try again when that is done"
                    .into(),
        },
        Some(ErrorCode::NotADatabase) => {
            Error::BadIndex(format!("{place} is not an SQLite database; name another file"))
        }
        Some(ErrorCode::DatabaseCorrupt) => Error::BadIndex(format!(
            "{place} is damaged ({error}); restore it from a copy, or with sqlite3's `.recover`"
        )),
        Some(
            ErrorCode::CannotOpen
            | ErrorCode::SystemIoFailure
            | ErrorCode::DiskFull
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::NoLargeFileSupport,
        ) => io_failed(place, error),
        _ => Error::BadIndex(format!("{place}: {error}; is it an index of atdata?")),
    }
}

fn io_failed(place: &Place, error: rusqlite::Error) -> Error {
    match place.path() {
        Some(path) => {
            Error::Io { action: "open", path: path.into(), source: io::Error::other(error) }
        }
        None => Error::BadIndex(format!("{place}: {error}")),
    }
}
