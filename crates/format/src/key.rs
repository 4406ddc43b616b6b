//! Names of samples and members: which keys a writer accepts, and how a member's name is taken apart.
//!
//! A reader takes every name as it is: a name, never a path. Only writers are held to the rules, since
//! a tar reader of others takes `a.b.msgpack` apart at its first dot.

use crate::error::{Error, Kind, Result};

/// The longest key that a writer accepts, in bytes.
pub const MAX_KEY_LEN: usize = 4096;

/// What a payload member's name ends in, after its key.
pub const PAYLOAD_SUFFIX: &str = ".msgpack";

/// Checks that a sample may be written under this key.
///
/// A key is 1 to [`MAX_KEY_LEN`] bytes, without dots (so without `..`), without control characters,
/// and does not start or end with `/`.
///
/// # Errors
/// [`Kind::BadKey`], naming the key and what to do.
///
/// ```
/// use atdata_format::key::check_key;
/// assert!(check_key("train/cat_0001").is_ok());
/// assert!(check_key("cat.1").unwrap_err().message().contains("rename_dots"));
/// ```
pub fn check_key(key: &str) -> Result<()> {
    match advice(key) {
        None => Ok(()),
        Some(advice) => Err(Error::new(Kind::BadKey, format!("key {}: {advice}", quote(key)))),
    }
}

/// What is wrong with a key and what to do about it.
fn advice(key: &str) -> Option<&'static str> {
    // What keys are made of by far most often is told at a glance.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !key.is_empty() && key.len() <= MAX_KEY_LEN && key.bytes().all(plain) {
        return None;
    }
    if key.is_empty() {
        Some("it is empty; give every sample a name")
    } else if key.len() > MAX_KEY_LEN {
        Some("it is longer than 4096 bytes; shorten it")
    } else if key.contains(char::is_control) {
        Some("it holds a control character; take it out")
    } else if key.starts_with('/') || key.ends_with('/') {
        Some("it starts or ends with `/`; take that slash away")
    } else if key.contains('.') {
        Some("readers cut a key at its first dot; take the dots out, or use `rename_dots`")
    } else {
        None
    }
}

/// The key with every dot turned into an underscore.
///
/// Two keys can become one: `a.b` and `a_b` do.
///
/// ```
/// assert_eq!(atdata_format::key::rename_dots("v1.5/cat.1"), "v1_5/cat_1");
/// ```
#[must_use]
pub fn rename_dots(key: &str) -> String {
    key.replace('.', "_")
}

/// Takes a member's name apart into the key of its sample and the suffix without its dot.
///
/// `{key}.msgpack` is a typed payload: its key is all before that. Any other name is cut at the
/// first dot of its last path component, as `WebDataset` does; without one, the suffix is empty.
///
/// ```
/// use atdata_format::key::split_name;
/// assert_eq!(split_name("a.b.msgpack"), ("a.b", "msgpack"));
/// assert_eq!(split_name("v1.5/cat.seg.png"), ("v1.5/cat", "seg.png"));
/// assert_eq!(split_name("README"), ("README", ""));
/// ```
#[must_use]
pub fn split_name(name: &str) -> (&str, &str) {
    if let Some(key) = name.strip_suffix(PAYLOAD_SUFFIX) {
        return (key, "msgpack");
    }
    let base = name.rfind('/').map_or(0, |slash| slash + 1);
    let dot = name.bytes().skip(base).position(|byte| byte == b'.');
    dot.and_then(|at| Some((name.get(..base + at)?, name.get(base + at + 1..)?)))
        .unwrap_or((name, ""))
}

/// Text of others in a message: quoted, escaped and at most 60 characters of it.
pub(crate) fn quote(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{:?}... ({} bytes)", text.get(..end).unwrap_or(""), text.len()),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_that_readers_would_take_apart_are_refused() {
        for bad in ["", "a.b", "../a", "..", "/etc", "a/", "a\nb", "a\0", "a\u{7f}", "\u{85}"] {
            assert_eq!(check_key(bad).unwrap_err().kind(), Kind::BadKey, "{bad:?}");
        }
        assert!(check_key(&"k".repeat(4096)).is_ok());
        let error = check_key(&"k".repeat(4097)).unwrap_err();
        assert!(error.message().len() < 200, "{error}");
        assert!(check_key("héllo wörld/x-1_2").is_ok());
    }

    #[test]
    fn names_of_members() {
        assert_eq!(split_name(".msgpack"), ("", "msgpack"));
        assert_eq!(split_name("a/.hidden"), ("a/", "hidden"));
        assert_eq!(split_name("é/ü.jpg"), ("é/ü", "jpg"));
        assert_eq!(split_name(""), ("", ""));
        assert_eq!(split_name("a."), ("a", ""));
    }

    proptest! {
        #[test]
        fn an_accepted_key_comes_back(key in "[a-z0-9_/é. -]{0,20}", suffix in "[a-z]{1,5}") {
            if check_key(&key).is_ok() {
                let payload = format!("{key}.msgpack");
                prop_assert_eq!(split_name(&payload).0, &key);
                let other = format!("{key}.{suffix}");
                prop_assert_eq!(split_name(&other), (key.as_str(), suffix.as_str()));
            }
        }

        #[test]
        fn splitting_and_quoting_never_panic(name in any::<String>()) {
            let (key, suffix) = split_name(&name);
            prop_assert!(key.len() + suffix.len() <= name.len());
            prop_assert!(!quote(&name).is_empty());
        }
    }
}
