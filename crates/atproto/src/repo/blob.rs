//! A blob as it comes from a server.

use crate::cid::{BlobHasher, Cid};
use crate::error::Error;
use crate::transport::Response;
use std::fmt;
use std::io::{self, Read};
use std::mem;

/// Reads a blob. The read that reaches its end fails, with [`Error::Unverified`] inside, when the
/// bytes are not those of its CID: until then they must not be believed.
pub struct BlobReader {
    body: Box<dyn Read + Send>,
    size: Option<u64>,
    cid: Cid,
    hasher: Option<BlobHasher>,
}

impl fmt::Debug for BlobReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlobReader").field("cid", &self.cid).finish_non_exhaustive()
    }
}

impl BlobReader {
    pub(super) fn new(response: Response, cid: Cid) -> Self {
        let size = response.header("content-length").and_then(|length| length.parse().ok());
        Self { body: response.body, size, cid, hasher: Some(BlobHasher::default()) }
    }

    /// How many bytes the server says it has.
    #[must_use]
    pub const fn size(&self) -> Option<u64> {
        self.size
    }

    /// What it is.
    #[must_use]
    pub const fn cid(&self) -> &Cid {
        &self.cid
    }

    fn finish(&mut self) -> io::Result<()> {
        let Some(hasher) = mem::take(&mut self.hasher) else { return Ok(()) };
        let found = hasher.finish();
        if found == self.cid {
            return Ok(());
        }
        let message =
            format!("its bytes have the CID {found}; it was changed on the way or at its server");
        Err(Error::Unverified { what: format!("the blob {}", self.cid), message }.into())
    }
}

impl Read for BlobReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.body.read(buffer)?;
        match &mut self.hasher {
            Some(hasher) => hasher.update(&buffer[..count]),
            None if count > 0 => return Err(io::Error::other("bytes after the end of a blob")),
            None => {}
        }
        if count == 0 && !buffer.is_empty() {
            self.finish()?;
        }
        Ok(count)
    }
}
