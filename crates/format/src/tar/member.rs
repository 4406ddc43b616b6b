//! The members of an archive, long names and PAX records applied, folders and links passed over.

use super::header::{Header, MemberKind, bad, push_lossy};
use super::input::{Input, Window};
use super::{BLOCK, MAX_NAME};
use crate::error::{Error, Kind, Result};
use crate::key::split_name;
use std::borrow::Cow;

/// A file in the archive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    /// Where its bytes start in the shard.
    pub(super) offset: u64,
    /// How many they are.
    pub(super) size: u64,
}

#[derive(Debug)]
pub(super) struct Members<R> {
    pub(super) window: Window<R>,
    /// The current member's name.
    pub(super) name: String,
    shard_size: Option<u64>,
    /// Where the bytes of the current member end, and where the next header starts.
    data_end: u64,
    next_header: u64,
    long_name: Option<String>,
    pax_size: Option<u64>,
    /// Whether a long name or PAX header has passed whose member has not come yet.
    waiting: bool,
    pub(super) missing_end: bool,
    /// Whether there is nothing more to read.
    pub(super) done: bool,
}

/// `size` with its padding to whole blocks.
const fn padded(size: u64) -> Option<u64> {
    size.checked_next_multiple_of(BLOCK as u64)
}

impl<R: Input> Members<R> {
    pub(super) fn new(input: R, shard_size: Option<u64>) -> Self {
        Self {
            window: Window::new(input, 0),
            name: String::new(),
            shard_size,
            data_end: 0,
            next_header: 0,
            long_name: None,
            pax_size: None,
            waiting: false,
            missing_end: false,
            done: false,
        }
    }

    /// The next file; its name is in `self.name`. After an error that ends the shard, `None`.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<Member>> {
        while !self.done {
            match self.step() {
                Ok(None) => {}
                Ok(found) => return Ok(found),
                Err(error) => {
                    self.done = true;
                    return Err(error);
                }
            }
        }
        Ok(None)
    }

    /// Reads one header; `None` when it was not that of a file.
    fn step(&mut self) -> Result<Option<Member>> {
        let at = self.next_header;
        self.pass_to(at)?;
        let block = self.window.peek(BLOCK)?;
        let Some(block) = block.first_chunk::<BLOCK>() else {
            let (length, magic) = (block.len(), Header::has_magic(block));
            return self.ended(at, length, magic).map(|()| None);
        };
        let header = match Header::parse(block) {
            Ok(Some(header)) => header,
            Ok(None) => {
                self.done = true;
                return Ok(None);
            }
            Err(_) if at == 0 && !Header::has_magic(block) => return Err(not_a_tar("no header")),
            Err(error) => {
                let claimed = Header::claimed_size(block);
                return Err(self.blame(claimed, error).at(at));
            }
        };
        if header.kind == MemberKind::File {
            match self.long_name.take() {
                Some(name) => self.name = name,
                None => header.name_into(&mut self.name),
            }
        }
        let (kind, size) = (header.kind, header.size);
        self.enter(kind, size, at)
    }

    /// Goes to a member's payload, and through it where it is about the next member.
    fn enter(&mut self, kind: MemberKind, size: u64, at: u64) -> Result<Option<Member>> {
        self.window.consume(BLOCK);
        let size =
            if kind == MemberKind::File { self.pax_size.take().unwrap_or(size) } else { size };
        let offset = at + BLOCK as u64;
        let end = padded(size).and_then(|padded| offset.checked_add(padded));
        self.next_header = end.ok_or_else(|| too_large(size, self.shard_size).at(at))?;
        self.check_fits(offset, size, at).map_err(|error| match kind {
            MemberKind::File => error.in_key(split_name(&self.name).0),
            _ => error,
        })?;
        self.data_end = offset + size;
        self.waiting = matches!(kind, MemberKind::LongName | MemberKind::Pax);
        match kind {
            MemberKind::File => return Ok(Some(Member { offset, size })),
            MemberKind::LongName => {
                let bytes = self.small_payload(size, at)?;
                let mut name = String::new();
                push_lossy(bytes.split(|&b| b == 0).next().unwrap_or_default(), &mut name);
                self.long_name = Some(name);
            }
            MemberKind::Pax => {
                let found = PaxRecords::parse(&self.small_payload(size, at)?);
                let found = found.ok_or_else(|| bad("a PAX header is broken").at(at))?;
                self.long_name = found.path.or(self.long_name.take());
                self.pax_size = found.size.or(self.pax_size);
            }
            MemberKind::Other | MemberKind::Empty => {}
        }
        Ok(None)
    }

    /// What a size says is checked against what the shard has, before anything is set aside.
    fn check_fits(&self, offset: u64, size: u64, at: u64) -> Result<()> {
        match self.shard_size {
            Some(whole) if size > whole => Err(too_large(size, self.shard_size).at(at)),
            Some(whole) if offset + size > whole => Err(cut_short("a payload").at(whole)),
            _ => Ok(()),
        }
    }

    /// Of a broken header that claims more than the shard has, that is the thing to say.
    fn blame(&self, claimed: Option<u64>, error: Error) -> Error {
        match (claimed, self.shard_size) {
            (Some(size), Some(whole)) if size > whole => too_large(size, Some(whole)),
            _ => error,
        }
    }

    /// The bytes of a long name or PAX header, where they lie if the window has room for them.
    fn small_payload(&mut self, size: u64, at: u64) -> Result<Cow<'_, [u8]>> {
        if size > MAX_NAME {
            return Err(bad("a member's name or PAX header is over 1 MiB").at(at));
        }
        let (start, size) = (self.window.position(), size as usize);
        let bytes = if size <= self.window.capacity() {
            Cow::Borrowed(self.window.peek(size)?)
        } else {
            let mut bytes = Vec::new();
            self.window.append(&mut bytes, size)?;
            Cow::Owned(bytes)
        };
        if bytes.len() < size {
            return Err(cut_short("a header").at(start + bytes.len() as u64));
        }
        Ok(bytes)
    }

    /// Goes on to an offset at or after the current one.
    #[inline]
    pub(super) fn pass_to(&mut self, offset: u64) -> Result<()> {
        let count = offset.saturating_sub(self.window.position());
        if count > 0 && self.window.skip(count)? < count {
            // Padding may be missing at the end, what it pads may not.
            if self.window.position() < self.data_end.min(offset) {
                return Err(cut_short("a payload").at(self.window.position()));
            }
        }
        Ok(())
    }

    /// The input ended where a header should start.
    fn ended(&mut self, at: u64, length: usize, magic: bool) -> Result<()> {
        match length {
            0 if at == 0 => return Err(not_a_tar("the file is empty")),
            0 if self.waiting => return Err(cut_short("a header").at(self.window.position())),
            0 => self.missing_end = true,
            _ if at == 0 && length > 262 && !magic => return Err(not_a_tar("no header")),
            _ => return Err(cut_short("a header").at(at + length as u64)),
        }
        self.done = true;
        Ok(())
    }
}

/// What the records of a PAX header say that matters here.
#[derive(Default)]
struct PaxRecords {
    path: Option<String>,
    size: Option<u64>,
}

impl PaxRecords {
    /// Reads records of the form `27 path=a/b.msgpack\n`; `None` if they have another.
    fn parse(mut records: &[u8]) -> Option<Self> {
        let mut found = Self::default();
        while records.first().is_some_and(|&byte| byte != 0) {
            let space = records.iter().position(|&byte| byte == b' ')?;
            let length: usize = std::str::from_utf8(records.get(..space)?).ok()?.parse().ok()?;
            let record = records.get(space + 1..length)?.strip_suffix(b"\n")?;
            let equals = record.iter().position(|&byte| byte == b'=')?;
            let (name, value) = (record.get(..equals)?, record.get(equals + 1..)?);
            match name {
                b"path" => {
                    let mut path = String::new();
                    push_lossy(value, &mut path);
                    found.path = Some(path);
                }
                b"size" => found.size = Some(std::str::from_utf8(value).ok()?.parse().ok()?),
                _ => {}
            }
            records = records.get(length..)?;
        }
        Some(found)
    }
}

pub(super) fn cut_short(what: &str) -> Error {
    Error::new(Kind::ShardCutShort, format!("the shard is cut short: it ends inside {what}"))
}

fn not_a_tar(why: &str) -> Error {
    Error::new(Kind::NotATar, format!("not a tar archive ({why})")).at(0)
}

fn too_large(size: u64, shard: Option<u64>) -> Error {
    let shard = shard.map_or("any shard can hold".into(), |whole| format!("the shard's {whole}"));
    let message = format!("a member claims {size} bytes, more than {shard}");
    Error::new(Kind::MemberTooLarge, message)
}
