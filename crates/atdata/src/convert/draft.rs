//! Shards that are written while the types of their samples are still looked for.

use super::input::Row;
use super::options::ConvertOptions;
use crate::error::Result;
use crate::write::ShardSet;
use atdata_format::key::{check_key, rename_dots};
use std::path::{Path, PathBuf};

/// What is written: where each split goes, and how.
#[derive(Clone, Copy)]
pub(super) struct Targets<'a> {
    pub(super) paths: &'a [PathBuf],
    pub(super) options: &'a ConvertOptions,
}

impl Targets<'_> {
    /// Starts the shards of a split.
    pub(super) fn shards(&self, path: &Path) -> Result<ShardSet> {
        ShardSet::create(path, self.options.max_count, self.options.max_size)
    }

    /// Adds a record, whose payload this is.
    pub(super) fn append(&self, set: &mut ShardSet, row: &mut Row, payload: &[u8]) -> Result<()> {
        let key = row.key.take().map(|key| self.checked(key, row)).transpose()?;
        set.append(key.as_deref(), payload)
    }

    fn checked(&self, key: String, row: &Row) -> Result<String> {
        let key = if self.options.rename_dots { rename_dots(&key) } else { key };
        check_key(&key).map_err(|error| row.at.wrong(None, error.message()))?;
        Ok(key)
    }
}

/// The shards as they are while it looks as if no record had to be changed to fit the schema; with
/// the first that has to, they are dropped, and everything is written when the schema is known.
pub(super) struct Draft<'a> {
    targets: Targets<'a>,
    /// The splits so far, the last being written to; none where they were dropped.
    sets: Option<Vec<ShardSet>>,
}

impl<'a> Draft<'a> {
    /// A draft of inputs, or none where their records are something else when they are looked at.
    pub(super) fn new(targets: Targets<'a>, possible: bool) -> Self {
        Self { targets, sets: possible.then(Vec::new) }
    }

    /// Whether the shards are being written.
    pub(super) const fn stands(&self) -> bool {
        self.sets.is_some()
    }

    /// Begins with the next split.
    pub(super) fn begin(&mut self) -> Result<()> {
        let Some(sets) = &mut self.sets else { return Ok(()) };
        if let Some(path) = self.targets.paths.get(sets.len()) {
            sets.push(self.targets.shards(path)?);
        }
        Ok(())
    }

    /// Adds a record to the split, whose payload this is.
    pub(super) fn append(&mut self, row: &mut Row, payload: &[u8]) -> Result<()> {
        match self.sets.as_mut().and_then(|sets| sets.last_mut()) {
            Some(set) => self.targets.append(set, row, payload),
            None => Ok(()),
        }
    }

    /// Drops what is written.
    pub(super) fn drop_all(&mut self) {
        self.sets = None;
    }

    /// How many samples of the split are written.
    pub(super) fn samples(&self) -> u64 {
        let set = self.sets.as_ref().and_then(|sets| sets.last());
        set.map_or(0, |set| set.progress().samples)
    }

    /// The shards, where they stand.
    pub(super) fn into_sets(self) -> Option<Vec<ShardSet>> {
        self.sets
    }
}
