//! A folder of bounded size for copies of shards. Removing it loses nothing.

use super::ShardInput;
use crate::error::{Error, Result};
use crate::store::Hashed;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// What says that a folder is a cache of ours, so that files in it may be removed.
const MARK: &str = "atdata-cache.txt";

const MARK_TEXT: &str = "This folder is a cache of atdata. It may be removed at any time.\n";

/// How old a download that nobody finished is when it is removed.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

/// A folder of copies: it never grows over its size for long, and what was not used for longest
/// goes first.
#[derive(Debug, Clone)]
pub struct CacheFolder {
    path: PathBuf,
    max_bytes: u64,
}

impl CacheFolder {
    /// Uses a folder for at most so many bytes; it is made if it is not there.
    ///
    /// # Errors
    /// A folder that holds other things already.
    pub fn new(path: impl Into<PathBuf>, max_bytes: u64) -> Result<Self> {
        let path = path.into();
        let failed = |error| Error::io("use as a cache", &path, error);
        fs::create_dir_all(&path).map_err(failed)?;
        let mark = path.join(MARK);
        if !mark.exists() {
            if fs::read_dir(&path).map_err(failed)?.next().is_some() {
                let message = format!(
                    "{} holds other files, so it cannot be a cache; name a new or empty folder",
                    path.display()
                );
                return Err(Error::Invalid(message));
            }
            fs::write(&mark, MARK_TEXT).map_err(failed)?;
        }
        Ok(Self { path, max_bytes })
    }

    /// The copy of a shard, fetched if it is not there; `None` for one that is larger than the
    /// whole cache. Of several processes that want it at once, one fetches it.
    pub(super) fn get(
        &self,
        name: &str,
        shard: &str,
        expected: Option<&str>,
        open: impl Fn() -> Result<Box<dyn ShardInput>>,
    ) -> Result<Option<PathBuf>> {
        let path = self.path.join(name);
        if self.is_there(&path) {
            return Ok(Some(path));
        }
        let lock = self.path.join(format!("{name}.lock"));
        let failed = |error| Error::io("write", &lock, error);
        let held = File::create(&lock).map_err(failed)?;
        held.lock().map_err(failed)?;
        if self.is_there(&path) {
            return Ok(Some(path));
        }
        let input = open()?;
        if input.size().is_some_and(|size| size > self.max_bytes) {
            return Ok(None);
        }
        self.make_room(input.size().unwrap_or(0));
        self.fetch(input, &path, shard, expected)?;
        let _ = fs::remove_file(&lock);
        Ok(Some(path))
    }

    /// Whether there is a copy; it is then the one that was used last.
    fn is_there(&self, path: &Path) -> bool {
        let Ok(file) = File::options().append(true).open(path) else { return false };
        // Without this it only goes earlier than it should.
        let _ = file.set_modified(SystemTime::now());
        true
    }

    fn fetch(
        &self,
        mut input: Box<dyn ShardInput>,
        path: &Path,
        shard: &str,
        expected: Option<&str>,
    ) -> Result<()> {
        let part = tempfile::Builder::new().prefix("part-").tempfile_in(&self.path);
        let part = part.map_err(|error| Error::io("write", path, error))?;
        let mut out = Hashed::new(part);
        let bytes = io::copy(&mut input, &mut out)
            .map_err(|error| Error::io("read", shard.as_ref(), error))?;
        let (part, _, sha256) = out.finish();
        if let Some(size) = input.size().filter(|&size| size != bytes) {
            let message = format!("{bytes} bytes of {size} came");
            let error = io::Error::new(io::ErrorKind::UnexpectedEof, message);
            return Err(Error::io("read", shard.as_ref(), error));
        }
        let found = crate::index::hex(&sha256);
        if let Some(expected) = expected.filter(|&expected| expected != found) {
            let (shard, expected) = (shard.to_owned(), expected.to_owned());
            return Err(Error::Checksum { shard, expected, found });
        }
        part.persist(path).map_err(|error| Error::io("write", path, error.error))?;
        Ok(())
    }

    /// Removes what was not used for longest until there is room for so many bytes more. Whoever
    /// reads a removed file reads on.
    fn make_room(&self, wanted: u64) {
        let mut files = self.files();
        files.sort();
        let mut bytes: u64 = files.iter().map(|(_, size, _)| size).sum();
        for (_, size, path) in files {
            if bytes.saturating_add(wanted) <= self.max_bytes {
                break;
            }
            if fs::remove_file(path).is_ok() {
                bytes -= size;
            }
        }
    }

    /// The copies, each with when it was used; downloads that nobody finished are removed.
    fn files(&self) -> Vec<(SystemTime, u64, PathBuf)> {
        let Ok(entries) = fs::read_dir(&self.path) else { return Vec::new() };
        let mut files = Vec::new();
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Ok(meta) = entry.metadata() else { continue };
            let Ok(used) = meta.modified() else { continue };
            if is_copy(&name) {
                files.push((used, meta.len(), entry.path()));
            } else if (name.starts_with("part-") || name.ends_with(".lock"))
                && used.elapsed().is_ok_and(|age| age > ABANDONED)
            {
                let _ = fs::remove_file(entry.path());
            }
        }
        files
    }
}

/// Whether a file is a copy of ours: 64 hex digits and `.tar`.
fn is_copy(name: &str) -> bool {
    name.strip_suffix(".tar")
        .is_some_and(|hash| hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
