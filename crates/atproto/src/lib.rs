//! A safe client of the AT Protocol: identity, sessions, records, blobs, signed repositories.
//!
//! Nothing that comes from the network is trusted: answers have a size cap, CIDs are computed here,
//! handles and DIDs are checked in both directions, and no private address that was learnt from the
//! network is ever reached. The crate knows nothing of datasets.
//!
//! Everything here is synchronous and survives a `fork`.

pub mod cid;
pub mod client;
pub mod config;
pub mod credentials;
mod error;
mod http_date;
pub mod identity;
pub mod lexicon;
mod network;
pub mod oauth;
mod patience;
pub mod proof;
pub mod repo;
pub mod saved;
pub mod session;
pub mod syntax;
pub mod testing;
pub mod transport;
pub mod value;
mod xrpc;

pub use client::{BlobBody, BlobRef, Client, Limits, Swap, Write, Written};
pub use error::{Error, Result};
pub use identity::Identity;
pub use network::Network;
pub use repo::{Fetched, Repo};
pub use syntax::{AtUri, Did, Handle, Nsid, RecordKey, Tid};
pub use xrpc::Xrpc;
