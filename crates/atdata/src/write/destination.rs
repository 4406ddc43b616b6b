//! Where a set's shards go.

use super::Finished;
use super::staged::Staged;
use crate::error::{Error, Result};
use crate::shards::index_of;
use atdata_format::manifest::beside;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// Takes shards, one after the other.
pub(crate) trait Destination {
    /// A shard on its way.
    type Sink: Write;

    /// A place for shard number `number`.
    fn begin(&mut self, number: usize) -> Result<Self::Sink>;

    /// Takes a shard that is whole.
    fn end(&mut self, sink: Self::Sink, shard: Finished<'_>) -> Result<()>;

    /// What an error calls the shard that is being written.
    fn name(&self, number: usize) -> String;
}

/// Files in a folder, under temporary names until all are whole.
#[derive(Debug)]
pub struct InFolder {
    path: PathBuf,
    numbered: bool,
    shards: Vec<Staged>,
    /// Indexes and manifests.
    sidecars: Vec<Staged>,
    manifests: bool,
}

impl InFolder {
    pub(super) const fn new(path: PathBuf, numbered: bool) -> Self {
        Self { path, numbered, shards: Vec::new(), sidecars: Vec::new(), manifests: false }
    }

    fn shard_path(&self, number: usize) -> PathBuf {
        if !self.numbered {
            return self.path.clone();
        }
        let mut name = OsString::from(self.path.file_stem().unwrap_or_default());
        name.push(format!("-{number:06}"));
        if let Some(extension) = self.path.extension() {
            name.push(".");
            name.push(extension);
        }
        self.path.with_file_name(name)
    }

    /// Writes a file that is published after the shards. It fits no other shard, so whoever reads
    /// in between is not misled.
    fn stage(&mut self, path: String, bytes: &[u8]) -> Result<()> {
        let staged = Staged::beside(PathBuf::from(path));
        fs::write(&staged.temporary, bytes)
            .map_err(|error| Error::io("write", &staged.path, error))?;
        self.sidecars.push(staged);
        Ok(())
    }

    /// Gives all files their names.
    pub(super) fn publish(mut self) -> Result<Vec<PathBuf>> {
        let paths: Vec<_> = self.shards.iter().map(|file| file.path.clone()).collect();
        let publish = |mut file: Staged| file.publish();
        self.shards.drain(..).try_for_each(publish)?;
        if self.manifests {
            thread::sleep(TICK);
        }
        self.sidecars.drain(..).try_for_each(publish)?;
        remove_stale_manifests(&paths, self.manifests);
        Ok(paths)
    }
}

impl Destination for InFolder {
    type Sink = File;

    fn begin(&mut self, number: usize) -> Result<File> {
        let staged = Staged::beside(self.shard_path(number));
        let file = File::create_new(&staged.temporary)
            .map_err(|error| Error::io("write", &staged.path, error))?;
        self.shards.push(staged);
        Ok(file)
    }

    fn end(&mut self, sink: File, shard: Finished<'_>) -> Result<()> {
        let path = self.shard_path(shard.number);
        sink.sync_all().map_err(|error| Error::io("write", &path, error))?;
        let name = path.to_string_lossy().into_owned();
        self.stage(index_of(&name), &shard.summary.index.encode())?;
        if let Some(manifest) = shard.manifest {
            self.manifests = true;
            let files = manifest.finish(&name, shard.summary)?;
            self.stage(beside(&name, "json"), &files.json)?;
            self.stage(beside(&name, "parquet"), &files.parquet)?;
        }
        Ok(())
    }

    fn name(&self, number: usize) -> String {
        self.shard_path(number).display().to_string()
    }
}

/// Longer than it takes the clock of file times to tick: a manifest is believed only if it is seen
/// to have come after its shard.
const TICK: Duration = Duration::from_millis(15);

/// Removes what an earlier write left beside shards that have new samples now.
fn remove_stale_manifests(shards: &[PathBuf], rewritten: bool) {
    let stale = |shard: &Path, extension| beside(&shard.to_string_lossy(), extension);
    for shard in shards.iter().filter(|_| !rewritten) {
        for extension in ["json", "parquet"] {
            // Most often there is none.
            let _ = fs::remove_file(stale(shard, extension));
        }
    }
}
