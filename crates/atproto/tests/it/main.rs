//! The client against servers: scripted ones that misbehave, and a real network.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(unreachable_pub, reason = "helpers are public to the other tests")]

mod guard;
mod handles;
mod identities;
mod patience;
mod pds;
mod reading;
mod real_network;
mod scripted;
mod sessions;
mod syntax;
mod uploads;
mod values;
mod writes;
