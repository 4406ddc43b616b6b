//! A safe client of the AT Protocol: identity, sessions, records, blobs, signed repositories.
//!
//! Nothing that comes from the network is trusted: answers have a size cap, CIDs are computed here,
//! handles and DIDs are checked in both directions, and no private address that was learnt from the
//! network is ever reached. The crate knows nothing of datasets.
//!
//! Everything here is synchronous and survives a `fork`.

pub mod cid;
pub mod credentials;
mod error;
pub mod lexicon;
pub mod proof;
pub mod syntax;
pub mod testing;
pub mod transport;
pub mod value;

pub use error::{Error, Result};
pub use syntax::{AtUri, Did, Handle, Nsid, RecordKey, Tid};
