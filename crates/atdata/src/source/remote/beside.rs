//! Small objects, read whole: what lies beside shards.

use super::RemoteInput;
use crate::error::{Error, Result};
use crate::remote::Client;
use crate::source::ShardInput;
use std::io::{self, Read};
use std::sync::Arc;

/// The largest of what lies beside a shard.
const LARGEST_SIDECAR: u64 = 1 << 30;

/// The bytes of a small object, if it is there. Where the objects of a bucket may not be listed,
/// one that is missing is refused, so that refusals count as that: the shard itself says more.
pub(in crate::source) fn whole(client: &Arc<Client>, url: &str) -> Result<Option<Vec<u8>>> {
    let mut input = match RemoteInput::open(client, url) {
        Err(Error::NotFound(_) | Error::Denied { .. }) => return Ok(None),
        opened => opened?,
    };
    let object = input.remote.place.blame.object.clone();
    if input.size().is_some_and(|size| size > LARGEST_SIDECAR) {
        return Err(Error::Invalid(format!("{object} is too large for what it should be")));
    }
    let mut bytes = Vec::new();
    let read = match input.size().filter(|_| input.can_seek()) {
        Some(0) => Ok(()),
        // A small one is one request, without a thread.
        Some(size) => input.remote.fetch(0, size as usize).map(|fetched| bytes = fetched),
        None => (&mut input).take(LARGEST_SIDECAR).read_to_end(&mut bytes).map(drop),
    };
    read.map_err(|error| unreadable(&object, error))?;
    Ok(Some(bytes))
}

/// The error of ours in one of reading.
fn unreadable(object: &str, error: io::Error) -> Error {
    let message = error.to_string();
    let inner = error.into_inner().and_then(|inner| inner.downcast::<Error>().ok());
    inner.map_or(Error::Unreachable { address: object.to_owned(), message }, |ours| *ours)
}
