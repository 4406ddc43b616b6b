//! A set of shards that becomes visible as a whole.

use super::staged::{Staged, writable};
use super::{Limits, Progress, numbered};
use crate::dataset::Dataset;
use crate::error::{Error, Result};
#[cfg(feature = "parquet")]
use crate::manifest::{ManifestBuilder, ManifestSpec};
use crate::shards::INDEX_SUFFIX;
use crate::source::LocalSource;
use atdata_format::manifest::beside;
use atdata_format::tar::{ShardSummary, ShardWriter};
use atdata_format::{Error as FormatError, Kind, Sample};
use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How much is handed to the operating system at once.
const BUFFER: usize = 1 << 20;

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

/// Shards that are being written under temporary names; dropped before
/// [`commit`](ShardSet::commit), they are removed.
#[derive(Debug)]
pub struct ShardSet {
    path: PathBuf,
    limits: Limits,
    writer: Option<ShardWriter<BufWriter<File>>>,
    shards: Vec<Staged>,
    /// Indexes and manifests.
    sidecars: Vec<Staged>,
    #[cfg(feature = "parquet")]
    manifest: Option<ManifestBuilder>,
    /// The keys of the shard that is being written, where they were given.
    keys: HashSet<Box<str>>,
    progress: Progress,
    told: u64,
}

impl ShardSet {
    /// Starts a set of shards at `path`; limits are samples and bytes a shard.
    ///
    /// # Errors
    /// A limit of nothing, a path that is a URL or a folder, a folder that cannot be made.
    pub fn create(path: &Path, max_count: Option<u64>, max_size: Option<u64>) -> Result<Self> {
        if max_count == Some(0) || max_size == Some(0) {
            let message = "a shard must be allowed a sample and a byte at least";
            return Err(Error::Invalid(message.to_owned()));
        }
        let path = writable(path, "data.tar")?;
        let limits = Limits { samples: max_count, bytes: max_size };
        Ok(Self {
            path,
            limits,
            writer: None,
            shards: Vec::new(),
            sidecars: Vec::new(),
            #[cfg(feature = "parquet")]
            manifest: None,
            keys: HashSet::new(),
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
            None => writer.append(&numbered(number), payload),
        };
        self.progress.bytes += writer.position() - before;
        self.writer = Some(writer);
        appended.map_err(|error| self.failed(error))?;
        #[cfg(feature = "parquet")]
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
        let cost = ShardWriter::<File>::cost(payload.len());
        let count = self.limits.samples.is_some_and(|max| writer.samples() as u64 >= max);
        count || self.limits.bytes.is_some_and(|max| writer.position() + cost + END > max)
    }

    /// How far the write has come.
    #[must_use]
    pub const fn progress(&self) -> Progress {
        self.progress
    }

    /// Whether a thousand samples have passed since this was last true.
    pub fn is_time_to_tell(&mut self) -> bool {
        let due = self.progress.samples / 1000;
        let first_time = due > self.told;
        self.told = due;
        first_time
    }

    const fn has_manifest(&self) -> bool {
        #[cfg(feature = "parquet")]
        return self.manifest.is_some();
        #[cfg(not(feature = "parquet"))]
        return false;
    }

    /// Makes all shards visible, with their indexes.
    ///
    /// # Errors
    /// A disk that is full, a name that is taken by a folder.
    pub fn commit(mut self) -> Result<Written> {
        if self.writer.is_none() && self.shards.is_empty() {
            self.writer = Some(self.next_shard()?);
        }
        self.finish_shard()?;
        let paths: Vec<_> = self.shards.iter().map(|file| file.path.clone()).collect();
        // What lies beside a shard fits no other, so whoever reads in between is not misled.
        for mut file in self.shards.drain(..).chain(self.sidecars.drain(..)) {
            fs::rename(&file.temporary, &file.path)
                .map_err(|error| Error::io("write", &file.path, error))?;
            file.published = true;
        }
        remove_stale_manifests(&paths, self.has_manifest());
        Ok(Written { paths, progress: self.progress })
    }

    fn shard_path(&self) -> PathBuf {
        if self.limits.samples.is_none() && self.limits.bytes.is_none() {
            return self.path.clone();
        }
        let number = self.shards.len();
        let mut name = OsString::from(self.path.file_stem().unwrap_or_default());
        name.push(format!("-{number:06}"));
        if let Some(extension) = self.path.extension() {
            name.push(".");
            name.push(extension);
        }
        self.path.with_file_name(name)
    }

    fn next_shard(&mut self) -> Result<ShardWriter<BufWriter<File>>> {
        let staged = Staged::beside(self.shard_path());
        let file = File::create_new(&staged.temporary)
            .map_err(|error| Error::io("write", &staged.path, error))?;
        self.shards.push(staged);
        Ok(ShardWriter::new(BufWriter::with_capacity(BUFFER, file)))
    }

    fn finish_shard(&mut self) -> Result<()> {
        let Some(writer) = self.writer.take() else { return Ok(()) };
        self.keys.clear();
        let (out, summary) = writer.finish().map_err(|error| self.failed(error))?;
        self.progress.bytes += END;
        let path = self.shards.last().map(|file| file.path.clone()).unwrap_or_default();
        let synced = out.into_inner().map_err(std::io::IntoInnerError::into_error);
        synced
            .and_then(|file| file.sync_all())
            .map_err(|error| Error::io("write", &path, error))?;
        self.stage_index(&path, &summary)?;
        #[cfg(feature = "parquet")]
        if let Some(manifest) = &mut self.manifest {
            self.sidecars.extend(manifest.finish(&path, &summary)?);
        }
        Ok(())
    }

    /// Writes the shard's index. It is published after the shard, and fits no other.
    fn stage_index(&mut self, shard: &Path, summary: &ShardSummary) -> Result<()> {
        let mut name = shard.as_os_str().to_owned();
        name.push(INDEX_SUFFIX);
        let staged = Staged::beside(PathBuf::from(name));
        File::create_new(&staged.temporary)
            .and_then(|mut file| file.write_all(&summary.index.encode()))
            .map_err(|error| Error::io("write", &staged.path, error))?;
        self.sidecars.push(staged);
        Ok(())
    }

    fn failed(&self, error: FormatError) -> Error {
        let shard = self.shards.last().map(|file| file.path.display().to_string());
        error.in_shard(shard.unwrap_or_default()).into()
    }
}

/// The two blocks of zeros at the end.
const END: u64 = 1024;

/// Removes what an earlier write left beside shards that have new samples now.
fn remove_stale_manifests(shards: &[PathBuf], rewritten: bool) {
    for shard in shards.iter().filter(|_| !rewritten) {
        for extension in ["json", "parquet"] {
            // Most often there is none.
            let _ = fs::remove_file(beside(&shard.to_string_lossy(), extension));
        }
    }
}

fn same_key(key: &str) -> FormatError {
    let message = "two samples of a shard have the same key; give each its own";
    FormatError::new(Kind::MemberTwice, message).in_key(key)
}
