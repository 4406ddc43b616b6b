//! How far uploads are: what has gone up, rather than what was read.

use crate::index::Watcher;
use crate::write::Progress;
use std::fmt;
use std::io::{self, Read};
use std::sync::{Arc, Mutex};

/// Uploads that somebody watches.
#[derive(Clone)]
pub(crate) struct Uploads(Arc<Mutex<(Progress, Watcher)>>);

impl fmt::Debug for Uploads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Uploads").finish_non_exhaustive()
    }
}

impl Uploads {
    pub(crate) fn new(watcher: Watcher) -> Self {
        Self(Arc::new(Mutex::new((Progress { samples: 0, bytes: 0 }, watcher))))
    }

    /// What watches the reading: it hears of samples, and of the bytes that have gone up.
    pub(crate) fn watcher(&self) -> Watcher {
        let uploads = self.clone();
        Some(Box::new(move |read| uploads.tell(|so_far| so_far.samples = read.samples)))
    }

    /// So many bytes more have gone up.
    pub(super) fn add(&self, bytes: u64) {
        self.tell(|so_far| so_far.bytes += bytes);
    }

    fn take_back(&self, bytes: u64) {
        self.tell(|so_far| so_far.bytes = so_far.bytes.saturating_sub(bytes));
    }

    fn tell(&self, change: impl FnOnce(&mut Progress)) -> bool {
        let Ok(mut state) = self.0.lock() else { return false };
        let (so_far, watcher) = &mut *state;
        change(so_far);
        watcher.as_mut().is_none_or(|watcher| watcher(*so_far))
    }
}

/// Bytes that go up. Those of a try that failed are taken back.
pub(super) struct GoingUp<R> {
    from: R,
    uploads: Uploads,
    told: u64,
    length: u64,
}

impl<R> GoingUp<R> {
    pub(super) fn new(from: R, length: u64, uploads: &Uploads) -> Self {
        Self { from, uploads: uploads.clone(), told: 0, length }
    }
}

impl<R: Read> Read for GoingUp<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buf)?;
        self.told += read as u64;
        self.uploads.add(read as u64);
        Ok(read)
    }
}

impl<R> Drop for GoingUp<R> {
    fn drop(&mut self) {
        if self.told < self.length {
            self.uploads.take_back(self.told);
        }
    }
}
