//! The crate's tests, one binary.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

mod lexicon;
mod proof;
