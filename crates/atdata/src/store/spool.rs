//! A shard on its way: kept in a temporary file, hashed as it grows.

use crate::config;
use crate::error::{Error, Result};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Write};

/// How much is hashed and written at once.
const CHUNK: usize = 256 << 10;

/// Bytes in a file without a name, which is gone with this process however that ends.
#[derive(Debug)]
pub(super) struct Spool {
    file: File,
    waiting: Vec<u8>,
    hash: Sha256,
    bytes: u64,
}

impl Spool {
    pub(super) fn new() -> Result<Self> {
        let folder = config::temporary_folder();
        let made = tempfile::tempfile_in(&folder);
        let file = made.map_err(|error| Error::io("make a temporary file in", &folder, error))?;
        Ok(Self { file, waiting: Vec::new(), hash: Sha256::new(), bytes: 0 })
    }

    /// Ends it: the file, its size and its SHA-256.
    pub(super) fn finish(mut self) -> Result<(File, u64, [u8; 32])> {
        let emptied = self.empty();
        emptied.map_err(|error| Error::io("write to", &config::temporary_folder(), error))?;
        Ok((self.file, self.bytes, self.hash.finalize().into()))
    }

    fn empty(&mut self) -> io::Result<()> {
        self.hash.update(&self.waiting);
        self.file.write_all(&self.waiting)?;
        self.waiting.clear();
        Ok(())
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.waiting.len() + bytes.len() > CHUNK {
            self.empty()?;
        }
        if bytes.len() > CHUNK {
            self.hash.update(bytes);
            self.file.write_all(bytes)?;
        } else {
            self.waiting.extend_from_slice(bytes);
        }
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
