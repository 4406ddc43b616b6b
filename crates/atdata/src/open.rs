//! The one place that names concrete backends.

use crate::error::Result;
use crate::source::{DataSource, LocalSource};
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
