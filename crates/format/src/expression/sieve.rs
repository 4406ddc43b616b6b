//! A condition that is asked of one sample after the other, each where it lies.

use super::Filter;
use crate::error::Result;
use crate::tar::{Input, Window};
use std::sync::Arc;

/// Up to this a payload is read whole, which costs less than to jump about in it.
const SMALL: u64 = 8 * 1024;

/// A condition, and what is used again from sample to sample.
#[derive(Debug)]
pub struct Sieve {
    filter: Arc<Filter>,
    gathered: Vec<u8>,
    /// Whether the last sample was kept: then the next is read as if it will be too.
    kept: bool,
    /// Whether there was a sample already.
    begun: bool,
}

impl Sieve {
    /// A sieve that has seen no sample.
    #[must_use]
    pub const fn new(filter: Arc<Filter>) -> Self {
        Self { filter, gathered: Vec::new(), kept: false, begun: false }
    }

    /// The condition.
    #[must_use]
    pub fn filter(&self) -> &Arc<Filter> {
        &self.filter
    }

    /// Whether the condition keeps a payload.
    ///
    /// # Errors
    /// As [`Filter::keeps`]. The first sample must have all fields of the condition, also where
    /// samples may have any.
    #[inline]
    pub fn keeps(&mut self, payload: &[u8]) -> Result<bool> {
        if !self.begun {
            self.filter.meets(payload)?;
            self.begun = true;
        }
        self.kept = self.filter.keeps(payload)?;
        Ok(self.kept)
    }

    /// Whether so large a payload is best looked at where it lies.
    #[must_use]
    pub fn looks_into(&self, len: u64) -> bool {
        len > SMALL && !(self.kept && len <= WORTH_ALL)
    }

    /// Whether the condition keeps a payload of `len` bytes, whose first is the window's next.
    /// Where the window moves, it was gone through only as far as was needed.
    ///
    /// # Errors
    /// As [`Sieve::keeps`] and [`Filter::gather`].
    #[inline]
    pub fn keeps_in<R: Input>(&mut self, window: &mut Window<R>, len: u64) -> Result<bool> {
        if !self.looks_into(len) {
            let payload = window.peek(len as usize)?;
            if payload.len() as u64 == len {
                return self.keeps(payload);
            }
        }
        window.jump_from(SMALL as usize);
        let mut gathered = std::mem::take(&mut self.gathered);
        let kept = self.filter.gather(window, len, &mut gathered);
        let kept = kept.and_then(|()| self.keeps(&gathered));
        self.gathered = gathered;
        kept
    }
}

/// Payloads up to this are read whole while most samples are kept.
const WORTH_ALL: u64 = 64 * 1024;
