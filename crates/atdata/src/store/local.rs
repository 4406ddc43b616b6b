//! Shards in a folder of this machine.

use super::hashed::Hashed;
use super::names::{checked_prefix, is_ours, shard_name};
use super::{DataStore, Found, ShardSink, StoredShard};
use crate::error::{Error, Result};
use crate::source::{DataSource, LocalSource, shown};
use crate::write::staged::Staged;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// A folder, shards in a folder a data set.
#[derive(Debug, Clone)]
pub struct LocalDiskStore {
    root: PathBuf,
}

impl LocalDiskStore {
    /// A store in a folder, which is made when it is first written to.
    ///
    /// # Errors
    /// A relative path when the current folder is not known; a path that is no text, since entries
    /// could not name what is in it.
    ///
    /// ```
    /// use atdata::store::{DataStore, LocalDiskStore};
    /// # let folder = tempfile::tempdir().unwrap();
    /// let store = LocalDiskStore::new(folder.path())?;
    /// let mut shard = store.create("docs-v1")?;
    /// shard.write_all(b"some bytes").unwrap();
    /// let stored = shard.commit(0)?;
    /// assert!(stored.url.ends_with("--000000.tar") && stored.bytes == 10);
    /// # Ok::<(), atdata::Error>(())
    /// ```
    pub fn new(root: impl AsRef<Path>) -> Result<Self> {
        let root = root.as_ref();
        // What is stored is found from any folder.
        let root = std::path::absolute(root).map_err(|error| Error::io("read", root, error))?;
        let root: PathBuf = root.components().collect();
        if root.to_str().is_none() {
            let message = format!("{} cannot be a store: its path is not UTF-8", root.display());
            return Err(Error::Invalid(message));
        }
        Ok(Self { root })
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn within(&self, url: &str) -> Option<PathBuf> {
        let path = url.strip_prefix("file://").unwrap_or(url);
        let inside = path.strip_prefix(self.root.to_str()?.trim_end_matches('/'))?;
        // Spelt as the store does: what can be spelt in many ways cannot be compared.
        let is_odd = |part: &str| matches!(part, "" | "." | "..");
        let inside = inside.strip_prefix('/')?;
        (!inside.split('/').any(is_odd)).then(|| PathBuf::from(path))
    }

    fn path_of(&self, url: &str) -> Result<PathBuf> {
        let outside =
            || Error::Invalid(format!("{} is not in the store {}", shown(url), self.address()));
        self.within(url).ok_or_else(outside)
    }
}

impl DataStore for LocalDiskStore {
    fn address(&self) -> String {
        self.root.display().to_string()
    }

    fn check(&self) -> Result<()> {
        // A folder that is not there yet is made when it is written to.
        match fs::read_dir(&self.root) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::io("read", &self.root, error))
            }
            _ => Ok(()),
        }
    }

    fn create(&self, prefix: &str) -> Result<Box<dyn ShardSink>> {
        let folder = self.root.join(checked_prefix(prefix)?);
        fs::create_dir_all(&folder).map_err(|error| Error::io("make", &folder, error))?;
        let staged = Staged::beside(folder.join("data.tar"));
        let file = File::create_new(&staged.temporary)
            .map_err(|error| Error::io("write", &staged.temporary, error))?;
        Ok(Box::new(LocalSink { folder, staged, out: Hashed::new(file) }))
    }

    fn put_beside(&self, url: &str, bytes: &[u8]) -> Result<()> {
        let path = self.path_of(url)?;
        let mut staged = Staged::beside(path);
        fs::write(&staged.temporary, bytes)
            .map_err(|error| Error::io("write", &staged.path, error))?;
        staged.publish()
    }

    fn source(&self, urls: Vec<String>) -> Arc<dyn DataSource> {
        Arc::new(LocalSource::new(urls))
    }

    fn holds(&self, url: &str) -> bool {
        self.within(url).is_some()
    }

    fn list(&self, tell: &mut dyn FnMut(Found) -> Result<()>) -> Result<()> {
        list_folder(&self.root, tell)
    }

    fn list_unfinished(&self, _tell: &mut dyn FnMut(Found) -> Result<()>) -> Result<()> {
        // What is unfinished lies among the files, under temporary names.
        Ok(())
    }

    fn remove(&self, url: &str) -> Result<()> {
        let path = self.path_of(url)?;
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::io("remove", &path, error))
            }
            _ => Ok(()),
        }
    }

    fn read_url(&self, url: &str, signed_for: Option<Duration>) -> Result<String> {
        match signed_for {
            None => Ok(url.to_owned()),
            Some(_) => {
                let message =
                    format!("{url} is a file on this machine: no URL to it can be signed");
                Err(Error::Unsupported(message))
            }
        }
    }

    fn max_shard_bytes(&self) -> Option<u64> {
        None
    }
}

fn list_folder(folder: &Path, tell: &mut dyn FnMut(Found) -> Result<()>) -> Result<()> {
    let failed = |error| Error::io("read", folder, error);
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(failed)?,
    };
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let kind = entry.file_type().map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if kind.is_dir() {
            list_folder(&entry.path(), tell)?;
        } else if kind.is_file() && (is_ours(&name) || is_temporary(&name)) {
            tell_of(&entry.path(), tell)?;
        }
    }
    Ok(())
}

/// Tells of a file, unless somebody has just removed it.
fn tell_of(path: &Path, tell: &mut dyn FnMut(Found) -> Result<()>) -> Result<()> {
    let meta = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        meta => meta.map_err(|error| Error::io("read", path, error))?,
    };
    let modified = meta.modified().map_err(|error| Error::io("read", path, error))?;
    tell(Found { url: path.display().to_string(), bytes: meta.len(), modified })
}

/// Whether a file is one that a writer of ours has not given its name yet.
fn is_temporary(name: &str) -> bool {
    Staged::name_in(name).is_some_and(|name| name == "data.tar" || is_ours(name))
}

/// A shard under a temporary name.
struct LocalSink {
    folder: PathBuf,
    staged: Staged,
    out: Hashed<File>,
}

impl Write for LocalSink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl ShardSink for LocalSink {
    fn commit(self: Box<Self>, number: usize) -> Result<StoredShard> {
        let Self { folder, mut staged, out } = *self;
        let (file, bytes, sha256) = out.finish();
        staged.path = folder.join(shard_name(&sha256, number));
        file.sync_all().map_err(|error| Error::io("write", &staged.path, error))?;
        // Over one of that name too: the same bytes, made whole and young again.
        staged.publish()?;
        sync_folder(&folder)?;
        Ok(StoredShard { url: staged.path.display().to_string(), bytes, sha256 })
    }
}

/// Makes new names last.
fn sync_folder(folder: &Path) -> Result<()> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|error| Error::io("write", folder, error))
}
