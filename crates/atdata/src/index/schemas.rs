//! Schemas of an index. What is published never changes.

use super::{Index, pages};
use crate::error::{Error, Result};
use crate::provider::{Document, DocumentKind};
use atdata_format::schema::{FieldChange, Schema, Version};
use atdata_format::uri::SchemaRef;
use serde_json::Value;
use std::time::SystemTime;

/// How often a version that somebody else took in the meantime is passed over.
const RACES: usize = 100;

/// A schema as an index holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredSchema {
    /// What it is found by.
    pub reference: SchemaRef,
    /// The document, as it was published.
    pub document: Value,
}

impl StoredSchema {
    /// The schema in the document.
    ///
    /// # Errors
    /// [`Kind::BadSchema`](atdata_format::Kind::BadSchema).
    pub fn schema(&self) -> Result<Schema> {
        Ok(Schema::from_json(&self.document)?)
    }

    fn of(row: &Document) -> Result<Self> {
        let place = || format!("schema {}@{}", row.name, row.version);
        let document = serde_json::from_str(&row.json)
            .map_err(|error| Error::BadIndex(format!("{}: it is no JSON: {error}", place())))?;
        Ok(Self { reference: SchemaRef::new(&row.name, Version::parse(&row.version)?), document })
    }
}

/// What publishing a schema came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// The schema's reference.
    pub reference: SchemaRef,
    /// The version before it, if this one is new and there was one.
    pub previous: Option<Version>,
    /// What changed since that.
    pub changes: Vec<FieldChange>,
}

impl Published {
    /// A sentence for people whose data others can no longer read as before, if that is so.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let previous = self.previous.filter(|_| self.changes.iter().any(FieldChange::breaks))?;
        let SchemaRef { name, version } = &self.reference;
        let version = version.unwrap_or(Version::FIRST);
        let changes = shown(&self.changes);
        Some(format!(
            "{name} is published as {version}, a new major version, because it differs from \
             {previous}: {changes}"
        ))
    }
}

/// Changes in one line.
fn shown(changes: &[FieldChange]) -> String {
    changes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl Index {
    /// Publishes a schema under a version, or under the next patch after the highest one.
    /// `metadata`, if any, goes into the document.
    ///
    /// # Errors
    /// [`Error::Conflict`] where that version has other fields, with the difference.
    pub fn publish_schema(
        &self,
        schema: &Schema,
        version: Option<Version>,
        metadata: Option<&Value>,
    ) -> Result<SchemaRef> {
        if let Some(version) = version {
            return self.publish_version(schema, version, metadata);
        }
        for _ in 0..RACES {
            let next = self.highest(&schema.name)?.map_or(Version::FIRST, Version::next_patch);
            if self.create(schema, next, metadata)? {
                return Ok(SchemaRef::new(&schema.name, next));
            }
        }
        Err(self.contended(schema))
    }

    fn publish_version(
        &self,
        schema: &Schema,
        version: Version,
        metadata: Option<&Value>,
    ) -> Result<SchemaRef> {
        let reference = SchemaRef::new(&schema.name, version);
        if self.create(schema, version, metadata)? {
            return Ok(reference);
        }
        let changes = Schema::diff(&self.stored(&reference)?.schema()?, schema);
        if changes.is_empty() {
            return Ok(reference);
        }
        let message = format!(
            "{} is published already, with other fields ({}); a published version never changes: \
             publish the new type as another version",
            reference,
            shown(&changes)
        );
        Err(Error::Conflict(message))
    }

    /// The reference of a schema with these fields: one that is published already, else a new
    /// version as the difference asks for it: a minor one where only fields were added that old
    /// data can do without, else a major one.
    ///
    /// # Errors
    /// What the provider meets.
    pub fn ensure_schema(&self, schema: &Schema) -> Result<Published> {
        for _ in 0..RACES {
            let mut versions = self.versions(&schema.name)?;
            versions.sort_unstable_by(|a, b| b.cmp(a));
            let Some(&highest) = versions.first() else {
                if self.create(schema, Version::FIRST, None)? {
                    return Ok(published(schema, Version::FIRST, None, Vec::new()));
                }
                continue;
            };
            let changes = self.changes_since(schema, highest)?;
            if let Some(same) = self.same_as(schema, &versions, &changes)? {
                return Ok(published(schema, same, None, Vec::new()));
            }
            let breaks = changes.iter().any(FieldChange::breaks);
            let next = if breaks { highest.next_major() } else { highest.next_minor() };
            if self.create(schema, next, None)? {
                return Ok(published(schema, next, Some(highest), changes));
            }
        }
        Err(self.contended(schema))
    }

    /// The published version with these fields, the highest first.
    fn same_as(
        &self,
        schema: &Schema,
        versions: &[Version],
        since_highest: &[FieldChange],
    ) -> Result<Option<Version>> {
        if since_highest.is_empty() {
            return Ok(versions.first().copied());
        }
        for &version in versions.iter().skip(1) {
            if self.changes_since(schema, version)?.is_empty() {
                return Ok(Some(version));
            }
        }
        Ok(None)
    }

    fn changes_since(&self, schema: &Schema, version: Version) -> Result<Vec<FieldChange>> {
        let known = self.stored(&SchemaRef::new(&schema.name, version))?.schema()?;
        Ok(Schema::diff(&known, schema))
    }

    fn contended(&self, schema: &Schema) -> Error {
        let message = format!(
            "{}: others published {} again and again in the meantime; try once more",
            self.address(),
            schema.name
        );
        Error::Conflict(message)
    }

    fn create(&self, schema: &Schema, version: Version, metadata: Option<&Value>) -> Result<bool> {
        // What could not be asked for afterwards is not published either.
        SchemaRef::parse(&SchemaRef::new(&schema.name, version).to_string())?;
        let schema = Schema { version: Some(version.to_string()), ..schema.clone() };
        let mut document = schema.to_json(&now());
        if let (Value::Object(members), Some(metadata)) = (&mut document, metadata) {
            members.insert("metadata".to_owned(), metadata.clone());
        }
        let (name, version, json) = (schema.name, version.to_string(), document.to_string());
        self.provider.create_document(DocumentKind::Schema, &Document { name, version, json })
    }

    fn versions(&self, name: &str) -> Result<Vec<Version>> {
        let versions = self.provider.versions(DocumentKind::Schema, name)?;
        // Of what others put there, only versions can be asked for.
        Ok(versions.iter().filter_map(|version| Version::parse(version).ok()).collect())
    }

    fn highest(&self, name: &str) -> Result<Option<Version>> {
        Ok(self.versions(name)?.into_iter().max())
    }

    /// The schema of a reference, of any of the forms that [`SchemaRef`] reads; without a version,
    /// the highest.
    ///
    /// # Errors
    /// [`Error::UnknownName`]; [`Kind::BadReference`](atdata_format::Kind::BadReference).
    pub fn schema(&self, reference: &str) -> Result<StoredSchema> {
        let parsed = SchemaRef::parse(reference)?;
        if parsed.version.is_some() {
            return self.stored(&parsed);
        }
        match self.highest(&parsed.name)? {
            Some(version) => self.stored(&SchemaRef::new(parsed.name, version)),
            None => Err(self.no_schema(&parsed)),
        }
    }

    fn stored(&self, reference: &SchemaRef) -> Result<StoredSchema> {
        let version = reference.version.unwrap_or(Version::FIRST).to_string();
        let found = self.provider.document(DocumentKind::Schema, &reference.name, &version)?;
        StoredSchema::of(&found.ok_or_else(|| self.no_schema(reference))?)
    }

    fn no_schema(&self, reference: &SchemaRef) -> Error {
        let mut known = self.versions(&reference.name).unwrap_or_default();
        known.sort_unstable();
        let known: Vec<String> = known.iter().map(ToString::to_string).collect();
        let hint = if known.is_empty() {
            format!("nothing is published as {}", reference.name)
        } else {
            format!("published are {}", known.join(", "))
        };
        Error::UnknownName(format!("no schema {reference} in {}; {hint}", self.address()))
    }

    /// All schemas, in the order of `name@version`. What others put there and is no schema comes as
    /// an error, and the list goes on.
    pub fn schemas(&self) -> impl Iterator<Item = Result<StoredSchema>> + use<> {
        let provider = std::sync::Arc::clone(&self.provider);
        let rows = pages(
            move |page| provider.documents(DocumentKind::Schema, page),
            |row| format!("{}@{}", row.name, row.version),
        );
        rows.map(|row| StoredSchema::of(&row?))
    }

    /// What changes from one schema to another.
    ///
    /// # Errors
    /// As [`Index::schema`].
    pub fn schema_diff(&self, from: &str, to: &str) -> Result<Vec<FieldChange>> {
        Ok(Schema::diff(&self.schema(from)?.schema()?, &self.schema(to)?.schema()?))
    }
}

fn published(
    schema: &Schema,
    version: Version,
    previous: Option<Version>,
    changes: Vec<FieldChange>,
) -> Published {
    Published { reference: SchemaRef::new(&schema.name, version), previous, changes }
}

/// The time as the original writes it.
pub(super) fn now() -> String {
    let now = humantime::format_rfc3339_micros(SystemTime::now()).to_string();
    now.replace('Z', "+00:00")
}
