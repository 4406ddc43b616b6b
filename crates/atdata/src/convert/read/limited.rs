//! Lines that cannot be longer than memory allows.

use std::io::{self, BufRead, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The longest row of text that is read.
pub(super) const LONGEST: u64 = 256 << 20;

/// A reader that gives so much at most before its budget is renewed.
pub(super) struct Limited<R> {
    inner: R,
    budget: Arc<AtomicU64>,
}

impl<R> Limited<R> {
    pub(super) fn new(inner: R) -> (Self, Arc<AtomicU64>) {
        let budget = Arc::new(AtomicU64::new(LONGEST));
        (Self { inner, budget: Arc::clone(&budget) }, budget)
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let left = self.budget.load(Relaxed);
        if left == 0 {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, too_long()));
        }
        let room = usize::try_from(left).unwrap_or(usize::MAX).min(buf.len());
        let read = self.inner.read(&mut buf[..room])?;
        self.budget.store(left - read as u64, Relaxed);
        Ok(read)
    }
}

pub(super) fn too_long() -> String {
    format!("a row of over {} MiB is not read; is a quote or a line break missing?", LONGEST >> 20)
}

/// Reads up to and with the next line break; false at the end, an error for a line that is too long.
pub(super) fn read_line(reader: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    reader.take(LONGEST).read_until(b'\n', line)?;
    if line.len() as u64 == LONGEST && line.last() != Some(&b'\n') {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, too_long()));
    }
    Ok(!line.is_empty())
}
