//! Versions of schemas: three numbers, compared from left to right.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Kind, Result};
use crate::key::quote;

/// A version `major.minor.patch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Raised when old readers break.
    pub major: u64,
    /// Raised when something is added.
    pub minor: u64,
    /// Raised for everything else.
    pub patch: u64,
}

impl Version {
    /// What a schema is published as first: `1.0.0`.
    pub const FIRST: Self = Self { major: 1, minor: 0, patch: 0 };

    /// Reads three numbers without leading zeros; pre-releases and build data are not versions here.
    ///
    /// # Errors
    /// [`Kind::BadSchema`].
    ///
    /// ```
    /// use atdata_format::schema::Version;
    /// let version = Version::parse("1.9.0")?;
    /// assert!(version < Version::parse("1.10.0")?);
    /// assert_eq!(version.next_patch().to_string(), "1.9.1");
    /// # Ok::<(), atdata_format::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self> {
        let mut parts = text.split('.');
        let mut next = || parts.next().and_then(number);
        let version = (next(), next(), next());
        match (version, parts.next()) {
            ((Some(major), Some(minor), Some(patch)), None) => Ok(Self { major, minor, patch }),
            _ => {
                let message = format!("version {}: expected one like 1.0.0", quote(text));
                Err(Error::new(Kind::BadSchema, message))
            }
        }
    }

    /// The version after this one when nothing of note changed.
    #[must_use]
    pub fn next_patch(self) -> Self {
        Self { patch: self.patch.saturating_add(1), ..self }
    }

    /// The version after this one when something was added that old data can do without.
    #[must_use]
    pub fn next_minor(self) -> Self {
        Self { minor: self.minor.saturating_add(1), patch: 0, ..self }
    }

    /// The version after this one when old data or old readers break.
    #[must_use]
    pub fn next_major(self) -> Self {
        Self { major: self.major.saturating_add(1), minor: 0, patch: 0 }
    }
}

fn number(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    if plain && (text == "0" || !text.starts_with('0')) { text.parse().ok() } else { None }
}

impl FromStr for Version {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_three_plain_numbers() {
        let long = "1".repeat(30);
        for bad in
            ["", "1", "1.0", "1.0.0.0", "01.0.0", "1.0.-1", "1.0.0-rc1", "1. 0.0", "1..0", &long]
        {
            assert_eq!(Version::parse(bad).unwrap_err().kind(), Kind::BadSchema, "{bad}");
        }
        assert_eq!(Version::parse("1.0.0").unwrap(), Version::FIRST);
    }

    proptest! {
        #[test]
        fn versions_come_back_in_order(a in any::<(u64, u64, u64)>(), b in any::<(u64, u64, u64)>()) {
            let version = |(major, minor, patch)| Version { major, minor, patch };
            let (x, y) = (version(a), version(b));
            prop_assert_eq!(Version::parse(&x.to_string()).unwrap(), x);
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
        }
    }
}
