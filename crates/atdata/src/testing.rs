//! Checks for those who write a backend of their own: what every one of them must do.

mod provider;
mod store;

use crate::error::Error;
use std::fmt::Debug;

pub use provider::check_provider;
pub use store::check_store;

/// What a check found, in words.
type Outcome = Result<(), Failure>;

/// Why a check failed.
#[derive(Debug)]
struct Failure(String);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(format!("an error: {error}"))
    }
}

/// Fails unless both are the same.
fn same<T: Debug + PartialEq>(what: &str, found: &T, expected: &T) -> Outcome {
    if found == expected {
        return Ok(());
    }
    Err(Failure(format!("{what}: found {found:?}, expected {expected:?}")))
}

/// Fails unless something is so.
fn holds(what: &str, is_so: bool) -> Outcome {
    if is_so { Ok(()) } else { Err(Failure(format!("not so: {what}"))) }
}
