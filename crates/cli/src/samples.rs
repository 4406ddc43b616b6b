//! Samples of any type, one after the other, until the first that cannot be read.

use atdata::format::tar::RawSample;
use atdata::source::{DataSource, shown};
use atdata::{Cursor, Dataset, DictSample, Expr, Result, Sample};
use std::sync::Arc;

/// Reads the samples of some shards in order.
pub(crate) struct Samples {
    cursor: Cursor,
    raw: RawSample,
}

/// A sample and where it is from.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) key: String,
    pub(crate) shard: String,
    pub(crate) sample: DictSample,
}

impl Samples {
    /// A reader at the first sample, of those of which a condition holds, where one is given.
    pub(crate) fn open(source: &Arc<dyn DataSource>, condition: Option<&Expr>) -> Result<Self> {
        let mut dataset: Dataset = Dataset::from_source(Arc::clone(source));
        if let Some(condition) = condition {
            dataset = dataset.matching(condition)?;
        }
        Ok(Self { cursor: dataset.ordered().cursor()?, raw: RawSample::default() })
    }

    /// The next sample; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Found>> {
        if !self.cursor.read(&mut self.raw)? {
            return Ok(None);
        }
        let (raw, shard) = (&self.raw, self.cursor.shard());
        let sample = DictSample::from_bytes(&raw.payload).map_err(|error| {
            error.shifted(raw.extent.offset).in_key(raw.key.as_str()).in_shard(shard)
        })?;
        Ok(Some(Found { key: raw.key.clone(), shard: shown(shard), sample }))
    }
}
