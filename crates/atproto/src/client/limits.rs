//! What a server takes.

use super::Client;
use crate::error::Result;
use std::sync::PoisonError;

/// What servers take that do not say it.
const BLOB_BYTES: u64 = 5 << 20;

/// What a server takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes of a blob.
    pub blob_bytes: u64,
}

impl Client {
    /// What the account's server takes; it is asked once.
    ///
    /// # Errors
    /// As the server.
    pub fn limits(&self) -> Result<Limits> {
        let known = || self.limits.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(limits) = *known() {
            return Ok(limits);
        }
        let server = self.network.xrpc(self.credentials.service());
        let about = server.query("com.atproto.server.describeServer", &[])?;
        let blob_bytes = about["blobUploadLimit"].as_u64().unwrap_or(BLOB_BYTES);
        Ok(*known().insert(Limits { blob_bytes }))
    }
}
