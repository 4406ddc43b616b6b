//! Runs the built program on the shared fixtures.

#![allow(clippy::unwrap_used, missing_docs)]

mod damage;
mod json;
mod listing;
mod mistakes;
mod program;
mod results;
mod streams;
