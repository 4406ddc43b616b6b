//! What an entry's metadata says.

use crate::provider::Entry;
use atdata_format::Value;
use std::collections::HashMap;

/// The key of the map from shards' URLs to their SHA-256.
const CHECKSUMS: &str = "checksums";

/// The value under a key of a map.
pub(super) fn get<'a>(metadata: Option<&'a Value>, key: &str) -> Option<&'a Value> {
    let Some(Value::Map(pairs)) = metadata else { return None };
    let is_key = |(name, _): &&(Value, Value)| matches!(name, Value::Str(name) if name == key);
    pairs.iter().find(is_key).map(|(_, value)| value)
}

/// Puts a value under a key of a map, in place of what was there.
pub(super) fn set(pairs: &mut Vec<(Value, Value)>, key: &str, value: Value) {
    pairs.retain(|(name, _)| !matches!(name, Value::Str(name) if name == key));
    pairs.push((Value::Str(key.to_owned()), value));
}

/// An entry that knows the checksums of its shards.
#[cfg(feature = "atproto")]
pub(crate) fn with_checksums(
    mut entry: Entry,
    checksums: impl IntoIterator<Item = (String, String)>,
) -> Entry {
    entry.set_checksums(checksums);
    entry
}

impl Entry {
    /// What is known under a key of the metadata.
    #[must_use]
    pub fn about(&self, key: &str) -> Option<&Value> {
        get(self.metadata.as_ref(), key)
    }

    /// The SHA-256 in hex that a shard had when it was written, if that is known.
    #[must_use]
    pub fn checksum(&self, url: &str) -> Option<&str> {
        match get(self.about(CHECKSUMS), url) {
            Some(Value::Str(hex)) => Some(hex),
            _ => None,
        }
    }

    /// The SHA-256 in hex of shards, by address, as far as they are known.
    #[must_use]
    pub fn checksums(&self) -> HashMap<String, String> {
        let known = |url: &String| Some((url.clone(), self.checksum(url)?.to_owned()));
        self.data_urls.iter().filter_map(known).collect()
    }

    /// Keeps the checksums of shards.
    pub(super) fn set_checksums(&mut self, checksums: impl IntoIterator<Item = (String, String)>) {
        let text = |(url, hex)| (Value::Str(url), Value::Str(hex));
        let checksums: Vec<_> = checksums.into_iter().map(text).collect();
        if checksums.is_empty() {
            return;
        }
        let mut pairs = match self.metadata.take() {
            Some(Value::Map(pairs)) => pairs,
            _ => Vec::new(),
        };
        set(&mut pairs, CHECKSUMS, Value::Map(checksums));
        self.metadata = Some(Value::Map(pairs));
    }
}
