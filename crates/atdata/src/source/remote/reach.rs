//! An object that was found: its facts, and parts of it.

use crate::error::{Error, Result};
use crate::remote::{Attempt, Body, Client, Facts, Failure, Handle, Place, timed};
use crate::source::ShardStat;
use std::io;
use std::sync::Arc;

/// An object, what is known of it, and what to ask it with.
pub(in crate::source) struct Remote {
    pub(in crate::source) handle: Arc<Handle>,
    pub(in crate::source) client: Arc<Client>,
    pub(in crate::source) place: Place,
    pub(in crate::source) facts: Facts,
}

impl Remote {
    /// Where a URL leads, and whether there is something.
    pub(in crate::source) fn find(client: &Arc<Client>, url: &str) -> Result<(Self, Option<Body>)> {
        let handle = client.handle()?;
        let place = client.place(&handle, url)?;
        let (limit, blame) = (client.patience.answer, &place.blame);
        let (facts, body) =
            client.ask(&handle, blame, async || timed(limit, blame, place.probe()).await)?;
        Ok((Self { handle, client: Arc::clone(client), place, facts }, body))
    }

    /// What the source tells of it.
    pub(in crate::source) fn stat(&self) -> ShardStat {
        ShardStat { size: self.facts.size, version: self.facts.version.clone() }
    }

    /// The bytes from one on, into memory. The range ends within the object.
    pub(super) fn fetch(&self, from: u64, len: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(len);
        let received = self.client.ask(&self.handle, &self.place.blame, async || {
            let (at, to) = (from + bytes.len() as u64, from + len as u64);
            self.receive(at, to, &mut bytes).await
        });
        received.map_err(broken)?;
        Ok(bytes)
    }

    /// Receives a range; what has come stays also when the rest does not.
    async fn receive(&self, from: u64, to: u64, out: &mut Vec<u8>) -> Attempt<()> {
        let (limit, blame) = (self.client.patience.answer, &self.place.blame);
        let mut answer = timed(limit, blame, self.place.get(from, Some(to))).await?;
        if !self.facts.fit(&answer.facts) || answer.from != from {
            return Err(blame.changed());
        }
        let mut left = to - from;
        while let Some(chunk) = timed(limit, blame, answer.body.next(blame)).await? {
            left = left.checked_sub(chunk.len() as u64).ok_or_else(|| too_long(self))?;
            out.extend_from_slice(&chunk);
        }
        if left > 0 { Err(blame.passing("the connection ended too early")) } else { Ok(()) }
    }
}

pub(super) fn too_long(remote: &Remote) -> Failure {
    remote.place.blame.lasting("the server sends more bytes than it announced")
}

/// An error of ours as one of reading.
pub(super) fn broken(error: Error) -> io::Error {
    let kind = match &error {
        Error::NotFound(_) => io::ErrorKind::NotFound,
        Error::Denied { .. } => io::ErrorKind::PermissionDenied,
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, error)
}
