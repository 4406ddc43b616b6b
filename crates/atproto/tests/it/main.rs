//! The crate's tests, one binary: against scripted servers that misbehave, and a real network.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

mod ask;
mod double;
mod guard;
mod handles;
mod identities;
mod lexicon;
mod oauth;
mod patience;
mod pds;
mod proof;
mod reading;
mod real_network;
mod scripted;
mod sessions;
mod syntax;
mod uploads;
mod values;
mod writes;
