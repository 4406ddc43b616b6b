//! Times as records say them, in whatever zone.

use std::time::{Duration, SystemTime};

/// A time such as `2026-01-31T12:00:00Z` or `2026-01-31T14:00:00.5+02:00`.
pub(super) fn moment(text: &str) -> Option<SystemTime> {
    const OFFSET: usize = "+02:00".len();
    if text.ends_with('Z') {
        return humantime::parse_rfc3339(text).ok();
    }
    let (local, offset) = text.split_at_checked(text.len().checked_sub(OFFSET)?)?;
    let local = humantime::parse_rfc3339(&format!("{local}Z")).ok()?;
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    let minutes = hours.parse::<u64>().ok()? * 60 + minutes.parse::<u64>().ok()?;
    let offset_by = Duration::from_secs(minutes * 60);
    match offset.as_bytes().first()? {
        b'+' => local.checked_sub(offset_by),
        b'-' => local.checked_add(offset_by),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_all_zones_are_compared_as_times() {
        let noon = moment("2026-01-31T12:00:00Z").unwrap();
        assert_eq!(moment("2026-01-31T14:00:00+02:00"), Some(noon));
        assert_eq!(moment("2026-01-31T06:30:00.000-05:30"), Some(noon));
        assert!(moment("2026-01-31T13:59:59.999+02:00") < Some(noon));
        for broken in ["", "noon", "2026-01-31", "2026-01-31T12:00:00", "2026-01-31T12:00:00é2:00"]
        {
            assert_eq!(moment(broken), None, "{broken}");
        }
    }
}
