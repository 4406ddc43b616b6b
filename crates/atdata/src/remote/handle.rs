//! What requests run on: a runtime and clients, made on first use and made again after a `fork`.

use super::buckets::Bucket;
use super::silent::Silent;
use super::{Attempt, Blame, Failure, Patience, Reach, S3Config, tried, web};
use crate::error::{Error, Result};
use atdata_waiting::PerProcess;
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::runtime::{Builder, Runtime};

/// A client for object stores and web servers. It is cheap until it is used.
pub(crate) struct Client {
    /// The credentials that were given; none means those of the environment.
    s3: Option<S3Config>,
    pub(crate) patience: Patience,
    /// Which web servers may be asked; none means all.
    reach: Option<Arc<dyn Reach>>,
    silent: Silent,
    handle: PerProcess<Handle>,
}

impl fmt::Debug for Client {
    /// What the libraries below show of themselves holds access keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("s3", &self.s3).finish_non_exhaustive()
    }
}

impl Client {
    pub(crate) fn new(s3: Option<S3Config>, patience: Patience) -> Arc<Self> {
        Self::within(s3, patience, None)
    }

    /// The same, which asks only web servers that may be asked.
    pub(crate) fn within(
        s3: Option<S3Config>,
        patience: Patience,
        reach: Option<Arc<dyn Reach>>,
    ) -> Arc<Self> {
        let (silent, handle) = (Silent::default(), PerProcess::default());
        Arc::new(Self { s3, patience, reach, silent, handle })
    }

    pub(crate) fn handle(&self) -> Result<Arc<Handle>> {
        self.handle.get(|| Handle::new(self.patience, self.reach.clone()))
    }

    /// Asks a server until it answers or patience ends; there is little of it with one that has just
    /// been out of reach.
    pub(crate) fn ask<T>(
        &self,
        handle: &Handle,
        blame: &Blame,
        mut attempt: impl AsyncFnMut() -> Attempt<T>,
    ) -> Result<T> {
        let patience = self.silent.patience(&blame.server, self.patience);
        let mut answered = true;
        let found = handle.run(tried(&patience, async || {
            let found = attempt().await;
            answered = !matches!(found, Err(Failure::Silent(_)));
            found
        }));
        self.silent.note(&blame.server, answered);
        found
    }

    /// The credentials for a bucket.
    pub(super) fn s3_config(&self, bucket: &str) -> Result<S3Config> {
        match &self.s3 {
            Some(given) => Ok(given.clone().for_bucket(bucket)),
            None => super::S3Options::new(bucket).resolve(),
        }
    }
}

/// One process's runtime and clients. Several threads may drive it at once.
pub(crate) struct Handle {
    runtime: Runtime,
    web: OnceLock<reqwest::Client>,
    buckets: Mutex<HashMap<String, Arc<dyn Bucket>>>,
    patience: Patience,
    reach: Option<Arc<dyn Reach>>,
}

impl Handle {
    fn new(patience: Patience, reach: Option<Arc<dyn Reach>>) -> Result<Self> {
        // Whoever came first has installed one that does as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let built = Builder::new_current_thread().enable_all().build();
        let runtime = built.map_err(|error| Error::io("start", "a runtime".as_ref(), error))?;
        Ok(Self { runtime, web: OnceLock::new(), buckets: Mutex::default(), patience, reach })
    }

    /// Runs a future on this thread, and what others wait for meanwhile, unless who waits stops it.
    pub(crate) fn run<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        atdata_waiting::run(&self.runtime, work).map_err(Error::stopped)?
    }

    /// The same on a thread of ours, where nobody waits.
    pub(crate) fn drive<F: Future>(&self, work: F) -> F::Output {
        self.runtime.block_on(work)
    }

    /// Whether a URL may be asked.
    pub(super) fn check(&self, url: &reqwest::Url) -> std::result::Result<(), String> {
        self.reach.as_ref().map_or(Ok(()), |reach| reach.check(url))
    }

    pub(super) fn web(&self) -> Result<reqwest::Client> {
        if let Some(client) = self.web.get() {
            return Ok(client.clone());
        }
        let client = web::client(&self.patience, self.reach.as_ref())?;
        Ok(self.web.get_or_init(|| client).clone())
    }

    /// The bucket of that name, made if it is new. Nothing slow happens while the map is locked, so
    /// that a fork hardly ever finds it so.
    pub(super) fn bucket(
        &self,
        name: &str,
        make: impl FnOnce() -> Result<Arc<dyn Bucket>>,
    ) -> Result<Arc<dyn Bucket>> {
        let known = || self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = known().get(name) {
            return Ok(Arc::clone(bucket));
        }
        // A client needs the runtime when it is made.
        let made = {
            let _entered = self.runtime.enter();
            make()?
        };
        Ok(Arc::clone(known().entry(name.to_owned()).or_insert(made)))
    }
}
