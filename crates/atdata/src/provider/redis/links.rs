//! Connections that wait for their next use.

use super::failure::Failure;
use super::link::Link;
use super::options::RedisOptions;
use crate::error::{Error, Result};
use crate::provider::pool::Pool;

/// More than this are closed after use.
const IDLE: usize = 4;

/// Connections of this process to one server.
pub(super) struct Links {
    options: RedisOptions,
    idle: Pool<Link>,
}

impl Links {
    pub(super) fn new(options: RedisOptions) -> Self {
        Self { options, idle: Pool::new(IDLE) }
    }

    pub(super) fn options(&self) -> &RedisOptions {
        &self.options
    }

    /// Does something over a connection; once more over a fresh one where that was closed, for
    /// servers are restarted. So what is done must be something that can be done twice.
    ///
    /// # Errors
    /// What the server meets; what `work` returns.
    pub(super) fn with<T>(
        &self,
        mut work: impl FnMut(&mut Link) -> std::result::Result<T, Failure>,
    ) -> Result<T> {
        let first = match self.idle.take() {
            Some(link) => self.try_with(link, &mut work),
            None => self.fresh(&mut work),
        };
        let result = match first {
            Err(failure) if failure.is_of_connection() => {
                atdata_waiting::sleep(failure.pause()).map_err(Error::stopped)?;
                // Those that waited beside it are no better.
                self.idle.clear();
                self.fresh(&mut work)
            }
            first => first,
        };
        result.map_err(|failure| failure.told(&self.options))
    }

    fn fresh<T>(
        &self,
        work: &mut impl FnMut(&mut Link) -> std::result::Result<T, Failure>,
    ) -> std::result::Result<T, Failure> {
        self.try_with(Link::open(&self.options)?, work)
    }

    /// A connection over which anything failed is not used again: an answer may still be on its way.
    fn try_with<T>(
        &self,
        mut link: Link,
        work: &mut impl FnMut(&mut Link) -> std::result::Result<T, Failure>,
    ) -> std::result::Result<T, Failure> {
        let result = work(&mut link)?;
        self.idle.give(link);
        Ok(result)
    }
}
