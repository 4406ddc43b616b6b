//! A shard that is looked through while it passes into a store.

use crate::error::{Error, Result};
use crate::source::{ShardInput, shown};
use atdata_format::shard_index::{ShardIndex, ShardIndexBuilder};
use atdata_format::tar::{Input, ShardReader};
use std::io::{self, Read, Write};

/// How much is read and written at once.
const PIECE: usize = 1 << 20;

/// Sends a shard's bytes into a sink, all of them as they are, and tells of every piece. Gives its
/// index, which there is only for a shard that is whole.
///
/// # Errors
/// What is wrong with the shard; what its source or the store meets.
pub(super) fn pass(
    input: Box<dyn ShardInput>,
    sink: &mut dyn Write,
    shard: &str,
    tell: &dyn Fn(u64) -> io::Result<()>,
) -> Result<ShardIndex> {
    let size = input.size();
    let passing = Passing { input, sink, tell, piece: vec![0; PIECE], bytes: 0, told: 0 };
    let mut reader = ShardReader::new(passing, size);
    let mut index = ShardIndexBuilder::default();
    while reader.advance().map_err(|error| error.in_shard(shown(shard)))? {
        index.push(reader.key(), reader.extent())?;
    }
    let cut_off = reader.missing_end();
    let bytes = reader.input_mut().rest().map_err(|error| failed(shard, error))?;
    if size.is_some_and(|size| size != bytes) {
        let message = format!("{bytes} bytes came, which is not its size");
        return Err(refused(shard, &message));
    }
    if cut_off {
        return Err(refused(
            shard,
            "it ends without its two blocks of zeros, as a copy does that was cut off; take it from \
             where it is whole, or add it to the index where it is",
        ));
    }
    Ok(index.finish(bytes)?)
}

fn failed(shard: &str, error: io::Error) -> Error {
    Error::io("copy", shown(shard).as_ref(), error)
}

fn refused(shard: &str, why: &str) -> Error {
    Error::Invalid(format!("{}: {why}", shown(shard)))
}

/// An input whose bytes go into a sink as they are read.
struct Passing<'a> {
    input: Box<dyn ShardInput>,
    sink: &'a mut dyn Write,
    tell: &'a dyn Fn(u64) -> io::Result<()>,
    piece: Vec<u8>,
    bytes: u64,
    told: u64,
}

impl Passing<'_> {
    /// Passes what is behind the archive's end too; gives the size of all.
    fn rest(&mut self) -> io::Result<u64> {
        self.pass_over(u64::MAX)?;
        self.input.finish()?;
        self.news()?;
        Ok(self.bytes)
    }

    /// Tells of what has passed since the last time.
    fn news(&mut self) -> io::Result<()> {
        let since = self.bytes - self.told;
        self.told = self.bytes;
        (self.tell)(since)
    }
}

impl Read for Passing<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buf)?;
        let written = self.sink.write_all(buf.get(..read).unwrap_or_default());
        written
            .map_err(|error| Error::io("write", "the copy in the store".as_ref(), error))
            .map_err(io::Error::other)?;
        self.bytes += read as u64;
        if self.bytes - self.told >= PIECE as u64 {
            self.news()?;
        }
        Ok(read)
    }
}

impl Input for Passing<'_> {
    fn pass_over(&mut self, count: u64) -> io::Result<u64> {
        let mut piece = std::mem::take(&mut self.piece);
        let mut passed = 0;
        while passed < count {
            let most = usize::try_from(count - passed).unwrap_or(usize::MAX).min(PIECE);
            match self.read(piece.get_mut(..most).unwrap_or_default()) {
                Ok(0) => break,
                Ok(read) => passed += read as u64,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.piece = piece;
        Ok(passed)
    }

    fn append_to(&mut self, out: &mut Vec<u8>, count: usize) -> io::Result<usize> {
        self.take(count as u64).read_to_end(out)
    }
}
