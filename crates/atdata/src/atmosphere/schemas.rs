//! Sample types of the network.

use super::moment::moment;
use super::records::{Record, SchemaRecord, now};
use super::{Atmosphere, Found, Lexicons};
use crate::error::{Error, Result};
use crate::index::Published;
use atdata_atproto::{AtUri, RecordKey, Tid};
use atdata_format::Value as Packed;
use atdata_format::schema::{FieldChange, Schema, Version};
use atdata_format::uri::SchemaRef;
use std::time::SystemTime;

/// Kinds of resource that mean a schema in `atdata://authority/kind/Name@version`.
const KINDS: [&str; 2] = ["sampleSchema", "schema"];

impl Atmosphere {
    /// The schema that a reference means: an at-uri, or `atdata://{did or handle}/sampleSchema/Name@version`,
    /// without a version the highest.
    ///
    /// # Errors
    /// [`Error::Invalid`] for any other text; [`Error::UnknownName`]; as [`Atmosphere::get`].
    pub fn schema(&self, reference: &str) -> Result<Found<SchemaRecord>> {
        if reference.starts_with("at://") {
            return self.get(&AtUri::parse(reference)?);
        }
        let (who, name, version) = parts(reference)?;
        let found = match &version {
            Some(version) => self.find_schema(Some(who), name, version)?,
            None => self.highest(who, name)?,
        };
        found.ok_or_else(|| {
            let version = version.map_or_else(String::new, |version| format!(" {version}"));
            Error::UnknownName(format!("@{who} has published no schema '{name}'{version}"))
        })
    }

    /// The newest schema of a name, or `module.name`, and version.
    ///
    /// # Errors
    /// [`Error::Network`].
    pub fn find_schema(
        &self,
        who: Option<&str>,
        name: &str,
        version: &str,
    ) -> Result<Option<Found<SchemaRecord>>> {
        let is_it = |schema: &Schema| schema.version.as_deref() == Some(version);
        Ok(newest(self.schemas_named(who, name)?.filter(|found| is_it(&found.record.schema))))
    }

    fn highest(&self, who: &str, name: &str) -> Result<Option<Found<SchemaRecord>>> {
        let version = |found: &Found<SchemaRecord>| {
            let text = found.record.schema.version.as_deref()?;
            Version::parse(text).ok()
        };
        let all = self.schemas_named(Some(who), name)?;
        Ok(all.max_by_key(|found| (version(found), age(found))))
    }

    /// Those that can be read: what somebody else broke does not hide the rest.
    fn schemas_named(
        &self,
        who: Option<&str>,
        name: &str,
    ) -> Result<impl Iterator<Item = Found<SchemaRecord>>> {
        let class = name.rsplit('.').next().unwrap_or(name).to_owned();
        let readable: Result<Vec<_>> = readable(self.all::<SchemaRecord>(who)?).collect();
        let same = move |found: &Found<SchemaRecord>| {
            found.record.name().rsplit('.').next() == Some(class.as_str())
        };
        Ok(readable?.into_iter().filter(same))
    }

    /// The version that a schema has, or gets, among one's own of that name: that of one with the same
    /// fields, else the next one that the difference calls for.
    ///
    /// # Errors
    /// [`Error::Network`].
    pub fn version_of(&self, schema: &Schema) -> Result<Published> {
        let version = |found: &Found<SchemaRecord>| {
            Version::parse(found.record.schema.version.as_deref()?).ok()
        };
        let known = self.schemas_named(None, &schema.name)?;
        let mut known: Vec<_> = known.filter_map(|found| Some((version(&found)?, found))).collect();
        known.sort_by_key(|(version, found)| (std::cmp::Reverse(*version), age(found)));
        let changes = |found: &Found<SchemaRecord>| Schema::diff(found.schema(), schema);
        let same = known.iter().find(|(_, found)| changes(found).is_empty());
        let (version, previous, changes) = match (same, known.first()) {
            (Some((version, _)), _) => (*version, None, Vec::new()),
            (None, None) => (Version::FIRST, None, Vec::new()),
            (None, Some((highest, found))) => {
                let changes = changes(found);
                let breaks = changes.iter().any(FieldChange::breaks);
                let next = if breaks { highest.next_major() } else { highest.next_minor() };
                (next, Some(*highest), changes)
            }
        };
        Ok(Published { reference: SchemaRef::new(&schema.name, version), previous, changes })
    }

    /// Publishes a schema under its version (1.0.0 if it has none). One that is there already with
    /// these fields is used again; one with other fields stays, and a warning tells of it.
    ///
    /// # Errors
    /// [`Error::Network`].
    pub fn publish_schema(
        &self,
        schema: &Schema,
        metadata: Option<&Packed>,
    ) -> Result<Found<SchemaRecord>> {
        self.publish_schema_as(schema, metadata, None)
    }

    /// The same, under a key of the caller's where the record is new.
    ///
    /// # Errors
    /// As [`publish_schema`](Self::publish_schema).
    pub fn publish_schema_as(
        &self,
        schema: &Schema,
        metadata: Option<&Packed>,
        rkey: Option<RecordKey>,
    ) -> Result<Found<SchemaRecord>> {
        match self.prepared(schema, metadata)? {
            Prepared::There(found) => Ok(*found),
            Prepared::New(record, usual) => self.publish(record, Some(rkey.unwrap_or(usual))),
        }
    }

    /// A schema that is there already, or the record that it will be.
    pub(super) fn prepared(&self, schema: &Schema, metadata: Option<&Packed>) -> Result<Prepared> {
        let mut schema = schema.clone();
        let version = schema.version.get_or_insert_with(|| Version::FIRST.to_string()).clone();
        if let Some(found) = self.find_schema(None, &schema.name, &version)? {
            let changes = Schema::diff(&found.record.schema, &schema);
            if changes.is_empty() {
                return Ok(Prepared::There(Box::new(found)));
            }
            let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
            tracing::warn!(
                "{} {version} is published already with other fields ({}); another record of that \
                 name and version is made, so give the new type another version",
                schema.name,
                changes.join("; ")
            );
        }
        let rkey = self.schema_key(&schema.name, &version)?;
        let record = SchemaRecord { schema, metadata: metadata.cloned(), created_at: now() };
        Ok(Prepared::New(record, rkey))
    }

    /// Today's records are named by what they are, as far as a server allows that.
    fn schema_key(&self, name: &str, version: &str) -> Result<RecordKey> {
        let named = RecordKey::parse(&format!("{name}:{version}"));
        match (self.lexicons(), named) {
            (Lexicons::Science, Ok(key)) => {
                let collection = self.lexicons().collection(SchemaRecord::KIND);
                let taken = self.repo(None)?.get(&collection, &key).is_ok();
                Ok(if taken { Tid::now().into() } else { key })
            }
            _ => Ok(Tid::now().into()),
        }
    }
}

/// A schema on its way to a record.
#[derive(Debug)]
pub(super) enum Prepared {
    /// One that is published already.
    There(Box<Found<SchemaRecord>>),
    /// One that is not.
    New(SchemaRecord, RecordKey),
}

/// `atdata://who/sampleSchema/Name@version` in its parts.
fn parts(reference: &str) -> Result<(&str, &str, Option<String>)> {
    let unknown = || {
        Error::Invalid(format!(
            "{reference:.200} is no reference to a schema of the network; one looks like \
             at://did:plc:…/ac.foundation.dataset.sampleSchema/… or atdata://alice.example.com/sampleSchema/Image@1.0.0"
        ))
    };
    let rest = reference.strip_prefix("atdata://").ok_or_else(unknown)?;
    let mut parts = rest.splitn(3, '/');
    let (Some(who), Some(kind), Some(name)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(unknown());
    };
    let (name, version) = match name.rsplit_once('@') {
        Some((name, version)) => (name, Some(Version::parse(version)?.to_string())),
        None => (name, None),
    };
    let known = KINDS.contains(&kind) && !who.is_empty() && !name.is_empty();
    if known { Ok((who, name, version)) } else { Err(unknown()) }
}

/// What sorts records by time: when they say they were made, then their keys, which are times too.
/// One that says no time is older than all others.
pub(super) fn age<R: Dated>(found: &Found<R>) -> (Option<SystemTime>, String) {
    (moment(found.record.created_at()), found.uri.rkey().to_string())
}

/// The newest of some records.
pub(super) fn newest<R: Dated>(found: impl Iterator<Item = Found<R>>) -> Option<Found<R>> {
    found.max_by_key(age)
}

/// A record that says when it was made.
pub(super) trait Dated {
    fn created_at(&self) -> &str;
}

impl Dated for SchemaRecord {
    fn created_at(&self) -> &str {
        &self.created_at
    }
}

impl Dated for super::DatasetRecord {
    fn created_at(&self) -> &str {
        &self.created_at
    }
}

impl Dated for super::LabelRecord {
    fn created_at(&self) -> &str {
        &self.created_at
    }
}

/// The records that can be read; those that do not follow their lexicon are told of and left out.
pub(super) fn readable<R>(
    records: impl Iterator<Item = Result<Found<R>>>,
) -> impl Iterator<Item = Result<Found<R>>> {
    records.filter(|found| match found {
        Err(Error::BadIndex(why)) => {
            tracing::warn!("left out: {why}");
            false
        }
        _ => true,
    })
}
