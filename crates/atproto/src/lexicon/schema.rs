//! Lexicon files, as they are written.

use super::format::Format;
use crate::error::{Error, Result};
use crate::syntax::Nsid;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A file.
#[derive(Deserialize)]
pub(super) struct Document {
    lexicon: u64,
    id: String,
    defs: BTreeMap<String, Value>,
}

impl Document {
    pub(super) fn parse(text: &str) -> Result<Self> {
        let document: Self = serde_json::from_str(text)
            .map_err(|error| Error::Syntax(format!("this is not a lexicon: {error}")))?;
        Nsid::parse(&document.id)?;
        if document.lexicon == 1 {
            return Ok(document);
        }
        let (id, version) = (&document.id, document.lexicon);
        Err(Error::Syntax(format!("the lexicon {id} has version {version}; only 1 is known")))
    }

    /// What it defines, by whole names; names in it are made whole too.
    pub(super) fn definitions(&self) -> Result<Vec<(String, Schema)>> {
        let read = |(name, definition): (&String, &Value)| {
            let name = format!("{}#{name}", self.id);
            let wrong = |error| Error::Syntax(format!("the lexicon {name} is wrong: {error}"));
            let schema = Schema::deserialize(with_whole_names(definition, &self.id));
            Ok((name.clone(), schema.map_err(wrong)?))
        };
        self.defs.iter().map(read).collect()
    }
}

/// `#name` is of the same file, and a file's own name means its `main`.
fn with_whole_names(value: &Value, id: &str) -> Value {
    match value {
        Value::Object(object) => object
            .iter()
            .map(|(key, value)| {
                let named = matches!(key.as_str(), "ref" | "refs");
                (key.clone(), if named { whole(value, id) } else { with_whole_names(value, id) })
            })
            .collect(),
        other => other.clone(),
    }
}

fn whole(value: &Value, id: &str) -> Value {
    match value {
        Value::String(name) if name.starts_with('#') => Value::from(format!("{id}{name}")),
        Value::String(name) => Value::from(whole_name(name)),
        Value::Array(names) => names.iter().map(|name| whole(name, id)).collect(),
        // A field that is called `ref`.
        other => with_whole_names(other, id),
    }
}

pub(super) fn whole_name(name: &str) -> String {
    if name.contains('#') { name.to_owned() } else { format!("{name}#main") }
}

/// What a value must be.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub(super) enum Schema {
    Record {
        record: Box<Schema>,
    },
    Object(Object),
    Array {
        items: Box<Schema>,
        min_length: Option<usize>,
        max_length: Option<usize>,
    },
    String(Text),
    Integer(Integer),
    Boolean {
        r#const: Option<bool>,
    },
    Bytes {
        min_length: Option<usize>,
        max_length: Option<usize>,
    },
    CidLink,
    Blob {
        accept: Option<Vec<String>>,
        max_size: Option<u64>,
    },
    Ref {
        r#ref: String,
    },
    Union {
        refs: Vec<String>,
        #[serde(default)]
        closed: bool,
    },
    Unknown,
    // Definitions that no value of a record has.
    Null,
    Token,
    Query,
    Procedure,
    Subscription,
    Params,
    PermissionSet,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Object {
    #[serde(default)]
    pub(super) properties: BTreeMap<String, Schema>,
    #[serde(default)]
    pub(super) required: Vec<String>,
    #[serde(default)]
    pub(super) nullable: Vec<String>,
}

/// Lengths are in bytes of UTF-8.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Text {
    pub(super) format: Option<Format>,
    pub(super) min_length: Option<usize>,
    pub(super) max_length: Option<usize>,
    pub(super) min_graphemes: Option<usize>,
    pub(super) max_graphemes: Option<usize>,
    pub(super) r#enum: Option<Vec<String>>,
    pub(super) r#const: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Integer {
    pub(super) minimum: Option<i64>,
    pub(super) maximum: Option<i64>,
    pub(super) r#enum: Option<Vec<i64>>,
    pub(super) r#const: Option<i64>,
}
