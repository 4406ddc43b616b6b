//! Whether to go on, asked now and then where many samples pass and none is given out.

use crate::error::{Error, Result};

/// After how many samples that is asked.
const SAMPLES: u32 = 256;

/// Counts the samples that pass.
#[derive(Debug, Default)]
pub(crate) struct Watch(u32);

impl Watch {
    /// A sample has passed.
    #[inline]
    pub(crate) fn passed(&mut self) -> Result<()> {
        self.0 = self.0.wrapping_add(1);
        if self.0.is_multiple_of(SAMPLES) {
            atdata_waiting::check().map_err(Error::stopped)?;
        }
        Ok(())
    }
}
