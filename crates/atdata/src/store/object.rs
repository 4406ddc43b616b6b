//! Shards in an object store.

mod request;
mod sink;
mod unfinished;
mod upload;

use super::names::{checked_prefix, is_ours, upload_of};
use super::{DataStore, Found, ShardSink};
use crate::error::{Error, Result};
use crate::remote::{Blame, Client, Kind, Located, Patience, S3Config, S3Options};
use crate::source::{DataSource, ObjectSource, shown};
use futures_util::{StreamExt, TryStreamExt};
use object_store::path::Path as Key;
use object_store::signer::Method;
use object_store::{ObjectMeta, ObjectStoreExt, PutPayload};
use request::Object;
use sink::ObjectSink;
use std::sync::Arc;
use std::time::Duration;

/// How many objects are listed at once.
const PAGE: usize = 1000;

/// A bucket of S3, Google Cloud Storage or Azure, or a folder in one. It is reached when it is
/// first used.
#[derive(Debug, Clone)]
pub struct ObjectStoreStore {
    /// The bucket; its key is the folder.
    root: Arc<Located>,
    /// The server of S3, if it is not Amazon's.
    endpoint: Option<String>,
    client: Arc<Client>,
}

impl ObjectStoreStore {
    /// A bucket of S3 with these credentials.
    ///
    /// # Errors
    /// A bucket or prefix that cannot be one.
    ///
    /// ```
    /// use atdata::remote::S3Options;
    /// use atdata::store::{DataStore, ObjectStoreStore};
    /// let options = S3Options::new("team").prefix("data").endpoint("http://localhost:9000");
    /// let store = ObjectStoreStore::s3(options.keys("key", "secret").resolve()?)?;
    /// assert_eq!(store.address(), "s3://team/data");
    /// assert!(store.holds("s3://team/data/a.tar") && !store.holds("s3://team/a.tar"));
    /// # Ok::<(), atdata::Error>(())
    /// ```
    pub fn s3(config: S3Config) -> Result<Self> {
        Self::s3_with(config, Patience::default())
    }

    /// The same with so much patience.
    ///
    /// # Errors
    /// As [`ObjectStoreStore::s3`].
    pub fn s3_with(config: S3Config, patience: Patience) -> Result<Self> {
        let url = format!("s3://{}/{}", config.bucket(), config.prefix());
        let endpoint = config.endpoint().map(str::to_owned);
        Self::at(&url, endpoint, Client::new(Some(config), patience))
    }

    /// The store at a URL, with the credentials of the environment.
    ///
    /// # Errors
    /// A URL that is none of an object store; credentials that make no sense.
    pub fn open(url: &str) -> Result<Self> {
        let at = Located::parse(url)?;
        if at.base.starts_with("s3") {
            return Self::s3(S3Options::new(at.bucket).prefix(at.key).resolve()?);
        }
        Self::at(url, None, Client::new(None, Patience::default()))
    }

    fn at(url: &str, endpoint: Option<String>, client: Arc<Client>) -> Result<Self> {
        let mut root = Located::parse(url)?;
        root.key = checked_prefix(root.key.trim_matches('/'))?.to_owned();
        Ok(Self { root: Arc::new(root), endpoint, client })
    }

    fn reach(&self, url: &str) -> Result<Object> {
        let handle = self.client.handle()?;
        let at = Located::parse(url)?;
        let bucket = self.client.bucket(&handle, &at)?;
        let blame = Blame { object: shown(url), server: at.base.clone() };
        Ok(Object { handle, bucket, key: at.path()?, blame, patience: self.client.patience })
    }

    /// An object that must lie within this store.
    fn own(&self, url: &str) -> Result<Object> {
        if !self.holds(url) {
            let (url, address) = (shown(url), self.address());
            return Err(Error::Invalid(format!("{url} is not in the store {address}")));
        }
        self.reach(url)
    }

    /// A page of what is in the store, after a name.
    fn page(&self, root: &Object, after: Option<&Key>) -> Result<Vec<ObjectMeta>> {
        let prefix = (!self.root.key.is_empty()).then_some(&root.key);
        root.run(root.patience.answer, async || {
            let listed = match after {
                Some(after) => root.bucket.list_with_offset(prefix, after),
                None => root.bucket.list(prefix),
            };
            listed.take(PAGE).try_collect().await
        })
    }
}

impl DataStore for ObjectStoreStore {
    fn address(&self) -> String {
        let Located { base, key, .. } = &*self.root;
        if key.is_empty() { base.clone() } else { format!("{base}/{key}") }
    }

    fn check(&self) -> Result<()> {
        let root = self.reach(&self.address())?;
        let prefix = (!self.root.key.is_empty()).then_some(&root.key);
        root.run(root.patience.answer, async || {
            root.bucket.list(prefix).take(1).try_collect::<Vec<_>>().await.map(drop)
        })
    }

    fn create(&self, prefix: &str) -> Result<Box<dyn ShardSink>> {
        let prefix = checked_prefix(prefix)?.to_owned();
        Ok(Box::new(ObjectSink::new(self.clone(), prefix)?))
    }

    fn put_beside(&self, url: &str, bytes: &[u8]) -> Result<()> {
        let object = self.own(url)?;
        let payload = PutPayload::from(bytes.to_vec());
        object.run(object.patience.upload, async || {
            object.bucket.put(&object.key, payload.clone()).await.map(drop)
        })
    }

    fn source(&self, urls: Vec<String>) -> Arc<dyn DataSource> {
        Arc::new(ObjectSource::of(urls, Arc::clone(&self.client)))
    }

    fn holds(&self, url: &str) -> bool {
        let inside = url.strip_prefix(&self.address()).and_then(|rest| rest.strip_prefix('/'));
        inside.is_some_and(|rest| {
            !rest.split('/').any(|part| matches!(part, "" | "." | "..")) && !rest.contains('{')
        })
    }

    fn list(&self, tell: &mut dyn FnMut(Found) -> Result<()>) -> Result<()> {
        let root = self.reach(&self.address())?;
        let mut after = None;
        loop {
            let page = self.page(&root, after.as_ref())?;
            for meta in &page {
                if meta.location.filename().is_some_and(is_ours) {
                    let url = format!("{}/{}", self.root.base, meta.location);
                    tell(Found { url, bytes: meta.size, modified: meta.last_modified.into() })?;
                }
            }
            match page.into_iter().map(|meta| meta.location).max() {
                Some(last) if after.as_ref() < Some(&last) => after = Some(last),
                _ => return Ok(()),
            }
        }
    }

    fn list_unfinished(&self, tell: &mut dyn FnMut(Found) -> Result<()>) -> Result<()> {
        match self.root.kind {
            Kind::S3 => unfinished::list(self, tell),
            Kind::Google => {
                let message = "unfinished uploads are not listed there; let a lifecycle rule of \
                               the bucket abort them";
                Err(Error::Unsupported(format!("{}: {message}", self.root.base)))
            }
            // They expire by themselves.
            Kind::Azure => Ok(()),
        }
    }

    fn remove(&self, url: &str) -> Result<()> {
        let (url, upload) = upload_of(url).map_or((url, None), |(url, id)| (url, Some(id)));
        let object = self.own(url)?;
        let removed = object.run(object.patience.answer, async || match &upload {
            Some(id) => object.bucket.abort_multipart(&object.key, id).await,
            None => object.bucket.delete(&object.key).await,
        });
        match removed {
            Err(Error::NotFound(_)) => Ok(()),
            removed => removed,
        }
    }

    fn read_url(&self, url: &str, signed_for: Option<Duration>) -> Result<String> {
        let object = self.own(url)?;
        let Some(time) = signed_for else {
            let at = Located::parse(url)?;
            let plain = self
                .endpoint
                .as_ref()
                .map(|endpoint| format!("{endpoint}/{}/{}", at.bucket, percent_encoded(&at.key)));
            return Ok(plain.unwrap_or_else(|| url.to_owned()));
        };
        object.run(object.patience.answer, async || {
            let signed = object.bucket.signed_url(Method::GET, &object.key, time).await;
            signed.map(|signed| signed.to_string())
        })
    }

    fn max_shard_bytes(&self) -> Option<u64> {
        None
    }
}

/// A key as the path of a URL.
fn percent_encoded(key: &str) -> String {
    key.bytes().fold(String::new(), |mut path, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                path.push(char::from(byte));
            }
            _ => path.push_str(&format!("%{byte:02X}")),
        }
        path
    })
}
