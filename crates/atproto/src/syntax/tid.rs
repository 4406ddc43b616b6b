//! Timestamp identifiers: record keys that sort by time.

use super::{RecordKey, checked_text};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

const ALPHABET: &[u8; 32] = b"234567abcdefghijklmnopqrstuvwxyz";
const LENGTH: usize = 13;

checked_text!(
    /// A record key made of the time in microseconds and a number that keeps two machines apart.
    ///
    /// ```
    /// use atdata_atproto::Tid;
    /// assert!(Tid::now() < Tid::now());
    /// ```
    Tid,
    "a TID",
    |text| {
        let known = text.bytes().all(|byte| ALPHABET.contains(&byte));
        if text.len() == LENGTH && known && text.as_bytes()[0] <= b'j' {
            Ok(text.to_owned())
        } else {
            Err("it has 13 characters of 2-7 and a-z, the first at most j")
        }
    }
);

/// The time of the last one, so that no two of a process are alike.
static LAST: AtomicU64 = AtomicU64::new(0);

impl Tid {
    /// A new one, later than all that this process has made.
    #[must_use]
    pub fn now() -> Self {
        let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let now = u64::try_from(since.as_micros()).unwrap_or(0);
        let next = |last: u64| now.max(last + 1);
        let micros = LAST.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |last| Some(next(last)));
        let micros = next(micros.unwrap_or(0));
        Self::of(micros, clock_number())
    }

    fn of(micros: u64, clock: u64) -> Self {
        let bits = ((micros << 10) | (clock & 0x3ff)) & (u64::MAX >> 1);
        let digit = |place: usize| char::from(ALPHABET[(bits >> (5 * place)) as usize & 31]);
        Self((0..LENGTH).rev().map(digit).collect())
    }
}

/// A random number of ten bits; a forked process has its own.
fn clock_number() -> u64 {
    let mut bytes = [0; 2];
    match getrandom::fill(&mut bytes) {
        Ok(()) => u64::from(u16::from_le_bytes(bytes)),
        Err(_) => u64::from(std::process::id()),
    }
}

impl From<Tid> for RecordKey {
    fn from(tid: Tid) -> Self {
        Self::of_tid(tid.0)
    }
}
