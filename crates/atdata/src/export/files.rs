//! Files that appear when all of them are whole, a new one after so many rows.

use crate::error::{Error, Result};
use crate::write::staged::{Staged, writable};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufWriter};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// How one file is written. An error of ours travels inside of one of the system's.
pub(crate) trait Encode {
    /// What is written at once.
    type Rows<'a>;
    /// A file that is being written.
    type Writer;

    /// Starts a file.
    fn begin(&self, out: BufWriter<File>) -> io::Result<Self::Writer>;

    /// Appends some of the rows.
    fn write(
        &self,
        writer: &mut Self::Writer,
        rows: &Self::Rows<'_>,
        range: Range<usize>,
    ) -> io::Result<()>;

    /// Ends a file.
    fn end(&self, writer: Self::Writer) -> io::Result<BufWriter<File>>;
}

/// Files under temporary names; dropped before they are published, they are gone.
pub(crate) struct Files<W> {
    path: PathBuf,
    max_count: Option<u64>,
    open: Option<(W, u64)>,
    staged: Vec<Staged>,
}

impl<W> Files<W> {
    /// Files at `path`; `example` is a name for such a file.
    pub(crate) fn new(path: &Path, example: &str, max_count: Option<u64>) -> Result<Self> {
        let path = writable(path, example)?;
        Ok(Self { path, max_count, open: None, staged: Vec::new() })
    }

    /// Forgets what was written.
    pub(crate) fn clear(&mut self) {
        self.open = None;
        self.staged.clear();
    }

    /// Appends so many rows.
    pub(crate) fn push<E: Encode<Writer = W>>(
        &mut self,
        encode: &E,
        rows: &E::Rows<'_>,
        count: usize,
    ) -> Result<()> {
        let mut start = 0;
        while start < count {
            let (mut writer, done) = match self.open.take() {
                Some(open) => open,
                None => (self.create(encode)?, 0),
            };
            let room = self.max_count.map_or(u64::MAX, |max| max - done);
            let end = start + usize::try_from(room).unwrap_or(usize::MAX).min(count - start);
            let written = encode.write(&mut writer, rows, start..end);
            written.map_err(|error| self.failed(error))?;
            let done = done + (end - start) as u64;
            start = end;
            if self.max_count.is_some_and(|max| done >= max) {
                self.close(encode, writer)?;
            } else {
                self.open = Some((writer, done));
            }
        }
        Ok(())
    }

    /// Gives all files their names, and says which; where there were no rows, there is one file.
    pub(crate) fn publish<E: Encode<Writer = W>>(mut self, encode: &E) -> Result<Vec<PathBuf>> {
        match self.open.take() {
            Some((writer, _)) => self.close(encode, writer)?,
            None if self.staged.is_empty() => {
                let writer = self.create(encode)?;
                self.close(encode, writer)?;
            }
            None => {}
        }
        let mut paths = Vec::new();
        for mut file in std::mem::take(&mut self.staged) {
            file.publish()?;
            paths.push(file.path.clone());
        }
        Ok(paths)
    }

    fn create<E: Encode<Writer = W>>(&mut self, encode: &E) -> Result<W> {
        let staged = Staged::beside(self.next_path());
        let file = File::create_new(&staged.temporary);
        let file = file.map_err(|error| Error::io("write", &staged.path, error))?;
        self.staged.push(staged);
        encode.begin(BufWriter::with_capacity(BUFFER, file)).map_err(|error| self.failed(error))
    }

    fn close<E: Encode<Writer = W>>(&self, encode: &E, writer: W) -> Result<()> {
        let file = encode.end(writer).and_then(|out| Ok(out.into_inner()?));
        file.and_then(|file| file.sync_all()).map_err(|error| self.failed(error))
    }

    fn next_path(&self) -> PathBuf {
        match self.max_count {
            Some(_) => numbered(&self.path, self.staged.len()),
            None => self.path.clone(),
        }
    }

    fn failed(&self, error: io::Error) -> Error {
        let path = self.staged.last().map_or(&self.path, |staged| &staged.path);
        Error::io("write", path, error)
    }
}

/// How much is handed to the operating system at once.
const BUFFER: usize = 64 << 10;

/// `data-000007.parquet` for `data.parquet`.
pub(crate) fn numbered(path: &Path, number: usize) -> PathBuf {
    let mut name = OsString::from(path.file_stem().unwrap_or_default());
    name.push(format!("-{number:06}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}
