//! Copies the shards of a data set into a folder.

use super::Index;
use super::verify::hash;
use crate::error::{Error, Result};
use crate::open::SourceOptions;
use crate::provider::Entry;
use crate::shards::index_of;
use crate::source::{DataSource, LocalSource, shown};
use crate::write::staged::Staged;
use atdata_format::manifest::beside;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// How much is read and written at once.
const PIECE: usize = 1 << 20;

/// A shard that a folder has now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulled {
    /// Where it is from.
    pub url: String,
    /// Where it is now.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// Whether it was there already.
    pub was_there: bool,
    /// Whether its SHA-256 is known, and so is right.
    pub checked: bool,
}

impl Index {
    /// Copies an entry's shards, and what lies beside them, into a folder. Each shard is there whole
    /// and with the bytes that were stored, or not at all; one that is there already is only
    /// checked. `tell` hears of the bytes that have come since the last time; false stops.
    ///
    /// # Errors
    /// [`Error::Checksum`] for a shard that has changed; [`Error::Conflict`] for another file in its
    /// place; a source that cannot be read, a folder that cannot be written to, [`Error::Stopped`].
    pub fn pull(
        &self,
        entry: &Entry,
        folder: &Path,
        tell: impl FnMut(u64) -> bool,
    ) -> Result<Vec<Pulled>> {
        pull_shards(&*self.source(entry, &SourceOptions::default())?, entry, folder, tell)
    }
}

/// The same from any source of the entry's shards.
///
/// # Errors
/// As [`Index::pull`].
pub fn pull_shards(
    source: &dyn DataSource,
    entry: &Entry,
    folder: &Path,
    mut tell: impl FnMut(u64) -> bool,
) -> Result<Vec<Pulled>> {
    let urls = source.shards()?;
    fs::create_dir_all(folder).map_err(|error| Error::io("make", folder, error))?;
    let names = file_names(&urls);
    let pull = |(url, name): (String, String)| {
        let expected = entry.checksum(&url);
        Shard { source, url: &url, expected, path: folder.join(name) }.pull(&mut tell)
    };
    urls.into_iter().zip(names).map(pull).collect()
}

/// What shards are called in a folder: as where they are from, with numbers where those names are
/// none or come twice.
fn file_names(urls: &[String]) -> Vec<String> {
    let names: Vec<String> = urls.iter().map(|url| shown(url)).collect();
    let names: Vec<&str> =
        names.iter().map(|url| url.rsplit('/').next().unwrap_or_default()).collect();
    let plain = |name: &&str| {
        let harmless = |c: char| c.is_alphanumeric() || "-_.+= ".contains(c);
        name.ends_with(".tar") && !name.starts_with('.') && name.chars().all(harmless)
    };
    let differ = names.iter().collect::<HashSet<_>>().len() == names.len();
    let name = |(number, name): (usize, &&str)| match (plain(name), differ) {
        (true, true) => (*name).to_owned(),
        (true, false) => format!("{number:06}-{name}"),
        (false, _) => format!("{number:06}.tar"),
    };
    names.iter().enumerate().map(name).collect()
}

/// A shard on its way into a folder.
struct Shard<'a> {
    source: &'a dyn DataSource,
    url: &'a str,
    expected: Option<&'a str>,
    path: PathBuf,
}

impl Shard<'_> {
    fn pull(self, tell: &mut dyn FnMut(u64) -> bool) -> Result<Pulled> {
        let there = match fs::metadata(&self.path) {
            Ok(meta) => {
                self.check_there(meta.len(), tell)?;
                Some(meta.len())
            }
            Err(_) => None,
        };
        let bytes = match there {
            Some(bytes) => bytes,
            None => self.copy(tell)?,
        };
        self.copy_beside()?;
        let (url, was_there) = (self.url.to_owned(), there.is_some());
        Ok(Pulled { url, path: self.path, bytes, was_there, checked: self.expected.is_some() })
    }

    /// Whether the file in the shard's place is the shard, by its hash or, where that is not known,
    /// its size.
    fn check_there(&self, bytes: u64, tell: &mut dyn FnMut(u64) -> bool) -> Result<()> {
        let same = match self.expected {
            Some(expected) => {
                let path = self.path.display().to_string();
                let local = LocalSource::new([path.as_str()]);
                let mut last = 0;
                let found = hash(&local, &path, |so_far| {
                    let news = so_far - last;
                    last = so_far;
                    tell(news)
                })?;
                found == expected
            }
            None => tell(bytes) && self.source.stat(self.url)?.size.is_none_or(|it| it == bytes),
        };
        if same {
            return Ok(());
        }
        let path = self.path.display();
        let message =
            format!("{path} is there already and is another file; remove it, or pull elsewhere");
        Err(Error::Conflict(message))
    }

    fn copy(&self, tell: &mut dyn FnMut(u64) -> bool) -> Result<u64> {
        let mut staged = Staged::beside(self.path.clone());
        let failed = |error| Error::io("write", &self.path, error);
        let mut out = File::create_new(&staged.temporary).map_err(failed)?;
        let (bytes, found) = self.copy_into(&mut out, tell)?;
        if let Some(expected) = self.expected.filter(|expected| **expected != *found) {
            let (shard, expected) = (self.url.to_owned(), expected.to_owned());
            return Err(Error::Checksum { shard, expected, found });
        }
        out.sync_all().map_err(failed)?;
        staged.publish()?;
        Ok(bytes)
    }

    /// Copies all bytes; how many they were, and their SHA-256.
    fn copy_into(
        &self,
        out: &mut File,
        tell: &mut dyn FnMut(u64) -> bool,
    ) -> Result<(u64, String)> {
        let mut input = self.source.open(self.url)?;
        let mut hash = Sha256::new();
        let mut piece = vec![0; PIECE];
        let mut bytes = 0;
        loop {
            let read = match input.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Error::io("read", self.url.as_ref(), error)),
            };
            let part = piece.get(..read).unwrap_or_default();
            hash.update(part);
            out.write_all(part).map_err(|error| Error::io("write", &self.path, error))?;
            bytes += read as u64;
            if !tell(read as u64) {
                return Err(Error::Stopped);
            }
        }
        if let Some(size) = input.size().filter(|size| *size != bytes) {
            let message = format!("{}: {bytes} bytes came of {size}", shown(self.url));
            return Err(Error::Invalid(message));
        }
        Ok((bytes, super::hex(&hash.finalize())))
    }

    fn copy_beside(&self) -> Result<()> {
        let local = self.path.display().to_string();
        let manifests = ["json", "parquet"].map(|end| (beside(self.url, end), beside(&local, end)));
        let index = (index_of(self.url), index_of(&local));
        for (from, to) in manifests.into_iter().chain([index]) {
            let to = PathBuf::from(to);
            if to.exists() {
                continue;
            }
            if let Some(bytes) = self.source.sidecar(&from)? {
                let mut staged = Staged::beside(to);
                fs::write(&staged.temporary, bytes)
                    .map_err(|error| Error::io("write", &staged.path, error))?;
                staged.publish()?;
            }
        }
        Ok(())
    }
}
