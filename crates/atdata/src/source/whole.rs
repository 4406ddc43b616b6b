//! Shards that are fetched whole into temporary files before anything of them is used.

use super::{MappedShard, ShardInput};
use crate::error::{Error, Result};
use atdata_format::tar::Input;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex};

/// How many shards are kept after they were last used, so that counting a shard's samples and then
/// reading them fetches it once.
const KEPT: usize = 2;

/// The last few shards that were fetched. Their files have no names, and go when nobody uses them.
#[derive(Debug, Default)]
pub(super) struct Wholes {
    /// The lock is only tried: a forked process that inherits it held would wait for ever.
    recent: Mutex<VecDeque<(String, Arc<File>)>>,
}

impl Wholes {
    /// A shard that is there, or that `fetch` gets.
    pub(super) fn open(
        &self,
        shard: &str,
        fetch: impl FnOnce() -> Result<File>,
    ) -> Result<Box<dyn ShardInput>> {
        let file = match self.known(shard) {
            Some(file) => file,
            None => self.keep(shard, Arc::new(fetch()?)),
        };
        let size = file.metadata().map_err(|error| Error::io("read", shard.as_ref(), error))?.len();
        Ok(Box::new(WholeInput { file, position: 0, size }))
    }

    fn known(&self, shard: &str) -> Option<Arc<File>> {
        let recent = self.recent.try_lock().ok()?;
        recent.iter().find(|(name, _)| name == shard).map(|(_, file)| Arc::clone(file))
    }

    fn keep(&self, shard: &str, file: Arc<File>) -> Arc<File> {
        if let Ok(mut recent) = self.recent.try_lock() {
            recent.push_back((shard.to_owned(), Arc::clone(&file)));
            let over = recent.len().saturating_sub(KEPT);
            recent.drain(..over);
        }
        file
    }
}

/// A file that several inputs read, each from its own place.
struct WholeInput {
    file: Arc<File>,
    position: u64,
    size: u64,
}

impl Read for WholeInput {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buf, self.position)?;
        self.position += read as u64;
        Ok(read)
    }
}

impl Input for WholeInput {
    fn pass_over(&mut self, count: u64) -> io::Result<u64> {
        let passed = count.min(self.size.saturating_sub(self.position));
        self.position += passed;
        Ok(passed)
    }

    fn append_to(&mut self, out: &mut Vec<u8>, count: usize) -> io::Result<usize> {
        self.take(count as u64).read_to_end(out)
    }
}

impl ShardInput for WholeInput {
    fn size(&self) -> Option<u64> {
        Some(self.size)
    }

    fn can_seek(&self) -> bool {
        true
    }

    fn go_to(&mut self, offset: u64) -> io::Result<()> {
        self.position = offset;
        Ok(())
    }

    fn read_at(&mut self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        super::local::read_at(&self.file, offset, out)
    }

    fn map(&mut self) -> io::Result<Option<Arc<MappedShard>>> {
        Ok(None)
    }

    fn fetch_ahead(&mut self) {}

    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}
