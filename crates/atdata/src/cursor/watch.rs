//! What is told that reading goes on while a filter keeps nothing.

use crate::error::Result;
use std::fmt;
use std::sync::Arc;

/// After how many samples that are left out somebody is told.
const SAMPLES: u32 = 256;

/// A function that is called now and then, and may stop the reading.
#[derive(Clone, Default)]
pub(crate) struct Watch {
    tell: Option<Arc<dyn Fn() -> Result<()> + Send + Sync>>,
    passed: u32,
}

impl Watch {
    pub(crate) fn new(tell: impl Fn() -> Result<()> + Send + Sync + 'static) -> Self {
        Self { tell: Some(Arc::new(tell)), passed: 0 }
    }

    /// A sample was left out.
    #[inline]
    pub(super) fn passed(&mut self) -> Result<()> {
        self.passed = self.passed.wrapping_add(1);
        match &self.tell {
            Some(tell) if self.passed >= SAMPLES => {
                self.passed = 0;
                tell()
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").finish_non_exhaustive()
    }
}
