//! Times, as people read them.

use std::time::{SystemTime, UNIX_EPOCH};

/// The day and minute of a time such as `2026-01-31T12:00:00.000000Z`; of anything else, nothing.
pub(crate) fn minute(at: &str) -> String {
    match (at.get(..10), at.get(10..11), at.get(11..16)) {
        (Some(day), Some("T"), Some(time)) => format!("{day} {time}"),
        _ => String::new(),
    }
}

/// How long ago that was, in one unit: `3 h`.
pub(crate) fn age(time: SystemTime) -> String {
    let seconds = time.elapsed().unwrap_or_default().as_secs();
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86400),
    }
}

/// Seconds since 1970.
pub(crate) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_of_what_is_a_time() {
        assert_eq!(minute("2026-01-31T12:34:56.000000Z"), "2026-01-31 12:34");
        assert_eq!(minute("2026-01-31T12:34:56+00:00"), "2026-01-31 12:34");
        assert_eq!((minute(""), minute("yesterday, about noon")), (String::new(), String::new()));
    }
}
