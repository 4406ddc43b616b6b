//! The protocol's identifiers, checked when they are made.

mod at_uri;
mod did;
mod handle;
mod nsid;
mod record_key;
mod tid;

pub use at_uri::AtUri;
pub use did::Did;
pub use handle::Handle;
pub use nsid::Nsid;
pub use record_key::RecordKey;
pub use tid::Tid;

use crate::error::Error;

/// A text that was checked: its type, what it is called in errors, and the check, which says what is wrong.
macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $what:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// Checks a text.
            ///
            /// # Errors
            /// [`Error::Syntax`](crate::Error::Syntax), which says what is wrong.
            pub fn parse(text: &str) -> $crate::Result<Self> {
                let check: fn(&str) -> Result<String, &'static str> = $check;
                check(text).map(Self).map_err(|why| $crate::syntax::not_a($what, text, why))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::Error;

            fn from_str(text: &str) -> $crate::Result<Self> {
                Self::parse(text)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}
use checked_text;

fn not_a(what: &str, text: &str, why: &str) -> Error {
    let shown: String = text.chars().take(100).collect();
    Error::Syntax(format!("{shown:?} is not {what}: {why}"))
}
