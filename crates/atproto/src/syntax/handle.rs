//! Handles: domain names that people are known by.

use super::checked_text;

checked_text!(
    /// A handle, in lower case.
    ///
    /// ```
    /// use atdata_atproto::Handle;
    /// assert_eq!(Handle::parse("Alice.Example.com")?.as_str(), "alice.example.com");
    /// assert!(Handle::parse("alice").is_err());
    /// # Ok::<(), atdata_atproto::Error>(())
    /// ```
    Handle,
    "a handle",
    |text| {
        let labels: Vec<&str> = text.split('.').collect();
        if text.len() > 253 {
            return Err("it is longer than 253 characters");
        }
        if labels.len() < 2 {
            return Err("a handle is a domain name, such as alice.example.com");
        }
        if !labels.iter().all(|label| is_label(label)) {
            return Err("its parts have letters, digits and inner hyphens, 1 to 63 of them");
        }
        if labels.last().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_digit())) {
            return Err("its last part begins with a digit");
        }
        Ok(text.to_ascii_lowercase())
    }
);

fn is_label(label: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&label.len())
        && label.bytes().all(inner)
        && !label.starts_with('-')
        && !label.ends_with('-')
}
