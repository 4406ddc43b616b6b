//! Connections that wait for their next use.

use super::failure::Failure;
use super::link::Link;
use super::options::RedisOptions;
use crate::error::Result;
use crate::provider::guarded::Guarded;
use std::mem;
use std::process;

/// More than this are closed after use.
const IDLE: usize = 4;

/// Connections of this process to one server.
pub(super) struct Links {
    options: RedisOptions,
    idle: Guarded<Idle>,
}

#[derive(Default)]
struct Idle {
    made_in: u32,
    links: Vec<Link>,
}

impl Links {
    pub(super) fn new(options: RedisOptions) -> Self {
        Self { options, idle: Guarded::default() }
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
        let used = self.take()?.map(|link| self.try_with(link, &mut work));
        let result = match used {
            Some(Err(failure)) if failure.is_of_connection() => {
                // Those that waited beside it are no better.
                self.lock(|idle| idle.links.clear())?;
                self.fresh(&mut work)
            }
            Some(result) => result,
            None => match self.fresh(&mut work) {
                Err(failure) if failure.is_of_connection() => self.fresh(&mut work),
                result => result,
            },
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
        self.give_back(link)?;
        Ok(result)
    }

    fn take(&self) -> Result<Option<Link>> {
        self.lock(|idle| idle.links.pop())
    }

    fn give_back(&self, link: Link) -> Result<()> {
        // Closed, if at all, after the lock is free again.
        let surplus = self.lock(|idle| {
            if idle.links.len() < IDLE {
                idle.links.push(link);
                return None;
            }
            Some(link)
        })?;
        drop(surplus);
        Ok(())
    }

    fn lock<T>(&self, use_it: impl FnOnce(&mut Idle) -> T) -> Result<T> {
        let mut idle = self.idle.lock()?;
        if idle.made_in != process::id() {
            // After a fork these are the parent's; closing them here would end its TLS sessions.
            mem::forget(mem::take(&mut idle.links));
            idle.made_in = process::id();
        }
        Ok(use_it(&mut idle))
    }
}
