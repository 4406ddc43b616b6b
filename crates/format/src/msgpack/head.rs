//! Values by their headers only, for whoever passes over them.

use super::Walker;
use super::walker::unknown;
use crate::error::{Error, Kind, Result};

/// The header of a value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head {
    /// The bytes of the header itself, with the value where that is a number.
    pub(crate) len: usize,
    /// The bytes of text or data that follow.
    pub(crate) body: u64,
    /// The values that follow and belong to it.
    pub(crate) items: u64,
    pub(crate) is_nil: bool,
    pub(crate) is_text: bool,
    pub(crate) is_map: bool,
}

/// The header that these bytes begin with; `None` where they end in it.
#[inline]
pub(crate) fn head(bytes: &[u8]) -> Result<Option<Head>> {
    let Some(&marker) = bytes.first() else { return Ok(None) };
    let (len, body, items) = match marker {
        0x00..=0x7f | 0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 => (1, 0, 0),
        0x80..=0x8f => (1, 0, u64::from(marker & 0x0f) * 2),
        0x90..=0x9f => (1, 0, u64::from(marker & 0x0f)),
        0xa0..=0xbf => (1, u64::from(marker & 0x1f), 0),
        0xcc | 0xd0 => (2, 0, 0),
        0xcd | 0xd1 => (3, 0, 0),
        0xca | 0xce | 0xd2 => (5, 0, 0),
        0xcb | 0xcf | 0xd3 => (9, 0, 0),
        0xc4 | 0xd9 => (2, big_endian(bytes.get(1..2)), 0),
        0xc5 | 0xda => (3, big_endian(bytes.get(1..3)), 0),
        0xc6 | 0xdb => (5, big_endian(bytes.get(1..5)), 0),
        0xdc => (3, 0, big_endian(bytes.get(1..3))),
        0xdd => (5, 0, big_endian(bytes.get(1..5))),
        0xde => (3, 0, big_endian(bytes.get(1..3)) * 2),
        0xdf => (5, 0, big_endian(bytes.get(1..5)) * 2),
        _ => return Err(unknown(marker).at(0)),
    };
    if bytes.len() < len {
        return Ok(None);
    }
    let is_text = matches!(marker, 0xa0..=0xbf | 0xd9..=0xdb);
    let is_map = matches!(marker, 0x80..=0x8f | 0xde | 0xdf);
    Ok(Some(Head { len, body, items, is_nil: marker == 0xc0, is_text, is_map }))
}

fn big_endian(bytes: Option<&[u8]>) -> u64 {
    bytes.unwrap_or_default().iter().fold(0, |number, &byte| number << 8 | u64::from(byte))
}

impl Walker<'_> {
    /// Passes over the next value and all that is in it by its headers alone: text is not checked.
    ///
    /// # Errors
    /// Bytes that end too early, and bytes that start no value.
    #[inline]
    pub(crate) fn pass(&mut self) -> Result<()> {
        let mut waiting = 1u64;
        while waiting > 0 {
            let at = self.position() as u64;
            let found = head(self.rest()).map_err(|error| error.shifted(at))?;
            let whole = found.and_then(|head| {
                let whole = usize::try_from(head.body).ok()?.checked_add(head.len)?;
                (whole <= self.rest().len()).then_some((whole, head.items))
            });
            let Some((whole, items)) = whole else { return Err(cut_short(at)) };
            *self = self.after(whole);
            waiting = (waiting - 1).saturating_add(items);
        }
        Ok(())
    }
}

fn cut_short(at: u64) -> Error {
    let message = "the payload is cut short: it ends inside a value";
    Error::new(Kind::PayloadCutShort, message).at(at)
}
