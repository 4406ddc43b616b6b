//! References to the schemas of an index: `atdata://local/sampleSchema/{Name}@{version}`.

use crate::error::{Error, Kind, Result};
use crate::key::quote;
use crate::schema::Version;
use std::fmt;
use std::str::FromStr;

/// The longest reference that is read, in bytes.
const MAX_LEN: usize = 2048;

/// The kinds of resource that mean a schema: ours, and the one that later releases of the original
/// write.
const SCHEMA_KINDS: [&str; 2] = ["sampleSchema", "schema"];

/// A reference to a schema in an index; without a version it means the highest.
///
/// Four forms are read: `atdata://local/sampleSchema/{Name}@{version}`, the same with `schema`, and
/// the older `local://schemas/{module.Name}@{version}` and `local://schemas/{Name}@{version}`. The
/// first is written.
///
/// ```
/// use atdata_format::uri::SchemaRef;
/// let old: SchemaRef = "local://schemas/examples.Image@1.2.0".parse()?;
/// assert_eq!(old.name, "Image");
/// assert_eq!(old.to_string(), "atdata://local/sampleSchema/Image@1.2.0");
/// let newest: SchemaRef = "atdata://local/schema/Image".parse()?;
/// assert_eq!(newest.version, None);
/// # Ok::<(), atdata_format::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SchemaRef {
    /// The schema's name.
    pub name: String,
    /// Its version; the highest where there is none.
    pub version: Option<Version>,
}

impl SchemaRef {
    /// A reference to one version of a schema.
    pub fn new(name: impl Into<String>, version: Version) -> Self {
        Self { name: name.into(), version: Some(version) }
    }

    /// Reads one of the four forms.
    ///
    /// # Errors
    /// [`Kind::BadReference`] for every other text.
    pub fn parse(text: &str) -> Result<Self> {
        let name = if text.len() > MAX_LEN { None } else { named(text) };
        let name = name.ok_or_else(|| unknown(text))?;
        let (name, version) = match name.rsplit_once('@') {
            Some((name, version)) => (name, Some(Version::parse(version)?)),
            None => (name, None),
        };
        let broken = |c: char| c.is_control() || matches!(c, '/' | '@');
        if name.is_empty() || name.contains(broken) {
            return Err(unknown(text));
        }
        Ok(Self { name: name.to_owned(), version })
    }
}

/// What follows the part that says that a schema of an index is meant.
fn named(text: &str) -> Option<&str> {
    if let Some(rest) = text.strip_prefix("local://schemas/") {
        // A class is known by its own name, wherever it was defined; a version has dots too.
        let end = rest.find('@').unwrap_or(rest.len());
        let start = rest.get(..end)?.rfind('.').map_or(0, |dot| dot + 1);
        return rest.get(start..);
    }
    let (kind, name) = text.strip_prefix("atdata://local/")?.split_once('/')?;
    SCHEMA_KINDS.contains(&kind).then_some(name)
}

fn unknown(text: &str) -> Error {
    let message = format!(
        "{} is no reference to a schema of an index; \
         one looks like atdata://local/sampleSchema/Image@1.0.0",
        quote(text)
    );
    Error::new(Kind::BadReference, message)
}

impl FromStr for SchemaRef {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl fmt::Display for SchemaRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "atdata://local/sampleSchema/{}", self.name)?;
        self.version.map_or(Ok(()), |version| write!(f, "@{version}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn other_texts_are_refused() {
        let long = format!("local://schemas/{}", "x".repeat(3000));
        for bad in [
            "",
            "Image@1.0.0",
            "at://did:plc:abc/ac.foundation.dataset.sampleSchema/x",
            "atdata://local/dataset/x",
            "atdata://local/sampleSchema/",
            "atdata://local/sampleSchema/a/b@1.0.0",
            "atdata://local/sampleSchema/a\n@1.0.0",
            "local://schemas/@1.0.0",
            &long,
        ] {
            assert_eq!(SchemaRef::parse(bad).unwrap_err().kind(), Kind::BadReference, "{bad:.80}");
        }
        let bad_version = SchemaRef::parse("atdata://local/sampleSchema/a@one").unwrap_err();
        assert_eq!(bad_version.kind(), Kind::BadSchema);
    }

    proptest! {
        #[test]
        fn texts_come_back(name in "[A-Za-z_][A-Za-z0-9_]{0,20}", v in any::<(u64, u64, u64)>()) {
            let version = Version { major: v.0, minor: v.1, patch: v.2 };
            let written = SchemaRef::new(&name, version);
            prop_assert_eq!(&SchemaRef::parse(&written.to_string()).unwrap(), &written);
            let old = format!("local://schemas/some.module.{name}@{version}");
            prop_assert_eq!(SchemaRef::parse(&old).unwrap(), written);
        }
    }
}
