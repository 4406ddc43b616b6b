//! One tar header: 512 bytes with a name, a size, a kind and a checksum.

use super::BLOCK;
use crate::error::{Error, Kind, Result};
use crate::key::PAYLOAD_SUFFIX;

/// What a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MemberKind {
    /// A file: its bytes follow.
    File,
    /// GNU: the bytes that follow are the next member's name.
    LongName,
    /// PAX: the bytes that follow are records about the next member.
    Pax,
    /// Anything else whose bytes follow and are passed over.
    Other,
    /// A folder, link or device: no bytes follow.
    Empty,
}

/// A checked header.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header<'a> {
    pub(super) kind: MemberKind,
    pub(super) size: u64,
    name: &'a [u8],
    prefix: &'a [u8],
}

const NAME: std::ops::Range<usize> = 0..100;
const SIZE: std::ops::Range<usize> = 124..136;
const CHECKSUM: std::ops::Range<usize> = 148..156;
const KIND: usize = 156;
const MAGIC: std::ops::Range<usize> = 257..262;
const PREFIX: std::ops::Range<usize> = 345..500;

impl<'a> Header<'a> {
    /// Reads a header; `None` is a block of zeros, the end of the archive.
    #[inline]
    pub(super) fn parse(block: &'a [u8; BLOCK]) -> Result<Option<Self>> {
        let claimed = octal(&block[CHECKSUM]);
        let sum = checksum(block);
        if claimed != Some(u64::from(sum)) {
            // Eight spaces stand for the checksum field: a block of zeros adds up to just them.
            if sum == 8 * u32::from(b' ') && block.iter().all(|&byte| byte == 0) {
                return Ok(None);
            }
            return Err(bad("a tar header's checksum does not match"));
        }
        let size = number(&block[SIZE]).ok_or_else(|| bad("a tar header's size is no number"))?;
        let kind = member_kind(block[KIND]);
        let size = if kind == MemberKind::Empty { 0 } else { size };
        // Only POSIX headers have a prefix; the old GNU form keeps times there.
        let posix = &block[257..263] == b"ustar\0";
        let prefix = if posix { text(&block[PREFIX]) } else { &[] };
        Ok(Some(Self { kind, size, name: text(&block[NAME]), prefix }))
    }

    /// Whether the member can be the payload of a sample with this key. Long names stand in full
    /// only in a header before this one.
    #[inline]
    fn may_be(&self, key: &str) -> bool {
        let short = self.prefix.is_empty() && key.len() + PAYLOAD_SUFFIX.len() <= NAME.len();
        let own = || self.name.strip_suffix(PAYLOAD_SUFFIX.as_bytes());
        !short || own() == Some(key.as_bytes())
    }

    /// Whether these bytes look like a tar header at all, whatever its checksum says.
    pub(super) fn has_magic(block: &[u8]) -> bool {
        block.get(MAGIC) == Some(b"ustar")
    }

    /// The size that a header claims whose checksum is wrong.
    #[cold]
    pub(super) fn claimed_size(block: &[u8; BLOCK]) -> Option<u64> {
        number(&block[SIZE])
    }

    /// Puts the member's name into `out`.
    #[inline]
    pub(super) fn name_into(&self, out: &mut String) {
        out.clear();
        if !self.prefix.is_empty() {
            push_lossy(self.prefix, out);
            out.push('/');
        }
        push_lossy(self.name, out);
    }
}

/// The size of the payload whose header is this block, when it is that of the sample with this
/// key: what a reader checks before it trusts an offset from an index.
///
/// # Errors
/// [`Kind::BadTarHeader`].
pub fn payload_at(block: &[u8; BLOCK], key: &str) -> Result<Option<u64>> {
    let header = Header::parse(block)?;
    Ok(header.filter(|h| h.kind == MemberKind::File && h.may_be(key)).map(|h| h.size))
}

const fn member_kind(flag: u8) -> MemberKind {
    match flag {
        b'0' | 0 | b'7' => MemberKind::File,
        b'L' => MemberKind::LongName,
        b'x' => MemberKind::Pax,
        b'1'..=b'6' => MemberKind::Empty,
        _ => MemberKind::Other,
    }
}

pub(super) fn push_lossy(bytes: &[u8], out: &mut String) {
    match std::str::from_utf8(bytes) {
        Ok(text) => out.push_str(text),
        Err(_) => out.push_str(&String::from_utf8_lossy(bytes)),
    }
}

fn text(field: &[u8]) -> &[u8] {
    field.split(|&byte| byte == 0).next().unwrap_or_default()
}

/// The sum of all bytes, the checksum's own taken as spaces.
#[inline]
fn checksum(block: &[u8; BLOCK]) -> u32 {
    let own: u32 = block[CHECKSUM].iter().map(|&byte| u32::from(byte)).sum();
    sum(block) - own + 8 * u32::from(b' ')
}

/// The sum of all bytes: every other byte of a word in a lane of 16 bits, which 64 words cannot
/// fill. Half the work of adding bytes one by one.
#[inline]
fn sum(block: &[u8; BLOCK]) -> u32 {
    const EVEN: u64 = 0x00ff_00ff_00ff_00ff;
    let (words, _) = block.as_chunks::<8>();
    let words = words.iter().map(|word| u64::from_ne_bytes(*word));
    let lanes: u64 = words.map(|word| (word & EVEN) + ((word >> 8) & EVEN)).sum();
    lanes
        .to_ne_bytes()
        .as_chunks::<2>()
        .0
        .iter()
        .map(|lane| u32::from(u16::from_ne_bytes(*lane)))
        .sum()
}

/// Octal digits, or GNU's binary form for numbers that do not fit.
fn number(field: &[u8]) -> Option<u64> {
    match field.split_first() {
        Some((0x80, rest)) => {
            let (high, low) = rest.split_at(rest.len().checked_sub(8)?);
            let value = u64::from_be_bytes(low.try_into().ok()?);
            high.iter().all(|&byte| byte == 0).then_some(value)
        }
        _ => octal(field),
    }
}

#[inline]
fn octal(field: &[u8]) -> Option<u64> {
    let mut value: u64 = 0;
    let mut digits = 0;
    for &byte in field {
        match byte {
            b'0'..=b'7' => {
                value = value.checked_mul(8)? | u64::from(byte - b'0');
                digits += 1;
            }
            b' ' if digits == 0 => {}
            b' ' | 0 => break,
            _ => return None,
        }
    }
    (digits > 0).then_some(value)
}

pub(super) fn bad(message: &str) -> Error {
    Error::new(Kind::BadTarHeader, message)
}
