//! Sample types as records.

use super::members::{Members, bad, object_or_packed, put};
use super::{Record, json_schema};
use crate::atmosphere::collections::{Lexicons, RecordKind};
use crate::error::Result;
use atdata_format::Value as Packed;
use atdata_format::schema::Schema;
use serde_json::{Map, Value, json};

/// What comes before `#primitive` and its like.
const TYPES: &str = "ac.foundation.dataset.schemaType";

/// A sample type, published.
#[derive(Debug, Clone, PartialEq)]
pub struct SchemaRecord {
    /// The type, with its version.
    pub schema: Schema,
    /// What else was said of it: a map.
    pub metadata: Option<Packed>,
    /// When it was made.
    pub created_at: String,
}

impl Record for SchemaRecord {
    const KIND: RecordKind = RecordKind::Schema;

    fn name(&self) -> &str {
        &self.schema.name
    }

    fn to_value(&self, lexicons: Lexicons) -> Result<Value> {
        let version = self.schema.version.as_deref().unwrap_or("1.0.0");
        let mut record = Map::new();
        record.insert("$type".to_owned(), lexicons.collection(Self::KIND).as_str().into());
        record.insert("name".to_owned(), self.schema.name.as_str().into());
        record.insert("version".to_owned(), version.into());
        match lexicons {
            Lexicons::Foundation => {
                let fields = with_whole_numbers(self.schema.fields_to_json(TYPES));
                record.insert("fields".to_owned(), fields);
            }
            Lexicons::Science => {
                record.insert("schemaType".to_owned(), "jsonSchema".into());
                record.insert("schema".to_owned(), json_schema::write(&self.schema));
                record.insert("atdataSchemaVersion".to_owned(), 1.into());
            }
        }
        put(&mut record, "description", self.schema.description.as_deref());
        put(&mut record, "metadata", self.metadata.as_ref().map(object_or_packed).transpose()?);
        record.insert("createdAt".to_owned(), self.created_at.as_str().into());
        Ok(Value::Object(record))
    }

    fn from_value(value: &Value, lexicons: Lexicons) -> Result<Self> {
        let members = Members::of("a schema", value)?;
        let mut schema = match lexicons {
            // The form of the fields tells, because some wrote the one under the other's name.
            _ if members.get("fields").is_some() => Schema::from_json(&with_nulls(value.clone()))
                .map_err(|e| bad("a schema", &e.to_string()))?,
            Lexicons::Foundation | Lexicons::Science => json_schema::read(
                members.get("schema").ok_or_else(|| members.wrong("schema", "is missing"))?,
            )?,
        };
        schema.name = members.needed("name")?;
        schema.version = members.owned("version")?;
        schema.description = members.owned("description")?;
        Ok(Self {
            schema,
            metadata: members.metadata("metadata")?,
            created_at: members.owned("createdAt")?.unwrap_or_default(),
        })
    }
}

/// Lexicons have no list of numbers and nulls: a dimension that varies is -1 in a record.
fn with_whole_numbers(value: Value) -> Value {
    in_shapes(value, &|dim| if dim.is_null() { json!(-1) } else { dim })
}

fn with_nulls(value: Value) -> Value {
    in_shapes(value, &|dim| if dim == json!(-1) { Value::Null } else { dim })
}

/// Changes the dimensions of every array in a document.
fn in_shapes(value: Value, change: &dyn Fn(Value) -> Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(|item| in_shapes(item, change)).collect(),
        Value::Object(map) => Value::Object(
            map.into_iter()
                .map(|(key, item)| match (key.as_str(), item) {
                    ("shape", Value::Array(dims)) => {
                        (key, Value::Array(dims.into_iter().map(change).collect()))
                    }
                    (_, item) => (key, in_shapes(item, change)),
                })
                .collect(),
        ),
        other => other,
    }
}
