//! Bytes that are hashed while they are written.

use sha2::{Digest, Sha256};
use std::io::{self, Write};

/// A writer that knows how much went through it, and the SHA-256 of that.
pub(crate) struct Hashed<W> {
    out: W,
    hash: Sha256,
    bytes: u64,
}

impl<W: Write> Hashed<W> {
    pub(crate) fn new(out: W) -> Self {
        Self { out, hash: Sha256::new(), bytes: 0 }
    }

    /// The writer under it, the size and the hash.
    pub(crate) fn finish(self) -> (W, u64, [u8; 32]) {
        (self.out, self.bytes, self.hash.finalize().into())
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or_default());
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
