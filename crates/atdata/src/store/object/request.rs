//! Asking a bucket for something, until it works or patience ends.

use crate::error::{Error, Result};
use crate::remote::{Blame, Bucket, Handle, Patience, head, timed, tried};
use object_store::path::Path as Key;
use std::sync::Arc;
use std::time::Duration;

/// An object and all that it takes to ask for it.
#[derive(Clone)]
pub(super) struct Object {
    pub(super) handle: Arc<Handle>,
    pub(super) bucket: Arc<dyn Bucket>,
    pub(super) key: Key,
    pub(super) blame: Blame,
    pub(super) patience: Patience,
}

/// How long it may take to clear up after what failed: whoever waits wants to know of that.
pub(super) const CLEANING: Duration = Duration::from_secs(5);

impl Object {
    /// The same, asked twice at most.
    pub(super) fn impatient(&self) -> Self {
        let patience = Patience { tries: self.patience.tries.min(2), ..self.patience };
        Self { patience, ..self.clone() }
    }

    /// Does something that may be done again, until it works or patience ends.
    pub(super) fn run<T>(
        &self,
        limit: Duration,
        mut work: impl AsyncFnMut() -> object_store::Result<T>,
    ) -> Result<T> {
        self.handle.run(tried(&self.patience, async || {
            let work = async { work().await.map_err(|error| self.blame.store(&error)) };
            timed(limit, &self.blame, work).await
        }))
    }

    /// The size of the object, if it is there.
    pub(super) fn size(&self) -> Result<Option<u64>> {
        let Self { blame, bucket, key, patience, handle } = self;
        let found = handle.run(tried(patience, async || {
            timed(patience.answer, blame, head(blame, &**bucket, key)).await
        }));
        match found {
            Ok(facts) => Ok(facts.size),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether an object of that size is there already. Who may not list a bucket is refused where
    /// nothing is: whether anything else is wrong, the upload will show.
    pub(super) fn has(&self, bytes: u64) -> Result<bool> {
        match self.size() {
            Err(Error::Denied { .. }) => Ok(false),
            size => Ok(size? == Some(bytes)),
        }
    }
}
