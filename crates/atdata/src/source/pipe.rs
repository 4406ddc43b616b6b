//! Shards that are the output of commands.

use super::{DataSource, MappedShard, ShardInput, ShardStat, shown};
use crate::config;
use crate::error::{Error, Result};
use atdata_format::pattern;
use atdata_format::tar::Input;
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::mem;
use std::process::{self, Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::Arc;

/// How much of what a command complained of is shown.
const COMPLAINT: u64 = 2000;

/// What commands write, by `pipe:command` or a brace pattern of those. A shell runs each one anew
/// whenever its shard is opened; what it writes is read in order only.
pub struct PipeSource {
    patterns: Vec<String>,
}

impl PipeSource {
    /// The output of these commands. Whoever calls this trusts them as programs.
    ///
    /// ```
    /// use atdata::source::{DataSource, PipeSource};
    /// let mut text = String::new();
    /// let source = PipeSource::new(["pipe:echo hello"]);
    /// source.open(&source.shards()?[0])?.read_to_string(&mut text).unwrap();
    /// assert_eq!(text, "hello\n");
    /// # Ok::<(), atdata::Error>(())
    /// ```
    pub fn new<P: Into<String>>(patterns: impl IntoIterator<Item = P>) -> Self {
        Self { patterns: patterns.into_iter().map(Into::into).collect() }
    }
}

impl fmt::Debug for PipeSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.patterns.iter().map(|pattern| shown(pattern))).finish()
    }
}

impl DataSource for PipeSource {
    fn shards(&self) -> Result<Vec<String>> {
        let expanded = self.patterns.iter().map(|pattern| Ok(pattern::expand(pattern)?));
        Ok(expanded.collect::<Result<Vec<_>>>()?.concat())
    }

    fn stat(&self, _: &str) -> Result<ShardStat> {
        Ok(ShardStat::default())
    }

    fn open(&self, shard: &str) -> Result<Box<dyn ShardInput>> {
        Ok(Box::new(PipeInput::start(shard)?))
    }

    fn sidecar(&self, _: &str) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }

    fn opens_ahead(&self) -> usize {
        0
    }
}

struct PipeInput {
    shown: String,
    child: Child,
    output: ChildStdout,
    /// What it complains of goes to a file, which cannot fill up as a pipe can.
    complaints: File,
    ended: Option<ExitStatus>,
    process: u32,
    /// What is being read, and from where on.
    current: Vec<u8>,
    at: usize,
    /// What is read next. Since it is there before what is read now is given out, nobody has the
    /// last bytes before the command has ended well.
    ahead: Vec<u8>,
}

/// How much is read from a command at once.
const CHUNK: usize = 128 << 10;

impl PipeInput {
    fn start(shard: &str) -> Result<Self> {
        let command = shard.strip_prefix("pipe:").unwrap_or(shard);
        let shown = shown(shard);
        let failed = |error| Error::Io { action: "run", path: shown.clone().into(), source: error };
        let complaints = tempfile::tempfile_in(config::temporary_folder()).map_err(failed)?;
        let mut child = Command::new("sh")
            .args(["-c", command])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(complaints.try_clone().map_err(failed)?)
            .spawn()
            .map_err(failed)?;
        let output = child.stdout.take();
        let output = output.ok_or_else(|| failed(io::Error::other("it has no output")))?;
        Ok(Self {
            shown,
            child,
            output,
            complaints,
            ended: None,
            process: process::id(),
            current: Vec::new(),
            at: 0,
            ahead: Vec::new(),
        })
    }

    /// What there is of the command's output, none at its end.
    fn next(&mut self) -> io::Result<&[u8]> {
        while self.at == self.current.len() && (self.ended.is_none() || !self.ahead.is_empty()) {
            mem::swap(&mut self.current, &mut self.ahead);
            self.at = 0;
            self.ahead.clear();
            if self.ended.is_none() {
                let read = (&mut self.output).take(CHUNK as u64).read_to_end(&mut self.ahead)?;
                if read < CHUNK {
                    self.ended = Some(self.child.wait()?);
                }
            }
            self.check_end()?;
        }
        Ok(self.current.get(self.at..).unwrap_or_default())
    }

    /// What was written is whole only if the command says so.
    fn check_end(&mut self) -> io::Result<()> {
        let Some(status) = self.ended.filter(|status| !status.success()) else { return Ok(()) };
        // Nothing is given out any more, and asked again, it says the same.
        (self.current, self.ahead, self.at) = (Vec::new(), vec![0], 0);
        let complaint = self.complaint().unwrap_or_default();
        let complaint = complaint.trim();
        let said = if complaint.is_empty() { String::new() } else { format!(": {complaint}") };
        let message = format!("the command ended with {status}{said}");
        Err(io::Error::other(Error::Unreachable { address: self.shown.clone(), message }))
    }

    /// The last of what the command wrote to its standard error.
    fn complaint(&mut self) -> io::Result<String> {
        let len = self.complaints.seek(SeekFrom::End(0))?;
        self.complaints.seek(SeekFrom::Start(len.saturating_sub(COMPLAINT)))?;
        let mut bytes = Vec::new();
        (&self.complaints).take(COMPLAINT).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

impl Read for PipeInput {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.next()?.read(buf)?;
        self.at += read;
        Ok(read)
    }
}

impl Input for PipeInput {
    fn pass_over(&mut self, count: u64) -> io::Result<u64> {
        io::copy(&mut self.take(count), &mut io::sink())
    }

    fn append_to(&mut self, out: &mut Vec<u8>, count: usize) -> io::Result<usize> {
        self.take(count as u64).read_to_end(out)
    }
}

impl ShardInput for PipeInput {
    fn size(&self) -> Option<u64> {
        None
    }

    fn can_seek(&self) -> bool {
        false
    }

    fn go_to(&mut self, _: u64) -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "a command's output is read in order only"))
    }

    fn read_at(&mut self, _: u64, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "a command's output is read in order only"))
    }

    fn map(&mut self) -> io::Result<Option<Arc<MappedShard>>> {
        Ok(None)
    }

    fn fetch_ahead(&mut self) {}

    /// Reads what is left, since only then the command says whether it went well.
    fn finish(&mut self) -> io::Result<()> {
        io::copy(self, &mut io::sink()).map(drop)
    }
}

impl Drop for PipeInput {
    fn drop(&mut self) {
        // In a forked process the command is somebody else's child.
        if self.ended.is_none() && self.process == process::id() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
