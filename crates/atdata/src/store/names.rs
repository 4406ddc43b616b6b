//! What shards are called in a store.

use crate::error::{Error, Result};
use std::fmt::Write;

/// The longest name that a data set may have, in characters.
pub const MAX_NAME: usize = 200;

/// Checks that a data set may have this name: 1 to [`MAX_NAME`] characters, no control characters,
/// no empty part between slashes and no `..` among them.
///
/// # Errors
/// [`Error::Invalid`] that says what is wrong with it.
///
/// ```
/// use atdata::store::check_name;
/// assert!(check_name("team/images v2").is_ok());
/// assert!(check_name("../images").is_err());
/// ```
pub fn check_name(name: &str) -> Result<()> {
    let wrong = if name.is_empty() {
        "it is empty"
    } else if name.chars().count() > MAX_NAME {
        "it has more than 200 characters"
    } else if name.contains(char::is_control) {
        "it holds a control character"
    } else if name.split('/').any(|part| part == "..") {
        "it holds `..`, which would leave the store"
    } else if name.split('/').any(str::is_empty) {
        "it begins or ends with `/` or has nothing between two of them"
    } else {
        return Ok(());
    };
    let shown: String = name.chars().take(60).flat_map(char::escape_debug).collect();
    Err(Error::Invalid(format!("a dataset cannot be called '{shown}': {wrong}")))
}

/// The folder of a name in a store: all but letters, digits, `-`, `_`, `.` and `/` percent-encoded.
///
/// # Errors
/// As [`check_name`].
///
/// ```
/// assert_eq!(atdata::store::prefix_of("cats & dogs")?, "cats%20%26%20dogs");
/// # Ok::<(), atdata::Error>(())
/// ```
pub fn prefix_of(name: &str) -> Result<String> {
    check_name(name)?;
    let mut prefix = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_./".contains(&byte) {
            prefix.push(char::from(byte));
        } else {
            let _ = write!(prefix, "%{byte:02X}");
        }
    }
    // A folder called `.` would be its parent.
    Ok(prefix
        .split('/')
        .map(|part| if part == "." { "%2E" } else { part })
        .collect::<Vec<_>>()
        .join("/"))
}

/// A prefix that shards may be put under, without a slash at its end.
///
/// # Errors
/// [`Error::Invalid`] for one that would leave its place.
pub(super) fn checked_prefix(prefix: &str) -> Result<&str> {
    let trimmed = prefix.strip_suffix('/').unwrap_or(prefix);
    let bad = |part: &str| matches!(part, "" | "." | "..") || part.contains(char::is_control);
    if prefix.len() > 1024 || (!trimmed.is_empty() && trimmed.split('/').any(bad)) {
        let shown: String = prefix.chars().take(80).flat_map(char::escape_default).collect();
        let message = format!("\"{shown}\" cannot be a folder in a store; use a name such as a/b");
        return Err(Error::Invalid(message));
    }
    Ok(trimmed)
}

/// What a shard is called: the same bytes always the same.
#[must_use]
pub fn shard_name(sha256: &[u8; 32], number: usize) -> String {
    let mut name = String::from("data--");
    for byte in &sha256[..16] {
        let _ = write!(name, "{byte:02x}");
    }
    let _ = write!(name, "--{number:06}.tar");
    name
}

/// Whether a file in a store is one that atdata writes: a shard, or something beside one. Nothing
/// else is ever listed or removed.
///
/// ```
/// use atdata::store::is_ours;
/// assert!(is_ours("data--0123456789abcdef0123456789abcdef--000001.tar.idx"));
/// assert!(is_ours("data--0123456789abcdef0123456789abcdef--000001.manifest.json"));
/// assert!(!is_ours("data-000001.tar"));
/// ```
#[must_use]
pub fn is_ours(file: &str) -> bool {
    shard_stem(file).is_some_and(|stem| ENDS.contains(&file.get(stem.len()..).unwrap_or("?")))
}

/// What names an unfinished upload: where its file would be, and the upload's id.
///
/// ```
/// use atdata::store::{upload_of, upload_url};
/// let file = "s3://team/data--0123456789abcdef0123456789abcdef--000001.tar";
/// let url = upload_url(file, "some/id");
/// assert_eq!(upload_of(&url), Some((file, "some/id".to_owned())));
/// assert_eq!(upload_of(file), None);
/// ```
#[must_use]
pub fn upload_url(file: &str, id: &str) -> String {
    format!("{file}{UPLOAD}{}", id.replace('%', "%25").replace('/', "%2F"))
}

/// Where the file of an unfinished upload would be and the upload's id, of what [`upload_url`] made.
#[must_use]
pub fn upload_of(url: &str) -> Option<(&str, String)> {
    // Folders may have any name, but this is never the end of a file's.
    let (file, id) = url.rsplit_once(UPLOAD).filter(|(_, id)| !id.contains('/'))?;
    let is_one = file.rsplit('/').next().is_some_and(is_ours);
    is_one.then(|| (file, id.replace("%2F", "/").replace("%25", "%")))
}

/// As S3 has it in its requests.
const UPLOAD: &str = "?uploadId=";

const ENDS: [&str; 4] = [".tar", ".tar.idx", ".manifest.json", ".manifest.parquet"];

/// The part of one of our files' names that all files of a shard share.
#[must_use]
pub fn shard_stem(file: &str) -> Option<&str> {
    let rest = file.strip_prefix("data--")?;
    let (hash, rest) = rest.split_once("--")?;
    let number = rest.split('.').next()?;
    let right = hash.len() == 32
        && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        && number.len() >= 6
        && number.bytes().all(|byte| byte.is_ascii_digit());
    right.then(|| file.get(..6 + hash.len() + 2 + number.len()))?
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_that_would_leave_the_store_are_refused() {
        let long = "x".repeat(10_000);
        for bad in ["", "/a", "a/", "a//b", "..", "a/../b", "a\0b", "a\nb", &long] {
            assert_eq!(check_name(bad).unwrap_err().kind(), "invalid_argument", "{bad:.20}");
        }
        assert_eq!(prefix_of("./a").unwrap(), "%2E/a");
    }

    proptest! {
        #[test]
        fn prefixes_are_harmless_and_differ(a in "\\PC{1,40}", b in "\\PC{1,40}") {
            let (Ok(x), Ok(y)) = (prefix_of(&a), prefix_of(&b)) else { return Ok(()) };
            prop_assert!(x.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./%".contains(&byte)));
            prop_assert!(x.split('/').all(|part| !part.is_empty() && part != "." && part != ".."));
            prop_assert_eq!(x == y, a == b);
        }

        #[test]
        fn shards_are_told_from_other_files(hash in any::<[u8; 32]>(), number in 0_usize..2_000_000, other in "\\PC{0,60}") {
            let name = shard_name(&hash, number);
            prop_assert!(is_ours(&name));
            prop_assert_eq!(shard_stem(&name), name.strip_suffix(".tar"));
            let upload = upload_url(&name, &other);
            prop_assert_eq!(upload_of(&upload), Some((name.as_str(), other.clone())));
            let below = format!("{upload}/{name}");
            prop_assert_eq!(upload_of(&below), None);
            let _ = is_ours(&other);
        }
    }
}
