//! The files of an input, and reading them with what is read counted.

use super::input::{Records, Row};
use crate::error::{Error, Result};
use crate::load::{Split, find_ending};
use flate2::read::MultiGzDecoder;
use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A file to read.
#[derive(Debug, Clone)]
pub(super) struct SourceFile {
    pub(super) path: String,
    pub(super) bytes: u64,
}

impl SourceFile {
    pub(super) fn new(path: String) -> Result<Self> {
        let found = fs::metadata(&path).map_err(|error| Error::io("read", path.as_ref(), error))?;
        Ok(Self { bytes: found.len(), path })
    }

    pub(super) fn path(&self) -> &Path {
        self.path.as_ref()
    }

    pub(super) fn open(&self) -> Result<File> {
        File::open(&self.path).map_err(|error| self.failed(error))
    }

    pub(super) fn failed(&self, error: io::Error) -> Error {
        Error::io("read", self.path(), error)
    }

    /// The bytes in order, unpacked where they are gzip, and a count of those of the file.
    pub(super) fn stream(&self) -> Result<(Box<dyn BufRead + Send>, Arc<AtomicU64>)> {
        let count = Arc::new(AtomicU64::new(0));
        let counted = Counted { inner: self.open()?, count: Arc::clone(&count) };
        let mut reader = BufReader::with_capacity(BUFFER, counted);
        let start = reader.fill_buf().map_err(|error| self.failed(error))?;
        let packed = start.starts_with(&[0x1f, 0x8b]);
        let reader: Box<dyn BufRead + Send> = if packed {
            Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(reader)))
        } else {
            Box::new(reader)
        };
        Ok((reader, count))
    }
}

/// How much is read at once.
const BUFFER: usize = 256 << 10;

/// A path's files by split.
pub(super) fn by_split(path: &Path, endings: &[&str]) -> Result<Vec<(String, Vec<SourceFile>)>> {
    let splits = find_ending(&path.to_string_lossy(), endings)?;
    let open = |(split, files): Split| {
        let files = files.into_iter().map(SourceFile::new).collect::<Result<Vec<_>>>()?;
        Ok((split, files))
    };
    splits.into_iter().map(open).collect()
}

/// Counts what is read.
struct Counted {
    inner: File,
    count: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buf)?;
        self.count.fetch_add(read as u64, Relaxed);
        Ok(read)
    }
}

type Open = Box<dyn Fn(&SourceFile) -> Result<Box<dyn Records>> + Send>;

/// The records of several files, one file open at a time.
pub(super) struct Chain {
    files: VecDeque<SourceFile>,
    open: Open,
    current: Option<(Box<dyn Records>, u64)>,
    finished: u64,
}

impl Chain {
    pub(super) fn boxed(
        files: &[SourceFile],
        open: impl Fn(&SourceFile) -> Result<Box<dyn Records>> + Send + 'static,
    ) -> Box<dyn Records> {
        let files = files.iter().cloned().collect();
        Box::new(Self { files, open: Box::new(open), current: None, finished: 0 })
    }
}

impl Records for Chain {
    fn next(&mut self, row: &mut Row) -> Result<bool> {
        loop {
            if let Some((records, bytes)) = &mut self.current {
                if records.next(row)? {
                    return Ok(true);
                }
                self.finished += *bytes;
                self.current = None;
            }
            let Some(file) = self.files.pop_front() else { return Ok(false) };
            self.current = Some(((self.open)(&file)?, file.bytes));
        }
    }

    fn done(&self) -> u64 {
        let current = self.current.as_ref();
        self.finished + current.map_or(0, |(records, bytes)| records.done().min(*bytes))
    }
}
