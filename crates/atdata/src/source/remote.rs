//! A shard on a server: streamed where it is read in order, asked for in pieces where it is not.

mod ahead;
mod beside;
mod pieces;
mod reach;

pub(super) use beside::whole;
pub(super) use reach::Remote;

use super::{MappedShard, ShardInput};
use crate::error::Result;
use crate::remote::{Body, Client};
use ahead::Ahead;
use atdata_format::tar::Input;
use bytes::{Buf, Bytes};
use pieces::Pieces;
use std::io::{self, Read};
use std::sync::Arc;
use std::{mem, process};

/// How many shards are opened beside the one that is read in order. Each receives a few MiB ahead.
pub(super) const SHARDS_AHEAD: usize = 2;

/// Up to this, passing over bytes is done by receiving them, which is quicker than a new request.
const SHORT: u64 = 4 << 20;

/// After a jump, so much is read in pieces before the rest is streamed.
const PIECEMEAL: u64 = 4 << 20;

/// A shard on a server, open.
pub(super) struct RemoteInput {
    remote: Arc<Remote>,
    position: u64,
    way: Way,
    /// Small reads at places that follow each other.
    near: Pieces,
    process: u32,
}

/// How the bytes in order come.
enum Way {
    /// From end to end, ahead of what is read; begun at the first read. What a server without
    /// ranges has begun to send waits here for that.
    Stream(Option<Ahead>, Option<Body>),
    /// In pieces, after a jump, with how much was read in order since.
    Pieces(Pieces, u64),
}

impl RemoteInput {
    pub(super) fn open(client: &Arc<Client>, url: &str) -> Result<Self> {
        let (remote, body) = Remote::find(client, url)?;
        Ok(Self {
            remote: Arc::new(remote),
            position: 0,
            way: Way::Stream(None, body),
            near: Pieces::default(),
            process: process::id(),
        })
    }

    /// How much of `count` there is.
    fn within(&self, count: u64) -> u64 {
        let left = self.remote.facts.size.map(|size| size.saturating_sub(self.position));
        left.map_or(count, |left| left.min(count))
    }

    /// The next bytes in order, at most `count`; none at the end.
    fn next(&mut self, count: usize) -> io::Result<Bytes> {
        let count = self.within(count as u64) as usize;
        if count == 0 {
            return Ok(Bytes::new());
        }
        if matches!(&self.way, Way::Pieces(_, read) if *read >= PIECEMEAL) {
            self.way = Way::Stream(None, None);
        }
        let bytes = match &mut self.way {
            Way::Stream(ahead, first) => {
                if ahead.is_none() {
                    *ahead = Some(Ahead::start(&self.remote, self.position, first.take())?);
                }
                ahead.as_mut().map_or_else(|| Ok(Bytes::new()), |ahead| ahead.next(count))?
            }
            Way::Pieces(pieces, read) => {
                let bytes = pieces.in_order(&self.remote, self.position, count)?;
                *read += bytes.len() as u64;
                bytes
            }
        };
        self.position += bytes.len() as u64;
        Ok(bytes)
    }

    /// Passes over bytes by receiving them.
    fn drain(&mut self, count: u64) -> io::Result<u64> {
        let mut passed = 0;
        while passed < count {
            let step = usize::try_from(count - passed).unwrap_or(usize::MAX);
            let bytes = self.next(step)?;
            if bytes.is_empty() {
                break;
            }
            passed += bytes.len() as u64;
        }
        Ok(passed)
    }

    fn jump(&mut self, offset: u64) {
        self.position = offset;
        match &mut self.way {
            _ if offset == 0 => self.way = Way::Stream(None, None),
            Way::Pieces(_, read) => *read = 0,
            Way::Stream(..) => self.way = Way::Pieces(Pieces::default(), 0),
        }
    }
}

impl Read for RemoteInput {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut bytes = self.next(buf.len())?;
        let read = bytes.len();
        if let Some(target) = buf.get_mut(..read) {
            bytes.copy_to_slice(target);
        }
        Ok(read)
    }
}

impl Input for RemoteInput {
    fn pass_over(&mut self, count: u64) -> io::Result<u64> {
        let count = self.within(count);
        let streaming = matches!(&self.way, Way::Stream(Some(_), _) | Way::Stream(_, Some(_)));
        if !self.can_seek() || (streaming && count <= SHORT) {
            return self.drain(count);
        }
        match &mut self.way {
            Way::Pieces(_, read) if count <= SHORT => {
                *read += count;
                self.position += count;
            }
            _ => self.jump(self.position + count),
        }
        Ok(count)
    }

    fn append_to(&mut self, out: &mut Vec<u8>, count: usize) -> io::Result<usize> {
        let mut read = 0;
        while read < count {
            let bytes = self.next(count - read)?;
            if bytes.is_empty() {
                break;
            }
            out.extend_from_slice(&bytes);
            read += bytes.len();
        }
        Ok(read)
    }
}

impl ShardInput for RemoteInput {
    fn size(&self) -> Option<u64> {
        self.remote.facts.size
    }

    fn can_seek(&self) -> bool {
        self.remote.facts.ranges
    }

    fn go_to(&mut self, offset: u64) -> io::Result<()> {
        if offset == self.position {
            return Ok(());
        }
        if !self.can_seek() {
            return Err(cannot_seek(&self.remote));
        }
        let ahead = offset.checked_sub(self.position).filter(|&count| count <= SHORT);
        match (&self.way, ahead) {
            (Way::Stream(Some(_), _), Some(count)) => self.drain(count).map(drop),
            _ => {
                self.jump(offset);
                Ok(())
            }
        }
    }

    fn read_at(&mut self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        if !self.can_seek() {
            return Err(cannot_seek(&self.remote));
        }
        let left = self.remote.facts.size.map_or(0, |size| size.saturating_sub(offset));
        let len = out.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let Some(out) = out.get_mut(..len).filter(|out| !out.is_empty()) else { return Ok(0) };
        self.near.anywhere(&self.remote, offset, out)?;
        Ok(len)
    }

    fn map(&mut self) -> io::Result<Option<Arc<MappedShard>>> {
        Ok(None)
    }

    fn fetch_ahead(&mut self) {
        if let Way::Stream(ahead @ None, first) = &mut self.way {
            // What goes wrong here goes wrong again at the first read, which says so.
            *ahead = Ahead::start(&self.remote, self.position, first.take()).ok();
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn cannot_seek(remote: &Remote) -> io::Error {
    let message = format!("{}: the server sends it from its start only", remote.place.blame.object);
    io::Error::new(io::ErrorKind::Unsupported, message)
}

impl Drop for RemoteInput {
    fn drop(&mut self) {
        if self.process != process::id() {
            // The thread and the connection are another process's.
            mem::forget(mem::replace(&mut self.way, Way::Stream(None, None)));
        }
    }
}
