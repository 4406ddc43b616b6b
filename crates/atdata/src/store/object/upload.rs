//! Sending a shard to a bucket: in one request, or in parts.

use super::request::{CLEANING, Object};
use crate::config;
use crate::error::{Error, Result};
use crate::remote::{timed, tried};
use atdata_waiting::undisturbed;
use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::multipart::PartId;
use object_store::{MultipartId, ObjectStoreExt, PutPayload};
use std::fs::File;
use std::os::unix::fs::FileExt;

/// What is sent in one request.
const SINGLE: u64 = 16 << 20;

/// The size of a part, and the most parts that there may be; larger shards have larger parts.
const PART: u64 = 8 << 20;
const PARTS: u64 = 9_000;

/// How many parts are on their way at once.
const AT_ONCE: usize = 3;

/// A file for an object. The checksums of what is sent go with it, so that a server refuses what
/// arrives otherwise.
pub(super) struct Upload<'a> {
    pub(super) object: &'a Object,
    pub(super) file: &'a File,
    pub(super) bytes: u64,
}

impl Upload<'_> {
    /// Sends it; nothing is visible before all of it is there.
    pub(super) fn send(&self) -> Result<()> {
        if self.bytes <= SINGLE {
            let payload = self.part(0, self.bytes)?;
            let Object { bucket, key, .. } = self.object;
            return self.object.run(self.object.patience.upload, async || {
                bucket.put(key, payload.clone()).await.map(drop)
            });
        }
        let Object { bucket, key, patience, .. } = self.object;
        let id = self.object.run(patience.answer, async || bucket.create_multipart(key).await)?;
        let sent = self.send_parts(&id).and_then(|parts| self.complete(&id, &parts));
        if sent.is_err() {
            // The parts cost room until then. What cannot be aborted now, garbage collection finds.
            let abort = async || bucket.abort_multipart(key, &id).await;
            let _ = undisturbed(|| self.object.impatient().run(CLEANING, abort));
        }
        sent
    }

    fn send_parts(&self, id: &MultipartId) -> Result<Vec<PartId>> {
        let size = PART.max(self.bytes.div_ceil(PARTS));
        let parts = (0..self.bytes.div_ceil(size)).map(|number| async move {
            let start = number * size;
            let payload = self.part(start, size.min(self.bytes - start))?;
            self.send_part(id, number as usize, &payload).await
        });
        let sending = stream::iter(parts).buffered(AT_ONCE).try_collect();
        self.object.handle.run(sending)
    }

    async fn send_part(
        &self,
        id: &MultipartId,
        number: usize,
        payload: &PutPayload,
    ) -> Result<PartId> {
        let Object { bucket, key, blame, patience, .. } = self.object;
        tried(patience, async || {
            let sent = async {
                let put = bucket.put_part(key, id, number, payload.clone()).await;
                put.map_err(|error| blame.store(&error))
            };
            timed(patience.upload, blame, sent).await
        })
        .await
    }

    /// Makes one object of the parts. When the answer is lost and the request is sent again, the
    /// upload is no longer there, but the object is.
    fn complete(&self, id: &MultipartId, parts: &[PartId]) -> Result<()> {
        let Object { bucket, key, blame, patience, handle, .. } = self.object;
        let completed = handle.run(tried(patience, async || {
            let completed = async {
                let done = bucket.complete_multipart(key, id, parts.to_vec()).await;
                done.map(drop).map_err(|error| blame.store(&error))
            };
            timed(patience.upload, blame, completed).await
        }));
        match completed {
            Err(error) if self.object.size().ok().flatten() != Some(self.bytes) => Err(error),
            _ => Ok(()),
        }
    }

    fn part(&self, start: u64, len: u64) -> Result<PutPayload> {
        let mut bytes = vec![0; len as usize];
        let read = self.file.read_exact_at(&mut bytes, start);
        let folder = config::temporary_folder();
        read.map_err(|error| Error::io("read a temporary file in", &folder, error))?;
        Ok(PutPayload::from(bytes))
    }
}
