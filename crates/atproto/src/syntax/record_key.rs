//! Record keys.

use super::checked_text;

checked_text!(
    /// The name of a record within its collection.
    ///
    /// ```
    /// use atdata_atproto::RecordKey;
    /// assert!(RecordKey::parse("Image:1.0.0").is_ok());
    /// assert!(RecordKey::parse("Image@1.0.0").is_err());
    /// # Ok::<(), atdata_atproto::Error>(())
    /// ```
    RecordKey,
    "a record key",
    |text| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._:~-".contains(&byte);
        if !(1..=512).contains(&text.len()) {
            return Err("it has 1 to 512 characters");
        }
        if text == "." || text == ".." {
            return Err("it cannot be . or ..");
        }
        if !text.bytes().all(allowed) {
            return Err("it has letters, digits and . _ : ~ -");
        }
        Ok(text.to_owned())
    }
);

impl RecordKey {
    /// A TID is a record key as it is.
    pub(super) const fn of_tid(tid: String) -> Self {
        Self(tid)
    }
}
