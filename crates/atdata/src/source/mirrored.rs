//! Shards that several servers have, each checked before it is used.

use super::whole::Wholes;
use super::{DataSource, ShardInput, ShardStat, scheme, shown};
use crate::error::{Error, Result};
use crate::index::hex;
use crate::open::{SourceOptions, open_source};
use crate::store::spool;
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::sync::Arc;

/// A source whose shards come from mirrors, and from where they were published only if no mirror has
/// them. A shard is fetched whole and hashed before anything of it is used, so that it does not
/// matter whose servers the mirrors are.
#[derive(Debug)]
pub struct Mirrored {
    inner: Arc<dyn DataSource>,
    mirrors: Vec<String>,
    /// SHA-256 in hex, by shard.
    expected: HashMap<String, String>,
    options: SourceOptions,
    wholes: Wholes,
}

impl Mirrored {
    /// A source with mirrors: folders or URLs of folders in which shards have the names that they
    /// have where they were published.
    #[must_use]
    pub fn new(
        inner: Arc<dyn DataSource>,
        mirrors: Vec<String>,
        expected: HashMap<String, String>,
    ) -> Self {
        let (options, wholes) = (SourceOptions::default(), Wholes::default());
        Self { inner, mirrors, expected, options, wholes }
    }

    /// A shard from one place, if its bytes are right.
    fn fetch(&self, source: &dyn DataSource, address: &str, shard: &str) -> Result<File> {
        let expected = self.expected.get(shard).ok_or_else(|| {
            let message = "there is no checksum, and without one a mirror cannot be trusted";
            Error::Invalid(format!("{}: {message}", shown(shard)))
        })?;
        let failed = |error| Error::io("fetch", shown(address).as_ref(), error);
        let mut whole = spool()?;
        io::copy(&mut source.open(address)?, &mut whole).map_err(failed)?;
        let (file, _, sha256) = whole.finish();
        let found = hex(&sha256);
        if found != *expected {
            let (shard, expected) = (shown(address), expected.clone());
            return Err(Error::Checksum { shard, expected, found });
        }
        Ok(file)
    }

    fn mirrored(&self, mirror: &str, shard: &str) -> Result<File> {
        let address = format!("{}/{}", mirror.trim_end_matches('/'), file_name(shard));
        let source = open_source(vec![address.clone()], &self.options)?;
        self.fetch(&*source, &address, shard)
    }
}

/// The name of a shard's file: what follows the last slash, without a query.
fn file_name(shard: &str) -> &str {
    let path = match scheme(shard) {
        Some("http" | "https") => shard.split(['?', '#']).next().unwrap_or(shard),
        _ => shard,
    };
    path.rsplit('/').next().unwrap_or(path)
}

impl DataSource for Mirrored {
    fn shards(&self) -> Result<Vec<String>> {
        self.inner.shards()
    }

    fn stat(&self, shard: &str) -> Result<ShardStat> {
        // Its content is known by its hash, wherever it comes from.
        let version = self.expected.get(shard).cloned();
        Ok(ShardStat { size: None, version })
    }

    fn open(&self, shard: &str) -> Result<Box<dyn ShardInput>> {
        self.wholes.open(shard, || {
            for mirror in &self.mirrors {
                match self.mirrored(mirror, shard) {
                    Ok(file) => return Ok(file),
                    Err(error) => tracing::warn!("a mirror is passed over: {error}"),
                }
            }
            self.fetch(&*self.inner, shard, shard)
        })
    }

    fn sidecar(&self, _: &str) -> Result<Option<Vec<u8>>> {
        // What lies beside a shard has no checksum, and is made quickly from one that is here.
        Ok(None)
    }

    fn opens_ahead(&self) -> usize {
        self.inner.opens_ahead()
    }
}
