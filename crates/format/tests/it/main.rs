//! The format's tests, one binary.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, clippy::disallowed_methods)]

mod batches;
mod corpus;
mod expressions;
mod msgpack;
mod shards;
mod strategies;
