//! Memory for large batches.

use atdata_format::batch::Memory;
use std::ops::RangeInclusive;
use std::sync::Mutex;

/// From here on huge pages pay.
const LARGE: usize = 4 << 20;

/// What is worth being kept for the next batch, and not too much to be kept.
const WORTHWHILE: RangeInclusive<usize> = 64 * 1024..=32 << 20;

/// How much is kept at a time.
const KEPT: usize = 2;

/// Memory of batches that is used again.
///
/// A batch's columns are megabytes that the system would clear for us page by page, only to be
/// written over: for batches of 1 MB that costs a quarter of reading them.
#[derive(Debug, Default)]
pub struct Recycled {
    spare: Mutex<Vec<Vec<u8>>>,
}

impl Recycled {
    /// Takes back what nobody looks at any more.
    pub fn give_back(&self, mut memory: Vec<u8>) {
        memory.clear();
        // Not waited for: in a forked process, whoever holds it may not exist.
        if WORTHWHILE.contains(&memory.capacity())
            && let Ok(mut spare) = self.spare.try_lock()
            && spare.len() < KEPT
        {
            spare.push(memory);
        }
    }

    fn take(&self, bytes: usize) -> Option<Vec<u8>> {
        let mut spare = self.spare.try_lock().ok()?;
        match spare.iter().position(|memory| memory.capacity() >= bytes) {
            Some(at) => Some(spare.swap_remove(at)),
            None => {
                // Too small for what comes now: not kept for ever.
                spare.pop();
                None
            }
        }
    }
}

impl Memory for Recycled {
    fn reserve(&self, bytes: usize) -> Vec<u8> {
        let again = if WORTHWHILE.contains(&bytes) { self.take(bytes) } else { None };
        again.unwrap_or_else(|| fresh(bytes))
    }
}

/// An empty vector with room for so many bytes.
///
/// A batch of images is tens of megabytes that have never been touched. In pages of 4 KiB the
/// first touch of each costs more than the copy into it (measured: 14 ms against 4.5 ms for 19 MB),
/// so the system is asked for huge pages.
fn fresh(bytes: usize) -> Vec<u8> {
    let room = Vec::with_capacity(bytes);
    if bytes >= LARGE {
        advise_huge_pages(&room);
    }
    room
}

#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "advice on our own memory; three times faster on first use")]
fn advise_huge_pages(room: &Vec<u8>) {
    use rustix::mm::{Advice, madvise};
    const PAGE: usize = 4096;
    let start = room.as_ptr().align_offset(PAGE);
    let Some(length) = room.capacity().checked_sub(start) else { return };
    let first = room.as_ptr().wrapping_add(start).cast_mut();
    // SAFETY: whole pages inside of an allocation that `room` owns; this advice changes neither
    // what is in them nor who may use them. That it is not taken is no error.
    let _ = unsafe { madvise(first.cast(), length / PAGE * PAGE, Advice::LinuxHugepage) };
}

#[cfg(not(target_os = "linux"))]
const fn advise_huge_pages(_: &Vec<u8>) {}
