//! Writes shards: the same samples always give the same bytes.

use super::BLOCK;
use crate::error::{Error, Kind, Result};
use crate::key::check_key;
use crate::shard_index::{Extent, ShardIndex, ShardIndexBuilder};
use std::io::Write;

/// What was written.
#[derive(Debug, Clone)]
pub struct ShardSummary {
    /// The shard's size in bytes.
    pub bytes: u64,
    /// Every sample's key and place.
    pub index: ShardIndex,
}

/// Writes samples as members of a tar archive. One that is dropped without
/// [`finish`](ShardWriter::finish) has written an archive without an end.
///
/// Owner, time and mode are fixed, and a PAX header is written only for a name that does not fit
/// without one, so a shard depends on nothing but its keys and payloads.
#[derive(Debug)]
pub struct ShardWriter<W> {
    archive: TarWriter<W>,
    index: ShardIndexBuilder,
    last_key: String,
    /// The name of the member that is being written.
    name: Vec<u8>,
    samples: usize,
}

/// Writes any members into a tar archive: the part of [`ShardWriter`] that knows nothing of samples.
///
/// ```
/// use atdata_format::tar::{MemberReader, TarWriter};
/// let mut writer = TarWriter::new(Vec::new());
/// writer.append(b"cat.jpg", b"a picture")?;
/// let archive = writer.finish()?;
///
/// let mut reader = MemberReader::new(&archive[..], Some(archive.len() as u64));
/// let mut bytes = Vec::new();
/// assert!(reader.advance()?);
/// reader.append_to(&mut bytes)?;
/// assert_eq!((reader.name(), &bytes[..]), ("cat.jpg", &b"a picture"[..]));
/// assert!(!reader.advance()?);
/// # Ok::<(), atdata_format::Error>(())
/// ```
#[derive(Debug)]
pub struct TarWriter<W> {
    out: W,
    position: u64,
}

const ZEROS: [u8; BLOCK] = [0; BLOCK];

impl<W: Write> ShardWriter<W> {
    /// A writer at a shard's first byte.
    pub fn new(out: W) -> Self {
        let (archive, index) = (TarWriter::new(out), ShardIndexBuilder::default());
        let (last_key, name) = (String::new(), Vec::new());
        Self { archive, index, last_key, name, samples: 0 }
    }

    /// Bytes so far.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.archive.position()
    }

    /// Samples so far.
    #[must_use]
    pub const fn samples(&self) -> usize {
        self.samples
    }

    /// What a sample of this payload would add to the shard, in bytes; long names add more.
    #[must_use]
    pub const fn cost(payload: usize) -> u64 {
        (BLOCK + payload.next_multiple_of(BLOCK)) as u64
    }

    /// Writes one sample and says where its payload is.
    ///
    /// # Errors
    /// [`Kind::BadKey`], [`Kind::MemberTwice`] for the key of the sample before, [`Kind::Io`].
    pub fn append(&mut self, key: &str, payload: &[u8]) -> Result<Extent> {
        check_key(key)?;
        if self.samples > 0 && self.last_key == key {
            let message = "two samples have the same key; give each its own";
            return Err(Error::new(Kind::MemberTwice, message).in_key(key));
        }
        self.name.clear();
        self.name.extend_from_slice(key.as_bytes());
        self.name.extend_from_slice(b".msgpack");
        let extent = self.archive.append(&self.name, payload)?;
        self.index.push(key, extent)?;
        self.last_key.clear();
        self.last_key.push_str(key);
        self.samples += 1;
        Ok(extent)
    }

    /// Ends the archive, and gives the output back with what was written.
    ///
    /// # Errors
    /// [`Kind::Io`].
    pub fn finish(mut self) -> Result<(W, ShardSummary)> {
        self.archive.end()?;
        let bytes = self.archive.position;
        let index = self.index.finish(bytes)?;
        Ok((self.archive.out, ShardSummary { bytes, index }))
    }
}

impl<W: Write> TarWriter<W> {
    /// A writer at an archive's first byte.
    pub const fn new(out: W) -> Self {
        Self { out, position: 0 }
    }

    /// Bytes so far.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// Writes one member and says where its bytes are.
    ///
    /// # Errors
    /// [`Kind::Io`].
    pub fn append(&mut self, name: &[u8], bytes: &[u8]) -> Result<Extent> {
        self.write_name_and_header(name, bytes.len() as u64)?;
        let extent = Extent { offset: self.position, len: bytes.len() as u64 };
        self.write_padded(bytes)?;
        Ok(extent)
    }

    /// Ends the archive, and gives the output back.
    ///
    /// # Errors
    /// [`Kind::Io`].
    pub fn finish(mut self) -> Result<W> {
        self.end()?;
        Ok(self.out)
    }

    fn write_name_and_header(&mut self, name: &[u8], size: u64) -> Result<()> {
        match split(name) {
            Some((prefix, name)) => self.write_all(&header(prefix, name, size, b'0')),
            None => {
                let record = pax_path(name);
                self.write_all(&header(b"", b"././@PaxHeader", record.len() as u64, b'x'))?;
                self.write_padded(&record)?;
                let short = name.get(..100).unwrap_or(name);
                self.write_all(&header(b"", short, size, b'0'))
            }
        }
    }

    fn end(&mut self) -> Result<()> {
        self.write_all(&[ZEROS, ZEROS].concat())?;
        Ok(self.out.flush()?)
    }

    fn write_padded(&mut self, bytes: &[u8]) -> Result<()> {
        self.write_all(bytes)?;
        let padding = bytes.len().next_multiple_of(BLOCK) - bytes.len();
        self.write_all(ZEROS.get(..padding).unwrap_or_default())
    }

    fn write_all(&mut self, bytes: &[u8]) -> Result<()> {
        self.out.write_all(bytes)?;
        self.position += bytes.len() as u64;
        Ok(())
    }
}

/// A name as prefix and rest, where it fits a header.
fn split(name: &[u8]) -> Option<(&[u8], &[u8])> {
    if name.len() <= 100 {
        return Some((b"", name));
    }
    let mut slashes = name.iter().enumerate().filter(|&(_, &byte)| byte == b'/').map(|(at, _)| at);
    let at = slashes.find(|&at| at <= 155 && at > 0 && name.len() - at - 1 <= 100)?;
    Some((name.get(..at)?, name.get(at + 1..)?))
}

/// A PAX record: its own length, in digits, is part of it.
fn pax_path(name: &[u8]) -> Vec<u8> {
    let body = [b" path=", name, b"\n"].concat();
    let mut length = body.len();
    while length != body.len() + length.to_string().len() {
        length = body.len() + length.to_string().len();
    }
    [length.to_string().as_bytes(), &body].concat()
}

fn header(prefix: &[u8], name: &[u8], size: u64, kind: u8) -> [u8; BLOCK] {
    let mut block = TEMPLATE;
    block[..name.len()].copy_from_slice(name);
    block[345..345 + prefix.len()].copy_from_slice(prefix);
    block[156] = kind;
    if size < 1 << 33 {
        put_octal(size, &mut block[124..135]);
    } else {
        // GNU's binary form, for what eleven octal digits cannot say.
        block[124] = 0x80;
        block[128..136].copy_from_slice(&size.to_be_bytes());
    }
    // Only what was put in can differ from the template's sum.
    let own = name.iter().chain(prefix).chain(&block[124..=135]).chain(&block[156..=156]);
    let sum = TEMPLATE_SUM + own.map(|&byte| u32::from(byte)).sum::<u32>();
    put_octal(u64::from(sum), &mut block[148..154]);
    block[154..156].copy_from_slice(b"\0 ");
    block
}

/// Mode 0644, owner and group 0, time 0.
const TEMPLATE: [u8; BLOCK] = {
    let mut block = [0; BLOCK];
    let fixed: [(usize, &[u8]); 5] = [
        (100, b"0000644\0"),
        (108, b"0000000\0"),
        (116, b"0000000\0"),
        (136, b"00000000000\0"),
        (257, b"ustar\x0000"),
    ];
    let mut field = 0;
    while field < fixed.len() {
        let (at, text) = fixed[field];
        let mut byte = 0;
        while byte < text.len() {
            block[at + byte] = text[byte];
            byte += 1;
        }
        field += 1;
    }
    block
};

/// The checksum of a header with nothing put in.
const TEMPLATE_SUM: u32 = {
    let (mut sum, mut at) = (8 * b' ' as u32, 0);
    while at < BLOCK {
        sum += TEMPLATE[at] as u32;
        at += 1;
    }
    sum
};

fn put_octal(mut value: u64, field: &mut [u8]) {
    for digit in field.iter_mut().rev() {
        *digit = b'0' + (value & 7) as u8;
        value >>= 3;
    }
}
