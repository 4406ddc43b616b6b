//! A shard's manifest: how many samples it has, and what their fields hold, in a small JSON
//! document beside it.
//!
//! ```
//! use atdata_format::manifest::{Aggregate, Manifest};
//! let text = r#"{"manifest_version": "1.0.0", "shard_id": "train-000000", "num_samples": 2,
//!     "size_bytes": 4096, "aggregates": {"score": {"type": "numeric", "min": 0.5, "max": 1.0,
//!     "mean": 0.75, "count": 2}}}"#;
//! let manifest = Manifest::from_json(text.as_bytes())?;
//! assert_eq!(manifest.num_samples, 2);
//! assert!(matches!(manifest.aggregates["score"], Aggregate::Numeric { max: 1.0, .. }));
//! # Ok::<(), atdata_format::Error>(())
//! ```

mod aggregate;

pub use aggregate::{Aggregate, AggregateKind, MAX_VALUES};

use crate::error::{Error, Kind, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// The version of the manifests that are written.
pub const VERSION: &str = "1.0.0";

/// The largest manifest that is read, in bytes.
pub const MAX_BYTES: usize = 64 << 20;

/// What is known of one shard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`VERSION`].
    pub manifest_version: String,
    /// The shard's name without its extension.
    pub shard_id: String,
    /// The sample type's name.
    #[serde(default)]
    pub schema_type: String,
    /// The sample type's version.
    #[serde(default)]
    pub schema_version: String,
    /// The number of samples.
    pub num_samples: u64,
    /// The shard's size in bytes. The original Python package counts payloads only.
    #[serde(default)]
    pub size_bytes: u64,
    /// When it was written, as RFC 3339.
    #[serde(default)]
    pub created_at: String,
    /// What the fields hold, by name.
    #[serde(default)]
    pub aggregates: BTreeMap<String, Aggregate>,
    /// Where the data comes from, in the words of whoever wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provenance: Option<Json>,
}

impl Manifest {
    /// Reads a manifest, ours or the original's.
    ///
    /// # Errors
    /// [`Kind::BadManifest`] for anything else, [`Kind::TooLarge`] over [`MAX_BYTES`].
    pub fn from_json(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > MAX_BYTES {
            let message = format!("a manifest of {} bytes; at most {MAX_BYTES}", bytes.len());
            return Err(Error::new(Kind::TooLarge, message));
        }
        let bad = |message: String| Error::new(Kind::BadManifest, format!("manifest: {message}"));
        let manifest: Self = serde_json::from_slice(bytes).map_err(|e| bad(e.to_string()))?;
        match manifest.manifest_version.split('.').next() {
            Some("1") => Ok(manifest),
            _ => Err(bad(format!("version {} is not known", manifest.manifest_version))),
        }
    }

    /// The document.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        // Strings, numbers and maps with text keys: nothing here can fail to be JSON.
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }
}

/// What fields hold, as a manifest's JSON says it.
#[must_use]
pub fn to_json(aggregates: &BTreeMap<String, Aggregate>) -> String {
    serde_json::to_string(aggregates).unwrap_or_default()
}

/// The name of what lies beside a shard in place of its `.tar`: `train-000000.manifest.json`.
///
/// ```
/// use atdata_format::manifest::beside;
/// assert_eq!(beside("data/train-000000.tar", "json"), "data/train-000000.manifest.json");
/// ```
#[must_use]
pub fn beside(shard: &str, extension: &str) -> String {
    let stem = shard.strip_suffix(".tar").unwrap_or(shard);
    format!("{stem}.manifest.{extension}")
}
