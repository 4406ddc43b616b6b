//! Data sets of the network.

use super::found::published;
use super::records::{DatasetRecord, LabelRecord, Link, Record, Size, Storage, now};
use super::schemas::{Prepared, newest, readable};
use super::{Atmosphere, Found, SchemaRecord};
use crate::error::{Error, Result};
use crate::store::check_name;
use atdata_atproto::cid::{self, Cid};
use atdata_atproto::{AtUri, RecordKey, Tid};
use atdata_format::Value as Packed;
use atdata_format::schema::{Schema, Version};
use serde_json::Value;
use std::collections::BTreeMap;

/// What is said of a data set.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct About {
    /// What it is, in words.
    pub description: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// The licence, best as an SPDX identifier.
    pub license: Option<String>,
    /// What else is known: a map.
    pub metadata: Option<Packed>,
}

/// The schema of a data set that is about to be published.
#[derive(Debug, Clone, Copy)]
pub enum SchemaFor<'a> {
    /// This one, which is published too if it is not yet.
    Type(&'a Schema),
    /// One that is published: see [`Atmosphere::schema`].
    At(&'a str),
}

/// A data set that is about to be published.
#[derive(Debug, Clone)]
pub struct Publishing<'a> {
    /// What it is called.
    pub name: &'a str,
    /// The schema of its samples: one that is published with it if it is not yet, or a reference.
    pub schema: SchemaFor<'a>,
    /// Where its shards are.
    pub storage: Storage,
    /// What is said of it.
    pub about: About,
    /// How large it is.
    pub size: Size,
    /// What it is wherever it is stored.
    pub content_cid: Option<String>,
    /// Its shards' manifests, as records have them.
    pub manifests: Option<Value>,
    /// The record's key; a new one if there is none.
    pub rkey: Option<RecordKey>,
}

impl<'a> Publishing<'a> {
    /// A data set of which nothing else is said.
    #[must_use]
    pub fn new(name: &'a str, schema: SchemaFor<'a>, storage: Storage) -> Self {
        let (about, size) = (About::default(), Size::default());
        let (content_cid, manifests, rkey) = (None, None, None);
        Self { name, schema, storage, about, size, content_cid, manifests, rkey }
    }
}

impl Atmosphere {
    /// Publishes a data set, and its schema if that is not there yet, both at once or neither. What
    /// is published already under this name, just like this, is not published again.
    ///
    /// # Errors
    /// A name that cannot be one; a record that its lexicon does not allow; [`Error::Network`].
    pub fn publish_dataset(&self, new: Publishing<'_>) -> Result<Found<DatasetRecord>> {
        check_name(new.name)?;
        let schema = self.schema_of(new.schema)?;
        let rkey = new.rkey.clone();
        let record = record_of(new, schema.link(self)?);
        if rkey.is_none()
            && let Some(found) = self.current(None, &record.name)?
            && self.is_same(&found.record, &record)?
        {
            return Ok(found);
        }
        let rkey = rkey.unwrap_or_else(|| Tid::now().into());
        let found = self.write_with(&schema, record, rkey)?;
        if let Storage::Blobs(blobs) = &found.record.storage {
            let cids: Vec<Cid> = blobs.iter().map(|blob| blob.cid).collect();
            self.journal.forget(self.client()?.did(), Some(&cids));
        }
        Ok(found)
    }

    /// Whether two records say the same, but for when; an object's members have no order.
    fn is_same(&self, there: &DatasetRecord, new: &DatasetRecord) -> Result<bool> {
        let there = DatasetRecord { created_at: new.created_at.clone(), ..there.clone() };
        let lexicons = self.lexicons();
        Ok(there == *new || there.to_value(lexicons)? == new.to_value(lexicons)?)
    }

    /// The schema of a data set, there already or on its way.
    fn schema_of(&self, schema: SchemaFor<'_>) -> Result<Prepared> {
        match schema {
            SchemaFor::Type(schema) => self.prepared(schema, None),
            SchemaFor::At(reference) => Ok(Prepared::There(Box::new(self.schema(reference)?))),
        }
    }

    fn write_with(
        &self,
        schema: &Prepared,
        record: DatasetRecord,
        rkey: RecordKey,
    ) -> Result<Found<DatasetRecord>> {
        let (creation, value) = self.creation(&record, rkey)?;
        let mut writes = Vec::new();
        if let Prepared::New(schema, rkey) = schema {
            writes.push(self.creation(schema, rkey.clone())?.0);
        }
        writes.push(creation);
        let written = self.client()?.apply(writes, None)?.pop().ok_or_else(|| {
            Error::Network(atdata_atproto::Error::BadAnswer {
                address: self.client.as_ref().map_or_else(String::new, |c| c.did().to_string()),
                message: "it says nothing of what was written".to_owned(),
            })
        })?;
        Ok(published(record, value, written))
    }

    /// The data set that a name means in a repository: `name` the newest, `name@version` the one of
    /// that label, `name@CID` the one of that record or content.
    ///
    /// # Errors
    /// [`Error::UnknownName`]; [`Error::Network`].
    pub fn find_dataset(&self, who: Option<&str>, text: &str) -> Result<Found<DatasetRecord>> {
        if let Some(found) = self.current(who, text)? {
            return Ok(found);
        }
        let found = match text.rsplit_once('@') {
            Some((name, version)) => self.older(who, name, version)?,
            None => None,
        };
        found.ok_or_else(|| {
            let who = who.map_or_else(|| "this account".to_owned(), |who| format!("@{who}"));
            Error::UnknownName(format!("{who} has published no dataset called '{text:.200}'"))
        })
    }

    /// The newest data set of exactly this name.
    fn current(&self, who: Option<&str>, name: &str) -> Result<Option<Found<DatasetRecord>>> {
        let all: Result<Vec<_>> = readable(self.all::<DatasetRecord>(who)?).collect();
        Ok(newest(all?.into_iter().filter(|found| found.record.name == name)))
    }

    fn older(
        &self,
        who: Option<&str>,
        name: &str,
        version: &str,
    ) -> Result<Option<Found<DatasetRecord>>> {
        let is_cid = cid::parse(version).is_ok();
        if !is_cid {
            let all: Result<Vec<_>> = readable(self.all::<LabelRecord>(who)?).collect();
            let is_it = |label: &LabelRecord| {
                label.name == name && label.version.as_deref() == Some(version)
            };
            let label = newest(all?.into_iter().filter(|found| is_it(&found.record)));
            return label.map(|label| self.follow(&label.record.dataset)).transpose();
        }
        let all: Result<Vec<_>> = readable(self.all::<DatasetRecord>(who)?).collect();
        let is_it = |found: &Found<DatasetRecord>| {
            found.cid.to_string() == version || found.record.content_cid.as_deref() == Some(version)
        };
        Ok(newest(all?.into_iter().filter(|found| found.record.name == name && is_it(found))))
    }

    /// The current data set of every name in a repository, in the order of the names.
    ///
    /// # Errors
    /// [`Error::Network`].
    pub fn datasets(&self, who: Option<&str>) -> Result<Vec<Found<DatasetRecord>>> {
        let mut current: BTreeMap<String, Vec<Found<DatasetRecord>>> = BTreeMap::new();
        for found in readable(self.all::<DatasetRecord>(who)?) {
            let found = found?;
            current.entry(found.record.name.clone()).or_default().push(found);
        }
        Ok(current.into_values().filter_map(|found| newest(found.into_iter())).collect())
    }

    /// Gives a version to a data set of one's own, by a record that points to it.
    ///
    /// # Errors
    /// [`Error::UnknownName`]; a version that is not three numbers; [`Error::Network`].
    pub fn label(&self, name: &str, version: &str) -> Result<Found<LabelRecord>> {
        let version = Version::parse(version)?.to_string();
        let dataset = self.find_dataset(None, name)?.link();
        let (description, created_at) = (None, now());
        let name = name.to_owned();
        let label = LabelRecord { name, dataset, version: Some(version), description, created_at };
        self.publish(label, None)
    }
}

impl Prepared {
    /// How the data set's record names the schema.
    fn link(&self, atmosphere: &Atmosphere) -> Result<Link> {
        match self {
            Self::There(found) => Ok(found.link()),
            Self::New(record, rkey) => {
                let value = atmosphere.checked(record)?;
                let collection = atmosphere.lexicons.collection(super::RecordKind::Schema);
                let did = atmosphere.client()?.did().clone();
                let uri = AtUri::new(did, collection, rkey.clone()).to_string();
                Ok(Link { uri, cid: Some(cid::of_record(&value)?) })
            }
        }
    }
}

fn record_of(new: Publishing<'_>, schema: Link) -> DatasetRecord {
    let About { description, tags, license, metadata } = new.about;
    DatasetRecord {
        name: new.name.to_owned(),
        schema,
        storage: new.storage,
        description,
        tags,
        license,
        metadata,
        size: new.size,
        content_cid: new.content_cid,
        manifests: new.manifests,
        created_at: now(),
    }
}

impl Found<SchemaRecord> {
    /// The schema, by the name that its class has.
    #[must_use]
    pub const fn schema(&self) -> &Schema {
        &self.record.schema
    }
}
