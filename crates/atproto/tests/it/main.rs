//! The crate's tests, one binary.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

mod ask;
mod double;
mod lexicon;
mod plain_http;
mod proof;
mod testnet;
