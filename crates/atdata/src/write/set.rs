//! A set of shards: payloads in, shards of bounded size out.

use super::destination::{Destination, InFolder};
use super::staged::writable;
use super::{Limits, Progress, number_into};
use crate::dataset::Dataset;
use crate::error::{Error, Result};
use crate::manifest::ManifestBuilder;
#[cfg(feature = "parquet")]
use crate::manifest::ManifestSpec;
use crate::source::LocalSource;
use atdata_format::tar::{ShardSummary, ShardWriter};
use atdata_format::{Error as FormatError, Kind, Sample};
use std::collections::HashSet;
use std::fmt;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How much is handed to the operating system at once.
const BUFFER: usize = 1 << 20;

/// The two blocks of zeros at the end.
const END: u64 = 1024;

/// What a committed [`ShardSet`] has written.
#[derive(Debug, Clone)]
pub struct Written {
    /// The shards, in order.
    pub paths: Vec<PathBuf>,
    /// How many samples and bytes they hold.
    pub progress: Progress,
}

impl Written {
    /// The written samples as a data set.
    #[must_use]
    pub fn dataset<T: Sample>(&self) -> Dataset<T> {
        let paths = self.paths.iter().map(|path| path.to_string_lossy());
        Dataset::from_source(Arc::new(LocalSource::new(paths)))
    }
}

/// A shard that is whole.
pub(crate) struct Finished<'a> {
    pub(crate) number: usize,
    pub(crate) summary: &'a ShardSummary,
    pub(crate) manifest: Option<&'a mut ManifestBuilder>,
}

/// Shards that are being written, into a folder or a store; dropped before it is committed, nothing
/// of it can be read.
#[allow(private_bounds, reason = "the two destinations are ours")]
pub struct ShardSet<D: Destination = InFolder> {
    pub(super) place: D,
    limits: Limits,
    writer: Option<ShardWriter<BufWriter<D::Sink>>>,
    /// The number of the next shard.
    next: usize,
    manifest: Option<ManifestBuilder>,
    /// The keys of the shard that is being written, where they were given.
    keys: HashSet<Box<str>>,
    /// The last key that was not given.
    key: String,
    pub(super) progress: Progress,
    told: u64,
}

impl ShardSet {
    /// Starts a set of shards at `path`; limits are samples and bytes a shard.
    ///
    /// # Errors
    /// A limit of nothing, a path that is a URL or a folder, a folder that cannot be made.
    pub fn create(path: &Path, max_count: Option<u64>, max_size: Option<u64>) -> Result<Self> {
        let limits = Limits { samples: max_count, bytes: max_size };
        limits.check()?;
        let numbered = max_count.is_some() || max_size.is_some();
        Self::new(InFolder::new(writable(path, "data.tar")?, numbered), limits)
    }

    /// Makes all shards visible, with their indexes.
    ///
    /// # Errors
    /// A disk that is full, a name that is taken by a folder.
    pub fn commit(mut self) -> Result<Written> {
        self.finish_all()?;
        Ok(Written { paths: self.place.publish()?, progress: self.progress })
    }
}

#[allow(private_bounds, reason = "the two destinations are ours")]
impl<D: Destination> ShardSet<D> {
    pub(super) fn new(place: D, limits: Limits) -> Result<Self> {
        limits.check()?;
        Ok(Self {
            place,
            limits,
            writer: None,
            next: 0,
            manifest: None,
            keys: HashSet::new(),
            key: String::new(),
            progress: Progress { samples: 0, bytes: 0 },
            told: 0,
        })
    }

    /// Writes a manifest beside every shard.
    #[cfg(feature = "parquet")]
    #[must_use]
    pub fn with_manifest(mut self, spec: ManifestSpec) -> Self {
        self.manifest = Some(ManifestBuilder::new(spec));
        self
    }

    /// Adds a sample's payload; without a key its number is the key.
    ///
    /// # Errors
    /// A key that cannot be one, a disk that is full.
    pub fn append(&mut self, key: Option<&str>, payload: &[u8]) -> Result<()> {
        if self.is_full(payload) {
            self.finish_shard()?;
        }
        if key.is_some_and(|key| !self.keys.insert(key.into())) {
            return Err(self.failed(same_key(key.unwrap_or_default())));
        }
        let number = self.progress.samples;
        let mut writer = match self.writer.take() {
            Some(writer) => writer,
            None => self.next_shard()?,
        };
        let before = writer.position();
        let appended = match key {
            Some(key) => writer.append(key, payload),
            None => {
                number_into(number, &mut self.key);
                writer.append(&self.key, payload)
            }
        };
        self.progress.bytes += writer.position() - before;
        self.writer = Some(writer);
        appended.map_err(|error| self.failed(error))?;
        if let Some(manifest) = &mut self.manifest {
            let pushed = manifest.push(payload);
            pushed.map_err(|error| self.failed(error))?;
        }
        self.progress.samples += 1;
        Ok(())
    }

    fn is_full(&self, payload: &[u8]) -> bool {
        let Some(writer) = self.writer.as_ref().filter(|writer| writer.samples() > 0) else {
            return false;
        };
        let cost = ShardWriter::<D::Sink>::cost(payload.len());
        let count = self.limits.samples.is_some_and(|max| writer.samples() as u64 >= max);
        count || self.limits.bytes.is_some_and(|max| writer.position() + cost + END > max)
    }

    /// How far the write has come.
    #[must_use]
    pub const fn progress(&self) -> Progress {
        self.progress
    }

    /// Whether a thousand samples have passed since this was last true.
    pub const fn is_time_to_tell(&mut self) -> bool {
        let due = self.progress.samples / 1000;
        let first_time = due > self.told;
        self.told = due;
        first_time
    }

    fn next_shard(&mut self) -> Result<ShardWriter<BufWriter<D::Sink>>> {
        let sink = self.place.begin(self.next)?;
        self.next += 1;
        Ok(ShardWriter::new(BufWriter::with_capacity(BUFFER, sink)))
    }

    /// Ends the last shard; where there is none yet, an empty one.
    pub(super) fn finish_all(&mut self) -> Result<()> {
        if self.writer.is_none() && self.next == 0 {
            self.writer = Some(self.next_shard()?);
        }
        self.finish_shard()
    }

    fn finish_shard(&mut self) -> Result<()> {
        let Some(writer) = self.writer.take() else { return Ok(()) };
        self.keys.clear();
        let (out, summary) = writer.finish().map_err(|error| self.failed(error))?;
        self.progress.bytes += END;
        let sink = out.into_inner().map_err(|error| self.failed(error.into_error().into()))?;
        let (number, manifest) = (self.next - 1, self.manifest.as_mut());
        self.place.end(sink, Finished { number, summary: &summary, manifest })
    }

    fn failed(&self, error: FormatError) -> Error {
        error.in_shard(self.place.name(self.next.saturating_sub(1))).into()
    }
}

#[allow(private_bounds, reason = "the two destinations are ours")]
impl<D: Destination> fmt::Debug for ShardSet<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShardSet").field("progress", &self.progress).finish_non_exhaustive()
    }
}

fn same_key(key: &str) -> FormatError {
    let message = "two samples of a shard have the same key; give each its own";
    FormatError::new(Kind::MemberTwice, message).in_key(key)
}
