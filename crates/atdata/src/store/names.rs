//! What shards are called in a store.

use crate::error::{Error, Result};
use std::fmt::Write;

/// How many hex digits of its SHA-256 a shard's name has.
const DIGITS: usize = 32;

/// The name of a shard: `data--{32 hex}--{000000}.tar`.
pub(super) fn shard_name(sha256: &[u8; 32], number: usize) -> String {
    let mut name = String::from("data--");
    for byte in sha256.iter().take(DIGITS / 2) {
        let _ = write!(name, "{byte:02x}");
    }
    let _ = write!(name, "--{number:06}.tar");
    name
}

/// Whether a store has written a file of that name: a shard, or what lies beside one.
pub(super) fn is_ours(name: &str) -> bool {
    let Some((hex, rest)) =
        name.strip_prefix("data--").and_then(|rest| rest.split_at_checked(DIGITS))
    else {
        return false;
    };
    let is_hex = hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let number = rest.strip_prefix("--").and_then(|rest| rest.split_once('.'));
    let Some((number, suffix)) = number.filter(|_| is_hex) else { return false };
    let counted = number.len() >= 6 && number.bytes().all(|byte| byte.is_ascii_digit());
    let beside = |end: &str| end.starts_with('.') && end.len() > 1;
    let of_shard = suffix.strip_prefix("tar").is_some_and(|end| end.is_empty() || beside(end));
    counted && (of_shard || suffix.starts_with("manifest."))
}

/// A prefix that shards may be put under, without slashes at its ends.
///
/// # Errors
/// [`Error::Invalid`] for one that would leave its place.
pub(super) fn checked_prefix(prefix: &str) -> Result<&str> {
    let trimmed = prefix.strip_suffix('/').unwrap_or(prefix);
    let bad = |part: &str| matches!(part, "" | "." | "..") || part.contains(char::is_control);
    if prefix.len() > 512 || (!trimmed.is_empty() && trimmed.split('/').any(bad)) {
        let shown: String = prefix.chars().take(80).flat_map(char::escape_default).collect();
        let message = format!("\"{shown}\" cannot be a folder in a store; use a name such as a/b");
        return Err(Error::Invalid(message));
    }
    Ok(trimmed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_others() {
        let name = shard_name(&[0xab; 32], 7);
        assert_eq!(name, format!("data--{}--000007.tar", "ab".repeat(16)));
        let stem = name.trim_end_matches(".tar");
        for ours in [&name, &format!("{name}.idx"), &format!("{stem}.manifest.json")] {
            assert!(is_ours(ours), "{ours}");
        }
        let others = ["x.tar", "data--12--000000.tar", &format!("{stem}.txt"), &format!("{name}x")];
        for other in others.iter().chain([&format!("{stem}.tar.").as_str()]) {
            assert!(!is_ours(other), "{other}");
        }
    }

    #[test]
    fn prefixes_stay_in_their_place() {
        assert_eq!(checked_prefix("a/b c/").unwrap(), "a/b c");
        assert_eq!(checked_prefix("").unwrap(), "");
        for bad in ["/a", "a//b", "../a", "a/.", "a\n", &"x".repeat(600)] {
            assert!(checked_prefix(bad).is_err(), "{bad}");
        }
    }
}
