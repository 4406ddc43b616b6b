//! The index beside a shard: whether it is right, and how it is made again.
//!
//! ```
//! use atdata::reindex::{IndexState, check};
//! use atdata::{DictSample, Value, WriteOptions, write_samples};
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("data.tar");
//! write_samples([DictSample::from([("n", Value::Int(1))])], &path, WriteOptions::new())?;
//! std::fs::remove_file(folder.path().join("data.tar.idx")).unwrap();
//!
//! let checked = check(path.to_str().unwrap())?;
//! assert_eq!((checked.state, checked.index.len()), (IndexState::Missing, 1));
//! checked.write()?;
//! assert_eq!(check(path.to_str().unwrap())?.state, IndexState::Right);
//! # Ok::<(), atdata::Error>(())
//! ```

use crate::error::{Error, Result};
use crate::shards::{Shards, fitting, index_of, walk};
use crate::source::{DataSource, LocalSource};
use crate::write::staged::Staged;
use atdata_format::ShardIndex;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

/// What lies beside a shard as its index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexState {
    /// The index of the shard.
    Right,
    /// Nothing.
    Missing,
    /// Something that is no index, or that of another shard.
    Wrong,
}

/// A shard's index, made anew, and what was found in its place.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The shard.
    pub shard: String,
    /// What lies beside it.
    pub state: IndexState,
    /// What should.
    pub index: ShardIndex,
}

/// Walks over the headers of a shard on this machine, and compares the index beside it, entry by
/// entry.
///
/// # Errors
/// A shard that is not there or cannot be read whole: an index would hide what is wrong with it.
pub fn check(shard: &str) -> Result<Checked> {
    let source = LocalSource::new([shard]);
    let mut met = None;
    let index = walk(source.open(shard)?, shard, |error| {
        met.get_or_insert(error);
    })?;
    if let Some(error) = met {
        return Err(error.into());
    }
    let beside = source.sidecar(&index_of(shard))?;
    let state = match beside.map(|bytes| ShardIndex::decode(&bytes)) {
        None => IndexState::Missing,
        Some(Ok(found)) if found == index => IndexState::Right,
        Some(_) => IndexState::Wrong,
    };
    Ok(Checked { shard: shard.to_owned(), state, index })
}

impl Checked {
    /// Puts the index beside the shard, whole or not at all, in the place of what is there.
    ///
    /// # Errors
    /// A folder that cannot be written to, a full disk.
    pub fn write(&self) -> Result<()> {
        let shard = self.shard.strip_prefix("file://").unwrap_or(&self.shard);
        let mut staged = Staged::beside(Path::new(&index_of(shard)).to_owned());
        let written = File::create_new(&staged.temporary).and_then(|mut file| {
            file.write_all(&self.index.encode())?;
            file.sync_all()
        });
        written
            .and_then(|()| fs::rename(&staged.temporary, &staged.path))
            .map_err(|source| Error::Io { action: "write", path: staged.path.clone(), source })?;
        staged.published = true;
        Ok(())
    }
}

impl Shards {
    /// What lies beside a shard as its index, as far as that can be told without a walk over the
    /// headers: by its checksum, the shard's size and the last sample.
    ///
    /// # Errors
    /// What the source meets.
    pub fn index_state(&self, shard: usize) -> Result<IndexState> {
        let Some(name) = self.names()?.get(shard) else { return Ok(IndexState::Missing) };
        let Some(bytes) = self.source().sidecar(&index_of(name))? else {
            return Ok(IndexState::Missing);
        };
        let fits = fitting(&bytes, &mut *self.open(shard)?).is_some();
        Ok(if fits { IndexState::Right } else { IndexState::Wrong })
    }
}
