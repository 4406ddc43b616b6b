//! Where a shard's bytes come from, and the reused window that headers and small payloads are
//! read in.

use std::io::{self, Read};

/// Bytes in order, some of which can be passed over without being read.
pub trait Input: Read {
    /// Passes over up to `count` bytes and says how many there were.
    ///
    /// # Errors
    /// Whatever the source meets.
    fn pass_over(&mut self, count: u64) -> io::Result<u64>;

    /// Appends up to `count` bytes to `out` and says how many there were. A source that can fill
    /// fresh memory without clearing it first does so here.
    ///
    /// # Errors
    /// Whatever the source meets.
    fn append_to(&mut self, out: &mut Vec<u8>, count: usize) -> io::Result<usize>;
}

impl<T: Input + ?Sized> Input for Box<T> {
    fn pass_over(&mut self, count: u64) -> io::Result<u64> {
        (**self).pass_over(count)
    }

    fn append_to(&mut self, out: &mut Vec<u8>, count: usize) -> io::Result<usize> {
        (**self).append_to(out, count)
    }
}

impl Input for &[u8] {
    fn pass_over(&mut self, count: u64) -> io::Result<u64> {
        let passed = usize::try_from(count).unwrap_or(usize::MAX).min(self.len());
        *self = self.get(passed..).unwrap_or_default();
        Ok(passed as u64)
    }

    fn append_to(&mut self, out: &mut Vec<u8>, count: usize) -> io::Result<usize> {
        self.take(count as u64).read_to_end(out)
    }
}

/// Any reader as an [`Input`]: what is passed over is read and dropped.
#[derive(Debug)]
pub struct Streamed<R>(pub R);

impl<R: Read> Read for Streamed<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read(buf)
    }
}

impl<R: Read> Input for Streamed<R> {
    fn pass_over(&mut self, count: u64) -> io::Result<u64> {
        io::copy(&mut self.0.by_ref().take(count), &mut io::sink())
    }

    fn append_to(&mut self, out: &mut Vec<u8>, count: usize) -> io::Result<usize> {
        self.0.by_ref().take(count as u64).read_to_end(out)
    }
}

/// How much is read at once. Payloads larger than this go straight to where they are wanted.
const WINDOW: usize = 128 * 1024;

/// Runs up to this pass through the window, which costs less than a call to the system.
const SMALL: usize = WINDOW / 2;

/// The most that is set aside for bytes that were only claimed, never seen.
const TRUSTED: usize = 1 << 20;

/// A reused buffer over an [`Input`], with the absolute position kept.
#[derive(Debug)]
pub struct Window<R> {
    input: R,
    /// Made when it is first filled: much is read without it.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    position: u64,
    /// How much to read at once: little after a jump, when perhaps only a header is wanted.
    ahead: usize,
    /// Longer runs than this are jumped over.
    small: usize,
}

/// What is read after a jump.
const AFTER_JUMP: usize = 4096;

impl<R: Input> Window<R> {
    /// A window whose first byte is at `position` of the shard.
    pub const fn new(input: R, position: u64) -> Self {
        Self { input, buffer: Vec::new(), start: 0, end: 0, position, ahead: WINDOW, small: SMALL }
    }

    /// The input under the window; what is read from it in order is missed here.
    pub const fn input_mut(&mut self) -> &mut R {
        &mut self.input
    }

    /// Jumps over runs that are longer than this from now on, where little of what is passed by is
    /// wanted: else so many bytes cost less to read than a jump does.
    pub(crate) fn jump_from(&mut self, bytes: usize) {
        self.small = bytes.min(SMALL);
    }

    /// Goes to another place of the shard, of which little may be wanted.
    ///
    /// # Errors
    /// What the input meets.
    pub fn jump(
        &mut self,
        position: u64,
        go_to: impl FnOnce(&mut R, u64) -> io::Result<()>,
    ) -> io::Result<()> {
        self.restart(position, go_to)?;
        self.ahead = AFTER_JUMP;
        Ok(())
    }

    /// Goes to another place of the shard, which `go_to` brings the input to.
    ///
    /// # Errors
    /// What the input meets.
    pub fn restart(
        &mut self,
        position: u64,
        go_to: impl FnOnce(&mut R, u64) -> io::Result<()>,
    ) -> io::Result<()> {
        (self.start, self.end, self.position, self.ahead) = (0, 0, position, WINDOW);
        go_to(&mut self.input, position)
    }

    /// The offset in the shard of the next byte.
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// The most that [`Window::peek`] can show at once.
    pub const fn capacity(&self) -> usize {
        WINDOW
    }

    /// The next `count` bytes, or fewer where the input ends; they stay in the window.
    ///
    /// # Errors
    /// What the input meets.
    #[inline]
    pub fn peek(&mut self, count: usize) -> io::Result<&[u8]> {
        if self.end - self.start < count {
            self.fill(count.min(WINDOW))?;
        }
        let end = self.end.min(self.start.saturating_add(count));
        Ok(self.buffer.get(self.start..end).unwrap_or_default())
    }

    #[cold]
    fn fill(&mut self, count: usize) -> io::Result<()> {
        self.buffer.resize(WINDOW, 0);
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        let wanted = count.max(self.ahead).min(WINDOW);
        self.ahead = (self.ahead * 8).min(WINDOW);
        while self.end < count {
            match self.input.read(&mut self.buffer[self.end..wanted]) {
                Ok(0) => break,
                Ok(read) => self.end += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Passes over bytes that [`Window::peek`] has shown.
    #[inline]
    pub fn consume(&mut self, count: usize) {
        let count = count.min(self.end - self.start);
        self.start += count;
        self.position += count as u64;
    }

    /// Appends the next `count` bytes to `out` and says how many there were. Long runs do not pass
    /// through the window.
    ///
    /// # Errors
    /// What the input meets.
    pub fn append(&mut self, out: &mut Vec<u8>, count: usize) -> io::Result<usize> {
        if count <= SMALL {
            let bytes = self.peek(count)?;
            let read = bytes.len();
            out.extend_from_slice(bytes);
            self.consume(read);
            return Ok(read);
        }
        let buffered = count.min(self.end - self.start);
        out.reserve(buffered + (count - buffered).min(TRUSTED));
        out.extend_from_slice(&self.buffer[self.start..self.start + buffered]);
        self.consume(buffered);
        let left = count - buffered;
        if left == 0 {
            return Ok(count);
        }
        let read = self.input.append_to(out, left)?;
        // What follows a long run is a short one and a header, and then perhaps another.
        self.ahead = AFTER_JUMP;
        self.position += read as u64;
        Ok(buffered + read)
    }

    /// Passes over `count` bytes and says how many there were.
    ///
    /// # Errors
    /// What the input meets.
    pub fn skip(&mut self, count: u64) -> io::Result<u64> {
        let buffered = count.min((self.end - self.start) as u64);
        self.consume(buffered as usize);
        let left = count - buffered;
        if left == 0 {
            return Ok(count);
        }
        if left <= self.small as u64 {
            let read = self.peek(left as usize)?.len();
            self.consume(read);
            return Ok(buffered + read as u64);
        }
        let passed = self.input.pass_over(left)?;
        self.ahead = AFTER_JUMP;
        self.position += passed;
        Ok(buffered + passed)
    }
}
