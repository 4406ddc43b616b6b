//! A shard's file as memory, for arrays that are looked at where they lie.

use atdata_format::{Error, Extent, Kind, Result};
use memmap2::Mmap;
use std::fs::File;
use std::io;

/// A shard that is a file of this machine, mapped into memory.
///
/// Shards are written whole under another name and never changed, so what is mapped stays. Who
/// cuts a shard in place while somebody looks at it makes the system end that process, the next
/// time that it reads what is gone; so [`bytes`](MappedShard::bytes) looks first, and maps are made
/// only for callers that ask for them.
#[derive(Debug)]
pub struct MappedShard {
    map: Mmap,
    file: File,
}

impl MappedShard {
    /// The whole of an open file.
    #[allow(unsafe_code, reason = "600 kB arrays without a copy are read four times faster")]
    pub(super) fn new(file: &File) -> io::Result<Self> {
        let file = file.try_clone()?;
        // SAFETY: the map is read-only and private to this process, and bytes of any value may be
        // read. What the type's documentation says of files that are changed meanwhile is the
        // documented price of a view.
        let map = unsafe { Mmap::map(&file)? };
        Ok(Self { map, file })
    }

    /// A payload, after a look whether the file still has all that was mapped.
    ///
    /// # Errors
    /// [`Kind::ShardCutShort`] for a file that has become shorter, or never was so long.
    pub fn bytes(&self, payload: Extent) -> Result<&[u8]> {
        let is_whole = self.file.metadata()?.len() >= self.map.len() as u64;
        let found = if is_whole { self.get(payload) } else { None };
        found.ok_or_else(|| {
            Error::new(Kind::ShardCutShort, "the shard is cut short: it ends inside a payload")
        })
    }

    /// Whether these are bytes of the map, which stay as long as it does.
    #[must_use]
    pub fn holds(&self, bytes: &[u8]) -> bool {
        let (own, given) = (self.map.as_ptr_range(), bytes.as_ptr_range());
        own.start <= given.start && given.end <= own.end
    }

    fn get(&self, payload: Extent) -> Option<&[u8]> {
        let start = usize::try_from(payload.offset).ok()?;
        let len = usize::try_from(payload.len).ok()?;
        self.map.get(start..start.checked_add(len)?)
    }
}
