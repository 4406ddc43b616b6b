//! Finds a condition's fields in a large payload without reading the rest of it.

use super::Filter;
use crate::error::{Error, Kind, Result};
use crate::msgpack::{Head, head};
use crate::tar::{Input, Window};

/// More than the header of any value has.
const HEAD: u64 = 9;

/// True, in place of a value of which is only asked whether it is `None`.
const SOMETHING: u8 = 0xc3;

/// A payload in a window, up to where it has been gone through.
struct Payload<'w, R> {
    window: &'w mut Window<R>,
    start: u64,
    end: u64,
}

impl Filter {
    /// Goes through a payload of `len` bytes, whose first is the window's next, until all fields
    /// of the condition are found, and puts those into `out` as a payload of their own. What is
    /// not asked for is passed over, not read, where the input can do that.
    ///
    /// # Errors
    /// What is wrong with the payload, [`Kind::ShardCutShort`], and what the input meets.
    pub fn gather<R: Input>(
        &self,
        window: &mut Window<R>,
        len: u64,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let start = window.position();
        let mut payload = Payload { window, start, end: start.saturating_add(len) };
        out.clear();
        out.extend_from_slice(&[0xdf, 0, 0, 0, 0]);
        let map = payload.head()?;
        if !map.is_map {
            let message = "the payload is not a map of field names to values";
            return Err(Error::new(Kind::NotAMap, message).at(0));
        }
        payload.take(map.len as u64, None)?;
        let (mut count, mut found) = (0u32, Found::default());
        for _ in 0..map.items / 2 {
            if found.all(self.valued.len()) {
                break;
            }
            if let Some(field) = self.gather_field(&mut payload, out)? {
                count += 1;
                found.note(field);
            }
        }
        if let Some(written) = out.get_mut(1..5) {
            written.copy_from_slice(&count.to_be_bytes());
        }
        Ok(())
    }

    /// One field; its number when the condition asks for it.
    fn gather_field<R: Input>(
        &self,
        payload: &mut Payload<'_, R>,
        out: &mut Vec<u8>,
    ) -> Result<Option<usize>> {
        let name = payload.head()?;
        if !name.is_text {
            let error = Error::new(Kind::NotAMap, "a field's name is not text");
            return Err(error.at(payload.at()));
        }
        let whole = (name.len as u64).saturating_add(name.body);
        let bytes = payload.peek(whole)?;
        let own = bytes.get(name.len..).unwrap_or_default();
        let wanted = self.expr.fields.iter().position(|field| field.as_bytes() == own);
        let Some(wanted) = wanted else {
            payload.take(whole, None)?;
            return payload.value(None).map(|()| None);
        };
        out.extend_from_slice(bytes);
        payload.take(whole, None)?;
        let is_none = payload.head()?.is_nil;
        if is_none || self.valued.get(wanted) == Some(&true) {
            payload.value(Some(out))?;
        } else {
            out.push(SOMETHING);
            payload.value(None)?;
        }
        Ok(Some(wanted))
    }
}

/// Which fields were found, each counted once however often it comes.
#[derive(Default)]
struct Found {
    seen: u128,
}

impl Found {
    fn note(&mut self, field: usize) {
        self.seen |= u32::try_from(field).ok().and_then(|at| 1u128.checked_shl(at)).unwrap_or(0);
    }

    /// Whether all of so many were; of more than fit in here, never.
    const fn all(&self, fields: usize) -> bool {
        self.seen.count_ones() as usize == fields
    }
}

impl<R: Input> Payload<'_, R> {
    /// How far into the payload.
    fn at(&self) -> u64 {
        self.window.position() - self.start
    }

    /// The next bytes, which must all be in the payload and in the shard.
    fn peek(&mut self, count: u64) -> Result<&[u8]> {
        let at = self.at();
        if count > self.end - self.window.position() || count > self.window.capacity() as u64 {
            return Err(cut_short(at));
        }
        let bytes = self.window.peek(count as usize)?;
        if (bytes.len() as u64) < count {
            return Err(shard_cut_short(at + bytes.len() as u64));
        }
        Ok(bytes)
    }

    /// The header of the next value.
    fn head(&mut self) -> Result<Head> {
        let at = self.at();
        let left = self.end - self.window.position();
        let bytes = self.peek(left.min(HEAD))?;
        head(bytes).map_err(|error| error.shifted(at))?.ok_or_else(|| cut_short(at))
    }

    /// Goes over a value and all that is in it, which is appended where that is asked for.
    fn value(&mut self, mut out: Option<&mut Vec<u8>>) -> Result<()> {
        let mut waiting = 1u64;
        while waiting > 0 {
            let head = self.head()?;
            self.take((head.len as u64).saturating_add(head.body), out.as_deref_mut())?;
            waiting = (waiting - 1).saturating_add(head.items);
        }
        Ok(())
    }

    /// Goes over bytes.
    fn take(&mut self, count: u64, out: Option<&mut Vec<u8>>) -> Result<()> {
        let at = self.at();
        if count > self.end - self.window.position() {
            return Err(cut_short(at));
        }
        let passed = match out {
            Some(out) => self.window.append(out, count as usize)? as u64,
            None => self.window.skip(count)?,
        };
        if passed < count { Err(shard_cut_short(at + passed)) } else { Ok(()) }
    }
}

/// Passes over the value that is next in a window, in a payload from `start` to `end`.
pub(crate) fn pass_value<R: Input>(window: &mut Window<R>, start: u64, end: u64) -> Result<()> {
    Payload { window, start, end }.value(None)
}

fn cut_short(at: u64) -> Error {
    let message = "the payload is cut short: it ends inside a value";
    Error::new(Kind::PayloadCutShort, message).at(at)
}

fn shard_cut_short(at: u64) -> Error {
    Error::new(Kind::ShardCutShort, "the shard is cut short: it ends inside a payload").at(at)
}
