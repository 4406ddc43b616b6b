//! Namespaced identifiers: names of collections and methods.

use super::checked_text;

checked_text!(
    /// The name of a collection or a method, such as `com.atproto.repo.getRecord`.
    Nsid,
    "an NSID",
    |text| {
        let parts: Vec<&str> = text.split('.').collect();
        let Some((name, authority)) = parts.split_last() else { return Err("it is empty") };
        if text.len() > 317 || authority.len() < 2 {
            return Err("it has three parts or more, such as com.example.record");
        }
        let part = |part: &&str| {
            (1..=63).contains(&part.len())
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !part.starts_with('-')
                && !part.ends_with('-')
        };
        if !authority.iter().all(part) || authority[0].starts_with(|c: char| c.is_ascii_digit()) {
            return Err("its parts have letters, digits and inner hyphens");
        }
        let named = (1..=63).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && !name.starts_with(|c: char| c.is_ascii_digit());
        if named { Ok(text.to_owned()) } else { Err("its last part has letters and digits") }
    }
);
