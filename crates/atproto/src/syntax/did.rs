//! Decentralized identifiers.

use super::checked_text;

const MAX: usize = 2048;

checked_text!(
    /// A decentralized identifier: `did:plc:…` or `did:web:…`, or of another method.
    ///
    /// ```
    /// use atdata_atproto::Did;
    /// assert_eq!(Did::parse("did:plc:abc123")?.method(), "plc");
    /// assert!(Did::parse("did:plc:").is_err());
    /// # Ok::<(), atdata_atproto::Error>(())
    /// ```
    Did,
    "a DID",
    |text| {
        let rest = text.strip_prefix("did:").ok_or("it does not begin with did:")?;
        let (method, id) = rest.split_once(':').ok_or("a DID is did:method:identifier")?;
        if text.len() > MAX {
            return Err("it is longer than 2048 characters");
        }
        if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Err("its method is not a word in lower case");
        }
        if id.is_empty() || id.ends_with([':', '%']) || !id.bytes().all(allowed) {
            return Err("its identifier is empty or has characters that a DID cannot have");
        }
        Ok(text.to_owned())
    }
);

fn allowed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._:%-".contains(&byte)
}

impl Did {
    /// `plc`, `web`, ...
    #[must_use]
    pub fn method(&self) -> &str {
        self.0.split(':').nth(1).unwrap_or_default()
    }

    /// What follows the method.
    #[must_use]
    pub fn identifier(&self) -> &str {
        self.0.splitn(3, ':').nth(2).unwrap_or_default()
    }
}
