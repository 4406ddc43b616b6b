//! Where a data set's shards are, as its record says it.

use super::members::{Members, bad};
use crate::atmosphere::collections::Lexicons;
use crate::error::{Error, Result};
use atdata_atproto::BlobRef;
use serde_json::{Map, Value, json};

const FOUNDATION: &str = "ac.foundation.dataset";
const SCIENCE: &str = "science.alt.dataset";
const SHA256: &str = "sha256";

/// Where the shards are.
#[derive(Debug, Clone, PartialEq)]
pub enum Storage {
    /// At addresses anywhere.
    External(Vec<ExternalShard>),
    /// On the publisher's server.
    Blobs(Vec<BlobRef>),
}

/// A shard, or a pattern of several, at an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalShard {
    /// Its URL, or a pattern with braces.
    pub url: String,
    /// Its SHA-256 in hex, if the record says it.
    pub sha256: Option<String>,
}

impl Storage {
    /// `external` or `blobs`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::External(_) => "external",
            Self::Blobs(_) => "blobs",
        }
    }

    pub(super) fn to_value(&self, lexicons: Lexicons) -> Result<Value> {
        Ok(match (lexicons, self) {
            (Lexicons::Foundation, Self::External(shards)) => foundation_external(shards),
            (Lexicons::Foundation, Self::Blobs(blobs)) => {
                let blobs: Vec<Value> = blobs.iter().map(BlobRef::to_value).collect();
                json!({"$type": format!("{FOUNDATION}.storageBlobs"), "blobs": blobs})
            }
            (Lexicons::Science, Self::External(shards)) => science_external(shards)?,
            (Lexicons::Science, Self::Blobs(blobs)) => {
                let shards: Vec<Value> = blobs.iter().map(science_blob).collect();
                json!({"$type": format!("{SCIENCE}.storageBlobs"), "blobs": shards})
            }
        })
    }

    pub(super) fn from_value(value: &Value) -> Result<Self> {
        let members = Members::of("a dataset", value)?;
        let kind = members.text("$type")?.unwrap_or_default();
        match kind.rsplit_once('.').map_or(kind, |(_, kind)| kind) {
            "storageBlobs" => read_blobs(members),
            "storageExternal" => read_external(members),
            "storageHttp" => read_shards(members, "url", |url| Ok(url.to_owned())),
            "storageS3" => read_bucket(members),
            _ => Err(bad("a dataset", &format!("there is no storage {kind:.80}"))),
        }
    }
}

fn checksum(sha256: &str) -> Value {
    json!({"algorithm": SHA256, "digest": sha256})
}

fn foundation_external(shards: &[ExternalShard]) -> Value {
    let urls: Vec<&str> = shards.iter().map(|shard| shard.url.as_str()).collect();
    let checksums: Option<Vec<Value>> =
        shards.iter().map(|shard| shard.sha256.as_deref().map(checksum)).collect();
    let mut storage = Map::new();
    storage.insert("$type".to_owned(), format!("{FOUNDATION}.storageExternal").into());
    storage.insert("urls".to_owned(), json!(urls));
    storage.extend(checksums.map(|checksums| ("checksums".to_owned(), Value::Array(checksums))));
    Value::Object(storage)
}

fn science_external(shards: &[ExternalShard]) -> Result<Value> {
    let known = |shard: &ExternalShard| {
        let known = shard.sha256.as_deref().map(checksum);
        known.ok_or_else(|| {
            let message = "these lexicons need a checksum of every shard, and this one has none; \
                           write the dataset into an index first, or leave lexicons as it is";
            Error::Invalid(format!("{}: {message}", crate::source::shown(&shard.url)))
        })
    };
    let shards: Vec<Value> = shards
        .iter()
        .map(|shard| Ok(json!({"url": shard.url, "checksum": known(shard)?})))
        .collect::<Result<_>>()?;
    Ok(json!({"$type": format!("{SCIENCE}.storageHttp"), "shards": shards}))
}

fn science_blob(blob: &BlobRef) -> Value {
    let hash = atdata_atproto::cid::sha256(&blob.cid);
    let hex = hash.map(|hash| crate::index::hex(&hash)).unwrap_or_default();
    json!({"blob": blob.to_value(), "checksum": checksum(&hex)})
}

fn read_blobs(members: Members<'_>) -> Result<Storage> {
    let blobs = members.list("blobs")?.unwrap_or_default().iter();
    // Today's records have the blob in an object, beside its checksum.
    let blob = |value: &Value| BlobRef::from_value(value.get("blob").unwrap_or(value));
    let blobs = blobs.map(blob).collect::<std::result::Result<Vec<_>, _>>();
    Ok(Storage::Blobs(blobs.map_err(|error| members.wrong("blobs", &error.to_string()))?))
}

fn read_external(members: Members<'_>) -> Result<Storage> {
    let urls = members.texts("urls")?;
    let checksums = members.list("checksums")?.unwrap_or_default();
    if !checksums.is_empty() && checksums.len() != urls.len() {
        return Err(members.wrong("checksums", "are not as many as the urls"));
    }
    let hash = |place: usize| checksums.get(place).map_or(Ok(None), read_checksum);
    let shard = |(place, url)| Ok(ExternalShard { url, sha256: hash(place)? });
    Ok(Storage::External(urls.into_iter().enumerate().map(shard).collect::<Result<_>>()?))
}

fn read_shards(
    members: Members<'_>,
    key: &str,
    url: impl Fn(&str) -> Result<String>,
) -> Result<Storage> {
    let shard = |value: &Value| {
        let shard = Members::of("a dataset", value)?;
        let sha256 = shard.get("checksum").map_or(Ok(None), read_checksum)?;
        Ok(ExternalShard { url: url(&shard.needed(key)?)?, sha256 })
    };
    let shards = members.list("shards")?.unwrap_or_default();
    Ok(Storage::External(shards.iter().map(shard).collect::<Result<_>>()?))
}

fn read_bucket(members: Members<'_>) -> Result<Storage> {
    let bucket = members.needed("bucket")?;
    let endpoint = members.text("endpoint")?.map(|url| url.trim_end_matches('/'));
    read_shards(members, "key", |key| {
        let key = key.trim_start_matches('/');
        Ok(match endpoint {
            Some(endpoint) => format!("{endpoint}/{bucket}/{key}"),
            None => format!("s3://{bucket}/{key}"),
        })
    })
}

/// The SHA-256 of a checksum; of other algorithms nothing is known here.
fn read_checksum(value: &Value) -> Result<Option<String>> {
    let members = Members::of("a dataset", value)?;
    let algorithm = members.text("algorithm")?.unwrap_or_default().to_ascii_lowercase();
    if !matches!(algorithm.as_str(), "sha256" | "sha-256" | "sha2-256") {
        return Ok(None);
    }
    let digest = members.needed("digest")?.to_ascii_lowercase();
    let digest = digest.trim_start_matches("sha256:");
    let is_hash = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hash {
        Ok(Some(digest.to_owned()))
    } else {
        Err(members.wrong("digest", "is no SHA-256"))
    }
}
