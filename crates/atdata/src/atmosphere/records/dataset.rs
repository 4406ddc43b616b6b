//! Data sets as records.

use super::members::{Members, packed, put, put_link};
use super::{Link, Record, Storage, todays};
use crate::atmosphere::collections::{Lexicons, RecordKind};
use crate::error::Result;
use atdata_atproto::value;
use atdata_format::Value as Packed;
use serde_json::{Map, Value, json};

/// A data set, published.
#[derive(Debug, Clone, PartialEq)]
pub struct DatasetRecord {
    /// What it is called.
    pub name: String,
    /// The schema of its samples.
    pub schema: Link,
    /// Where its shards are.
    pub storage: Storage,
    /// What it is, in words.
    pub description: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// The licence.
    pub license: Option<String>,
    /// What else is known: a map.
    pub metadata: Option<Packed>,
    /// How large it is.
    pub size: Size,
    /// The identifier of its fields and its shards' hashes, wherever they are.
    pub content_cid: Option<String>,
    /// The shards' manifests, as the record has them.
    pub manifests: Option<Value>,
    /// When the record was made.
    pub created_at: String,
}

/// How large a data set is, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Size {
    /// In samples.
    pub samples: Option<u64>,
    /// In bytes.
    pub bytes: Option<u64>,
    /// In shards.
    pub shards: Option<u64>,
}

impl Record for DatasetRecord {
    const KIND: RecordKind = RecordKind::Dataset;

    fn name(&self) -> &str {
        &self.name
    }

    fn to_value(&self, lexicons: Lexicons) -> Result<Value> {
        let mut record = Map::new();
        record.insert("$type".to_owned(), lexicons.collection(Self::KIND).as_str().into());
        record.insert("name".to_owned(), self.name.as_str().into());
        put_link(&mut record, "schemaRef", "schemaCid", &self.schema);
        record.insert("storage".to_owned(), self.storage.to_value(lexicons)?);
        put(&mut record, "description", self.description.as_deref());
        put(&mut record, "tags", (!self.tags.is_empty()).then(|| json!(self.tags)));
        put(&mut record, "license", self.license.as_deref());
        let said = match lexicons {
            Lexicons::Foundation => packed,
            Lexicons::Science => todays::custom,
        };
        put(&mut record, "metadata", self.metadata.as_ref().map(said).transpose()?);
        put(&mut record, "size", self.size.to_value());
        put(&mut record, "contentCid", self.content_cid.as_deref());
        let manifests = self.manifests.clone();
        put(
            &mut record,
            "manifests",
            match lexicons {
                Lexicons::Foundation => manifests,
                Lexicons::Science => manifests.map(todays::manifests),
            },
        );
        record.insert("createdAt".to_owned(), self.created_at.as_str().into());
        Ok(Value::Object(record))
    }

    fn from_value(value: &Value, _: Lexicons) -> Result<Self> {
        let members = Members::of("a dataset", value)?;
        let storage =
            members.get("storage").ok_or_else(|| members.wrong("storage", "is missing"))?;
        let size = members.get("size").map(Size::from_value).transpose()?;
        Ok(Self {
            name: members.needed("name")?,
            schema: members.link("schemaRef", "schemaCid")?,
            storage: Storage::from_value(storage)?,
            description: members.owned("description")?,
            tags: members.texts("tags")?,
            license: members.owned("license")?,
            metadata: metadata(members)?,
            size: size.unwrap_or_default(),
            content_cid: members.owned("contentCid")?,
            manifests: members.get("manifests").cloned().map(todays::our_manifests),
            created_at: members.owned("createdAt")?.unwrap_or_default(),
        })
    }
}

fn metadata(members: Members<'_>) -> Result<Option<Packed>> {
    let is_packed = members.get("metadata").is_some_and(|found| value::as_bytes(found).is_some());
    let metadata = members.metadata("metadata")?;
    Ok(if is_packed { metadata } else { metadata.map(todays::uncustom) })
}

impl Size {
    fn to_value(self) -> Option<Value> {
        let mut size = Map::new();
        put(&mut size, "samples", self.samples);
        put(&mut size, "bytes", self.bytes);
        put(&mut size, "shards", self.shards);
        (!size.is_empty()).then_some(Value::Object(size))
    }

    fn from_value(value: &Value) -> Result<Self> {
        let members = Members::of("a dataset", value)?;
        Ok(Self {
            samples: members.count("samples")?,
            bytes: members.count("bytes")?,
            shards: members.count("shards")?,
        })
    }
}
