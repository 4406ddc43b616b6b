//! Shards whose bytes are compared with the hashes that were kept when they were written.

use super::{DataSource, MappedShard, ShardInput, ShardStat, shown};
use crate::error::{Error, Result};
use crate::index::hex;
use atdata_format::tar::Input;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io::{self, Read};
use std::sync::{Arc, Mutex};

/// How much is read at once where bytes are only hashed.
const PIECE: usize = 1 << 20;

/// A source that refuses shards with other bytes than were written.
///
/// A shard that is read in order is hashed on the way, and refused at its end; one that is read at
/// any place is hashed as a whole first, once.
#[derive(Debug)]
pub struct Checked {
    inner: Arc<dyn DataSource>,
    /// SHA-256 in hex, by shard.
    expected: HashMap<String, String>,
    /// The lock is only tried: a forked process that inherits it held would wait for ever.
    right: Right,
}

impl Checked {
    /// A source whose shards have these hashes, in lower-case hex.
    #[must_use]
    pub fn new(inner: Arc<dyn DataSource>, expected: HashMap<String, String>) -> Self {
        Self { inner, expected, right: Arc::default() }
    }
}

impl DataSource for Checked {
    fn shards(&self) -> Result<Vec<String>> {
        self.inner.shards()
    }

    fn stat(&self, shard: &str) -> Result<ShardStat> {
        self.inner.stat(shard)
    }

    fn open(&self, shard: &str) -> Result<Box<dyn ShardInput>> {
        // One that nobody has changed since it was found right is right.
        let stat = self.inner.stat(shard)?;
        let seen = self.right.try_lock().ok().and_then(|right| right.get(shard).cloned());
        if stat.version.is_some() && seen.as_ref() == Some(&stat) {
            return self.inner.open(shard);
        }
        let unknown = || {
            let message = "there is no checksum to verify it with; checksums come with an entry \
                           of an index";
            Error::Invalid(format!("{}: {message}", shown(shard)))
        };
        let expected = self.expected.get(shard).ok_or_else(unknown)?.clone();
        let (source, right) = (Arc::clone(&self.inner), Arc::clone(&self.right));
        let again = Again { source, right, stat };
        let input = self.inner.open(shard)?;
        let shard = shard.to_owned();
        Ok(Box::new(CheckedInput { input, shard, expected, again, hash: Some(Sha256::new()) }))
    }

    fn sidecar(&self, address: &str) -> Result<Option<Vec<u8>>> {
        self.inner.sidecar(address)
    }

    fn open_sidecar(&self, address: &str) -> Result<Option<Box<dyn ShardInput>>> {
        self.inner.open_sidecar(address)
    }

    fn opens_ahead(&self) -> usize {
        self.inner.opens_ahead()
    }
}

/// What shards were when they were found right.
type Right = Arc<Mutex<HashMap<String, ShardStat>>>;

/// What an input needs to read its shard once more, and to say that it is right.
struct Again {
    source: Arc<dyn DataSource>,
    right: Right,
    stat: ShardStat,
}

struct CheckedInput {
    input: Box<dyn ShardInput>,
    shard: String,
    expected: String,
    again: Again,
    /// The hash of what was read so far; none once the shard is known to be right.
    hash: Option<Sha256>,
}

impl CheckedInput {
    /// Compares the hash of the whole shard.
    fn judge(&mut self, hash: Sha256) -> io::Result<()> {
        let found = hex(&hash.finalize());
        if found == self.expected {
            if let Ok(mut right) = self.again.right.try_lock() {
                right.insert(self.shard.clone(), self.again.stat.clone());
            }
            return Ok(());
        }
        let (shard, expected) = (shown(&self.shard), self.expected.clone());
        Err(io::Error::other(Error::Checksum { shard, expected, found }))
    }

    /// Hashes the shard as a whole, before it is read out of order.
    fn check_first(&mut self) -> io::Result<()> {
        if self.hash.is_none() {
            return Ok(());
        }
        let mut whole = self.again.source.open(&self.shard).map_err(io::Error::other)?;
        let mut hash = Sha256::new();
        hash_rest(&mut *whole, &mut hash)?;
        whole.finish()?;
        self.judge(hash)?;
        self.hash = None;
        Ok(())
    }
}

/// Reads an input to its end.
fn hash_rest(input: &mut dyn ShardInput, hash: &mut Sha256) -> io::Result<()> {
    let mut piece = vec![0; PIECE];
    loop {
        match input.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(read) => hash.update(piece.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

impl Read for CheckedInput {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buf)?;
        if let Some(hash) = &mut self.hash {
            hash.update(buf.get(..read).unwrap_or_default());
        }
        Ok(read)
    }
}

impl Input for CheckedInput {
    fn pass_over(&mut self, count: u64) -> io::Result<u64> {
        match self.hash {
            None => self.input.pass_over(count),
            Some(_) => io::copy(&mut self.take(count), &mut io::sink()),
        }
    }

    fn append_to(&mut self, out: &mut Vec<u8>, count: usize) -> io::Result<usize> {
        let before = out.len();
        let read = self.input.append_to(out, count)?;
        if let Some(hash) = &mut self.hash {
            hash.update(out.get(before..).unwrap_or_default());
        }
        Ok(read)
    }
}

impl ShardInput for CheckedInput {
    fn size(&self) -> Option<u64> {
        self.input.size()
    }

    fn can_seek(&self) -> bool {
        self.input.can_seek()
    }

    fn go_to(&mut self, offset: u64) -> io::Result<()> {
        self.check_first()?;
        self.input.go_to(offset)
    }

    fn read_at(&mut self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        self.check_first()?;
        self.input.read_at(offset, out)
    }

    fn map(&mut self) -> io::Result<Option<Arc<MappedShard>>> {
        Ok(None)
    }

    fn fetch_ahead(&mut self) {
        self.input.fetch_ahead();
    }

    fn finish(&mut self) -> io::Result<()> {
        if let Some(mut hash) = self.hash.take() {
            hash_rest(&mut *self.input, &mut hash)?;
            self.judge(hash)?;
        }
        self.input.finish()
    }
}
