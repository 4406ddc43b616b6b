//! Lenses and labels as records.

use super::members::{Members, object_or_packed, put, put_link};
use super::{Link, Record};
use crate::atmosphere::collections::{Lexicons, RecordKind};
use crate::error::Result;
use atdata_format::Value as Packed;
use serde_json::{Map, Value};

/// A way from one sample type to another, published as a reference to its code. Nothing here ever
/// fetches or runs that.
#[derive(Debug, Clone, PartialEq)]
pub struct LensRecord {
    /// What it is called.
    pub name: String,
    /// The schema it reads.
    pub source: Link,
    /// The schema it gives.
    pub target: Link,
    /// The code of the way there.
    pub getter: Option<CodeRef>,
    /// The code of the way back.
    pub putter: Option<CodeRef>,
    /// What it does, in words.
    pub description: Option<String>,
    /// The language of the code.
    pub language: Option<String>,
    /// What else is known: a map.
    pub metadata: Option<Packed>,
    /// When the record was made.
    pub created_at: String,
}

/// Where code is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CodeRef {
    /// The address of its repository.
    pub repository: String,
    /// The commit.
    pub commit: String,
    /// The function: free text, such as `transforms/simplify.py:simplify`.
    pub path: String,
    /// The branch.
    pub branch: Option<String>,
}

impl Record for LensRecord {
    const KIND: RecordKind = RecordKind::Lens;

    fn name(&self) -> &str {
        &self.name
    }

    fn to_value(&self, lexicons: Lexicons) -> Result<Value> {
        let mut record = Map::new();
        record.insert("$type".to_owned(), lexicons.collection(Self::KIND).as_str().into());
        record.insert("name".to_owned(), self.name.as_str().into());
        put_link(&mut record, "sourceSchema", "sourceSchemaCid", &self.source);
        put_link(&mut record, "targetSchema", "targetSchemaCid", &self.target);
        put(&mut record, "getterCode", self.getter.as_ref().map(CodeRef::to_value));
        put(&mut record, "putterCode", self.putter.as_ref().map(CodeRef::to_value));
        put(&mut record, "description", self.description.as_deref());
        put(&mut record, "language", self.language.as_deref());
        put(&mut record, "metadata", self.metadata.as_ref().map(object_or_packed).transpose()?);
        record.insert("createdAt".to_owned(), self.created_at.as_str().into());
        Ok(Value::Object(record))
    }

    fn from_value(value: &Value, _: Lexicons) -> Result<Self> {
        let members = Members::of("a lens", value)?;
        let code = |key: &str| members.get(key).map(CodeRef::from_value).transpose();
        Ok(Self {
            name: members.needed("name")?,
            source: members.link("sourceSchema", "sourceSchemaCid")?,
            target: members.link("targetSchema", "targetSchemaCid")?,
            getter: code("getterCode")?,
            putter: code("putterCode")?,
            description: members.owned("description")?,
            language: members.owned("language")?,
            metadata: members.metadata("metadata")?,
            created_at: members.owned("createdAt")?.unwrap_or_default(),
        })
    }
}

impl CodeRef {
    fn to_value(&self) -> Value {
        let mut code = Map::new();
        code.insert("repository".to_owned(), self.repository.as_str().into());
        code.insert("commit".to_owned(), self.commit.as_str().into());
        code.insert("path".to_owned(), self.path.as_str().into());
        put(&mut code, "branch", self.branch.as_deref());
        Value::Object(code)
    }

    fn from_value(value: &Value) -> Result<Self> {
        let members = Members::of("a lens", value)?;
        Ok(Self {
            repository: members.needed("repository")?,
            commit: members.owned("commit")?.unwrap_or_default(),
            path: members.owned("path")?.unwrap_or_default(),
            branch: members.owned("branch")?,
        })
    }
}

/// A name, perhaps with a version, for one data set record.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelRecord {
    /// The name.
    pub name: String,
    /// The data set.
    pub dataset: Link,
    /// Which version of the name it is.
    pub version: Option<String>,
    /// What was said of it.
    pub description: Option<String>,
    /// When the record was made.
    pub created_at: String,
}

impl Record for LabelRecord {
    const KIND: RecordKind = RecordKind::Label;

    fn name(&self) -> &str {
        &self.name
    }

    fn to_value(&self, lexicons: Lexicons) -> Result<Value> {
        let mut record = Map::new();
        record.insert("$type".to_owned(), lexicons.collection(Self::KIND).as_str().into());
        record.insert("name".to_owned(), self.name.as_str().into());
        put_link(&mut record, "datasetUri", "datasetCid", &self.dataset);
        put(&mut record, "version", self.version.as_deref());
        put(&mut record, "description", self.description.as_deref());
        record.insert("createdAt".to_owned(), self.created_at.as_str().into());
        Ok(Value::Object(record))
    }

    fn from_value(value: &Value, _: Lexicons) -> Result<Self> {
        let members = Members::of("a label", value)?;
        Ok(Self {
            name: members.needed("name")?,
            dataset: members.link("datasetUri", "datasetCid")?,
            version: members.owned("version")?,
            description: members.owned("description")?,
            created_at: members.owned("createdAt")?.unwrap_or_default(),
        })
    }
}
