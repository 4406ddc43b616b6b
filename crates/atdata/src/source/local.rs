//! Shards that are files on this machine.

use super::{DataSource, MappedShard, ShardInput, ShardStat, shown};
use crate::error::{Error, Result};
use atdata_format::pattern;
use atdata_format::tar::Input;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

/// Files by path, `file://` URL or brace pattern.
#[derive(Debug, Clone)]
pub struct LocalSource {
    patterns: Vec<String>,
}

impl LocalSource {
    /// The files of one or more brace patterns, in order.
    ///
    /// ```
    /// use atdata::source::{DataSource, LocalSource};
    /// let source = LocalSource::new(["data-{000..002}.tar"]);
    /// assert_eq!(source.shards()?, ["data-000.tar", "data-001.tar", "data-002.tar"]);
    /// # Ok::<(), atdata::Error>(())
    /// ```
    pub fn new<P: Into<String>>(patterns: impl IntoIterator<Item = P>) -> Self {
        Self { patterns: patterns.into_iter().map(Into::into).collect() }
    }
}

/// Whether a path is a URL that is not on this machine.
#[must_use]
pub fn is_remote(url: &str) -> bool {
    match url.split_once("://") {
        Some((scheme, _)) => scheme != "file",
        None => url.starts_with("pipe:"),
    }
}

fn local_path(shard: &str) -> Result<&Path> {
    if is_remote(shard) {
        let message = format!("{}: only files on this machine can be read so far", shown(shard));
        return Err(Error::Unsupported(message));
    }
    Ok(Path::new(shard.strip_prefix("file://").unwrap_or(shard)))
}

impl DataSource for LocalSource {
    fn shards(&self) -> Result<Vec<String>> {
        let mut shards = Vec::new();
        for pattern in &self.patterns {
            // A file whose own name holds braces is itself.
            if pattern.contains('{') && !Path::new(pattern).exists() {
                shards.extend(pattern::expand(pattern)?);
            } else {
                shards.push(pattern.clone());
            }
        }
        Ok(shards)
    }

    fn stat(&self, shard: &str) -> Result<ShardStat> {
        let path = local_path(shard)?;
        let meta = fs::metadata(path).map_err(|error| Error::io("read", path, error))?;
        let modified = meta.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let version = modified.map(|time| time.as_nanos().to_string());
        Ok(ShardStat { size: Some(meta.len()), version })
    }

    fn open(&self, shard: &str) -> Result<Box<dyn ShardInput>> {
        let path = local_path(shard)?;
        let input = LocalInput::open(path).map_err(|error| Error::io("read", path, error))?;
        Ok(Box::new(input))
    }

    fn sidecar(&self, address: &str) -> Result<Option<Vec<u8>>> {
        let path = local_path(address)?;
        match fs::read(path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("read", path, error)),
        }
    }

    fn open_sidecar(&self, address: &str) -> Result<Option<Box<dyn ShardInput>>> {
        let path = local_path(address)?;
        match LocalInput::open(path) {
            Ok(input) => Ok(Some(Box::new(input))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("read", path, error)),
        }
    }

    fn opens_ahead(&self) -> usize {
        0
    }
}

/// An open file that knows how long it is.
struct LocalInput {
    file: File,
    position: u64,
    size: u64,
    /// Made when it is first asked for.
    map: Option<Arc<MappedShard>>,
}

impl LocalInput {
    fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let meta = file.metadata()?;
        if meta.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
        }
        Ok(Self { file, position: 0, size: meta.len(), map: None })
    }
}

impl Read for LocalInput {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buf)?;
        self.position += read as u64;
        Ok(read)
    }
}

impl Input for LocalInput {
    fn pass_over(&mut self, count: u64) -> io::Result<u64> {
        let passed = count.min(self.size.saturating_sub(self.position));
        self.go_to(self.position + passed)?;
        Ok(passed)
    }

    fn append_to(&mut self, out: &mut Vec<u8>, count: usize) -> io::Result<usize> {
        // Through the file itself, which reads into fresh memory as it is.
        let read = (&self.file).take(count as u64).read_to_end(out)?;
        self.position += read as u64;
        Ok(read)
    }
}

impl ShardInput for LocalInput {
    fn size(&self) -> Option<u64> {
        Some(self.size)
    }

    fn can_seek(&self) -> bool {
        true
    }

    fn go_to(&mut self, offset: u64) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(offset))?;
        self.position = offset;
        Ok(())
    }

    fn read_at(&mut self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        read_at(&self.file, offset, out)
    }

    fn map(&mut self) -> io::Result<Option<Arc<MappedShard>>> {
        let map = match self.map.take() {
            Some(map) => map,
            None => Arc::new(MappedShard::new(&self.file)?),
        };
        Ok(Some(Arc::clone(self.map.insert(map))))
    }

    fn fetch_ahead(&mut self) {}

    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Fills `out` from an offset, as far as the file goes.
pub(super) fn read_at(file: &File, offset: u64, out: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = out.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, offset + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
