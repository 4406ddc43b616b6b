//! The library's tests, one binary.
#![allow(clippy::unwrap_used, missing_docs)]

mod fixtures;
