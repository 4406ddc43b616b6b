//! A folder of bounded size for copies of shards. Removing it loses nothing.

use super::{ShardInput, shown};
use crate::error::{Error, Result};
use crate::store::Hashed;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};
use tempfile::NamedTempFile;

/// What says that a folder is a cache of ours, so that files in it may be removed.
const MARK: &str = "atdata-cache.txt";

const MARK_TEXT: &str = "This folder is a cache of atdata. It may be removed at any time.\n";

/// What comes in the name of a download after that of its copy.
const PART: &str = ".part-";

/// How old a download that nobody finished is when it is removed.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

/// A folder of copies: it never grows over its size for long, and what was not used for longest
/// goes first.
#[derive(Debug, Clone)]
pub struct CacheFolder {
    path: PathBuf,
    max_bytes: u64,
    /// The copies that were found whole, with their sizes.
    /// The lock is only tried: a forked process that inherits it held would wait for ever.
    sound: Arc<Mutex<HashMap<PathBuf, u64>>>,
}

/// What is known of a shard before it is fetched.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known<'a> {
    pub(super) sha256: Option<&'a str>,
    pub(super) size: Option<u64>,
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
            let holds_any = fs::read_dir(&path).map_err(failed)?.next().is_some();
            // Another process may have begun the cache in between.
            if holds_any && !mark.exists() {
                let message = format!(
                    "{} holds other files, so it cannot be a cache; name a new or empty folder",
                    path.display()
                );
                return Err(Error::Invalid(message));
            }
            fs::write(&mark, MARK_TEXT).map_err(failed)?;
        }
        Ok(Self { path, max_bytes, sound: Arc::default() })
    }

    /// The copy of a shard, fetched if it is not there; `None` for one that is larger than the
    /// whole cache. Of several processes that want it at once, one fetches it.
    pub(super) fn get(
        &self,
        name: &str,
        shard: &str,
        known: Known<'_>,
        open: impl Fn() -> Result<Box<dyn ShardInput>>,
    ) -> Result<Option<PathBuf>> {
        let path = self.path.join(name);
        if self.is_there(&path) && self.is_sound(&path, known) {
            return Ok(Some(path));
        }
        let _lock = Lock::take(self.path.join(format!("{name}.lock")))?;
        if self.is_there(&path) && self.is_sound(&path, known) {
            return Ok(Some(path));
        }
        let input = open()?;
        if input.size().is_some_and(|size| size > self.max_bytes) {
            return Ok(None);
        }
        self.make_room(input.size().unwrap_or(0));
        let kept = self.fetch(input, &path, &shown(shard), known.sha256)?;
        Ok(kept.then_some(path))
    }

    /// The size of a copy in bytes, if there is one.
    pub(super) fn size_of(&self, name: &str) -> Option<u64> {
        fs::metadata(self.path.join(name)).ok().map(|meta| meta.len())
    }

    /// Whether there is a copy; it is then the one that was used last.
    fn is_there(&self, path: &Path) -> bool {
        // Where this cannot be noted, it only goes earlier than it should.
        let _ = File::options()
            .append(true)
            .open(path)
            .and_then(|file| file.set_modified(SystemTime::now()));
        path.is_file()
    }

    /// Whether a copy is what it was when it was fetched. It is hashed once, where its hash is known.
    fn is_sound(&self, path: &Path, known: Known<'_>) -> bool {
        let Ok(size) = fs::metadata(path).map(|meta| meta.len()) else { return false };
        let seen = self.sound.try_lock().ok().and_then(|sound| sound.get(path).copied());
        let sound = match (seen, known) {
            (Some(seen), _) => seen == size,
            (None, Known { sha256: Some(sha256), .. }) => {
                hash_of(path).is_some_and(|h| h == sha256)
            }
            (None, Known { size: Some(known), .. }) => known == size,
            (None, _) => true,
        };
        if sound {
            self.remember(path, size);
        }
        sound
    }

    fn remember(&self, path: &Path, size: u64) {
        if let Ok(mut sound) = self.sound.try_lock() {
            sound.insert(path.to_owned(), size);
        }
    }

    /// Fetches a copy; false for one that turns out to be larger than the whole cache.
    fn fetch(
        &self,
        mut input: Box<dyn ShardInput>,
        path: &Path,
        shard: &str,
        expected: Option<&str>,
    ) -> Result<bool> {
        let failed = |error| Error::io("read", shard.as_ref(), error);
        let size = input.size();
        let mut out = Hashed::new(self.part_of(path)?);
        // One byte more tells a shard that just fits from one that does not.
        let bytes = io::copy(&mut (&mut input).take(self.max_bytes.saturating_add(1)), &mut out);
        let bytes = bytes.map_err(failed)?;
        if bytes > self.max_bytes {
            return Ok(false);
        }
        input.finish().map_err(failed)?;
        let (part, _, sha256) = out.finish();
        if let Some(size) = size.filter(|&size| size != bytes) {
            let message = format!("{bytes} bytes of {size} came");
            return Err(failed(io::Error::new(io::ErrorKind::UnexpectedEof, message)));
        }
        let found = crate::index::hex(&sha256);
        if let Some(expected) = expected.filter(|&expected| expected != found) {
            let (shard, expected) = (shard.to_owned(), expected.to_owned());
            return Err(Error::Checksum { shard, expected, found });
        }
        if size.is_none() {
            self.make_room(bytes);
        }
        // A name that outlives a power failure must not be that of an empty file.
        let synced = part.as_file().sync_data();
        synced.map_err(|error| Error::io("write", path, error))?;
        part.persist(path).map_err(|error| Error::io("write", path, error.error))?;
        self.remember(path, bytes);
        // Several may have come at once, each of which saw room for itself.
        self.make_room(0);
        Ok(true)
    }

    /// A file for what comes, which is gone unless it gets its name.
    fn part_of(&self, path: &Path) -> Result<NamedTempFile> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(PART);
        let part = tempfile::Builder::new().prefix(&name).tempfile_in(&self.path);
        part.map_err(|error| Error::io("write", path, error))
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
            } else if is_unfinished(&name) && used.elapsed().is_ok_and(|age| age > ABANDONED) {
                let _ = fs::remove_file(entry.path());
            }
        }
        files
    }
}

/// A lock that others wait for, also in other processes. Its file goes with it.
struct Lock {
    path: PathBuf,
    _held: File,
}

impl Lock {
    fn take(path: PathBuf) -> Result<Self> {
        let held = File::create(&path).and_then(|file| file.lock().map(|()| file));
        let held = held.map_err(|error| Error::io("write", &path, error))?;
        Ok(Self { path, _held: held })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // One that stays behind is found by its name.
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether a text is a SHA-256 in hex.
pub(super) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn hash_of(path: &Path) -> Option<String> {
    let mut out = Hashed::new(io::sink());
    io::copy(&mut File::open(path).ok()?, &mut out).ok()?;
    let (_, _, sha256) = out.finish();
    Some(crate::index::hex(&sha256))
}

/// Whether a file is a copy of ours.
fn is_copy(name: &str) -> bool {
    name.strip_suffix(".tar").is_some_and(is_sha256)
}

/// Whether a file is a lock or a download of ours.
fn is_unfinished(name: &str) -> bool {
    let ours = name.split_at_checked(64).filter(|(hash, _)| is_sha256(hash));
    ours.and_then(|(_, rest)| rest.strip_prefix(".tar"))
        .is_some_and(|rest| rest == ".lock" || rest.starts_with(PART))
}
