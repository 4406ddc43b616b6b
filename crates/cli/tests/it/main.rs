//! Runs the built program on the shared fixtures.

#![allow(clippy::unwrap_used, missing_docs)]

mod convert;
mod damage;
mod home;
mod json;
mod listing;
mod mistakes;
mod network;
mod network_mistakes;
mod program;
mod results;
#[allow(unreachable_pub, reason = "the file is that of another crate's tests")]
#[path = "../../../atdata/tests/it/servers.rs"]
mod servers;
mod streams;
mod team;
mod team_mistakes;
mod team_servers;
