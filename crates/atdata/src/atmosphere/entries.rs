//! Data sets of the network as entries, and as data that can be read.

use super::records::{DatasetRecord, Record, Storage};
use super::{Atmosphere, Found, RecordKind};
use crate::error::Result;
use crate::index::with_checksums;
use crate::open::{SourceOptions, open_source};
use crate::provider::{Entry, Facts};
use crate::source::{BlobSource, BlobUrl, DataSource, Mirrored};
use atdata_atproto::{AtUri, Did};
use atdata_format::Value as Packed;
use atdata_format::manifest::beside;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

impl Atmosphere {
    /// The data set that a text means: `@handle/name` (with `@version` or `@CID` after it for an
    /// older one), or the at-uri of a record, or of a label's.
    ///
    /// # Errors
    /// As [`Atmosphere::find_dataset`] and [`Atmosphere::get`].
    pub fn dataset(&self, text: &str) -> Result<Found<DatasetRecord>> {
        if text.starts_with("at://") {
            let uri = AtUri::parse(text)?;
            if RecordKind::Label.lexicons_of(uri.collection()).is_some() {
                let label = self.get::<super::LabelRecord>(&uri)?;
                return self.follow(&label.record.dataset);
            }
            return self.get(&uri);
        }
        match text.strip_prefix('@').and_then(|rest| rest.split_once('/')) {
            Some((who, name)) => self.find_dataset(Some(who), name),
            None => self.find_dataset(None, text),
        }
    }

    /// A data set's shards. Blobs are always checked against their CIDs, other shards against the
    /// checksums that the record has; where some are missing, against those only when `options` say so.
    ///
    /// # Errors
    /// A URL that cannot be read from here.
    pub fn source(
        &self,
        found: &Found<DatasetRecord>,
        options: &SourceOptions,
    ) -> Result<Arc<dyn DataSource>> {
        let entry = found.entry()?;
        let mut options = options.clone();
        options.network = Some(Arc::clone(self.network()));
        options.checksums = entry.checksums();
        let all_known = options.checksums.len() == entry.data_urls.len();
        let source = match found.record.storage {
            Storage::External(_) => self.files(found, entry.data_urls, &options)?,
            Storage::Blobs(_) => self.blob_source(found, entry.data_urls)?,
        };
        if !options.mirrors.is_empty() {
            let (mirrors, checksums) = (options.mirrors.clone(), options.checksums.clone());
            let mirrored = Arc::new(Mirrored::new(source, mirrors, checksums));
            options.verify = false;
            return Ok(options.wrap(mirrored));
        }
        // What a blob is, its CID says, and its source looks at that.
        let is_file = matches!(found.record.storage, Storage::External(_));
        options.verify = is_file && (options.verify || all_known);
        Ok(options.wrap(source))
    }

    fn files(
        &self,
        found: &Found<DatasetRecord>,
        urls: Vec<String>,
        options: &SourceOptions,
    ) -> Result<Arc<dyn DataSource>> {
        let untrusted = !self.is_own(found)?;
        let plain = SourceOptions { untrusted, verify: false, cache: None, ..options.clone() };
        open_source(urls, &plain)
    }

    fn blob_source(
        &self,
        found: &Found<DatasetRecord>,
        urls: Vec<String>,
    ) -> Result<Arc<dyn DataSource>> {
        let source = BlobSource::new(Arc::clone(self.network()), urls);
        Ok(Arc::new(source.with_beside(found.beside()?)))
    }
}

impl Atmosphere {
    /// Whether the account that is logged in has published it.
    ///
    /// # Errors
    /// None in practice: servers name records by DID.
    pub fn is_own(&self, found: &Found<DatasetRecord>) -> Result<bool> {
        let owner = found.owner()?;
        Ok(self.client.as_ref().is_some_and(|client| client.did() == &owner))
    }
}

/// The SHA-256 in hex of shards, by address, as far as a record says it.
fn checksums(record: &DatasetRecord) -> HashMap<String, String> {
    let Storage::External(shards) = &record.storage else { return HashMap::new() };
    shards.iter().filter_map(|shard| Some((shard.url.clone(), shard.sha256.clone()?))).collect()
}

impl Found<DatasetRecord> {
    /// Whose it is.
    ///
    /// # Errors
    /// None in practice: servers name records by DID.
    pub(super) fn owner(&self) -> Result<Did> {
        Ok(Did::parse(self.uri.authority())?)
    }

    /// The data set as an index would have it.
    ///
    /// # Errors
    /// As [`BlobUrl::parse`].
    pub fn entry(&self) -> Result<Entry> {
        let record = &self.record;
        let data_urls = match &record.storage {
            Storage::External(shards) => shards.iter().map(|shard| shard.url.clone()).collect(),
            Storage::Blobs(blobs) => {
                let did = self.owner()?;
                let url = |cid| BlobUrl { did: did.clone(), cid }.to_string();
                blobs.iter().map(|blob| url(blob.cid)).collect()
            }
        };
        let content_cid = record.content_cid.clone();
        let (samples, bytes) = (record.size.samples, record.size.bytes);
        let entry = Entry {
            cid: self.cid.to_string(),
            name: record.name().to_owned(),
            schema_ref: record.schema.uri.clone(),
            data_urls,
            metadata: about(record),
            facts: Facts { content_cid, samples, bytes },
        };
        let mut sums: Vec<(String, String)> = checksums(record).into_iter().collect();
        if let Storage::Blobs(blobs) = &record.storage {
            let hex = blobs.iter().filter_map(|blob| atdata_atproto::cid::sha256(&blob.cid));
            let hex = hex.map(|hash| crate::index::hex(&hash));
            sums = entry.data_urls.iter().cloned().zip(hex).collect();
        }
        sums.sort_by_key(|(url, _)| entry.data_urls.iter().position(|known| known == url));
        Ok(with_checksums(entry, sums))
    }

    /// Whether the checksums of all shards are known.
    ///
    /// # Errors
    /// As [`BlobUrl::parse`].
    pub fn is_checked(&self) -> Result<bool> {
        let entry = self.entry()?;
        Ok(entry.data_urls.iter().all(|url| entry.checksum(url).is_some()))
    }

    /// The blobs that stand beside shards, by the addresses that they stand for.
    ///
    /// # Errors
    /// Manifests that are no blobs.
    pub fn beside(&self) -> Result<HashMap<String, String>> {
        let (did, entry) = (self.owner()?, self.entry()?);
        let manifests = self.record.manifests.as_ref().and_then(Value::as_array);
        let mut known = HashMap::new();
        for (url, manifest) in entry.data_urls.iter().zip(manifests.into_iter().flatten()) {
            for extension in ["json", "parquet"] {
                let Some(blob) = manifest.get(extension) else { continue };
                let cid = atdata_atproto::BlobRef::from_value(blob)?.cid;
                let blob = BlobUrl { did: did.clone(), cid }.to_string();
                known.insert(beside(url, extension), blob);
            }
        }
        Ok(known)
    }
}

/// What is said of a data set, as an entry keeps it.
fn about(record: &DatasetRecord) -> Option<Packed> {
    let mut pairs = match &record.metadata {
        Some(Packed::Map(pairs)) => pairs.clone(),
        _ => Vec::new(),
    };
    let text = |text: &String| Packed::Str(text.clone());
    let mut say = |key: &str, value: Option<Packed>| {
        if let Some(value) = value {
            pairs.retain(|(name, _)| *name != Packed::Str(key.to_owned()));
            pairs.push((Packed::Str(key.to_owned()), value));
        }
    };
    say("description", record.description.as_ref().map(text));
    say("license", record.license.as_ref().map(text));
    let tags = Packed::List(record.tags.iter().map(text).collect());
    say("tags", (!record.tags.is_empty()).then_some(tags));
    (!pairs.is_empty()).then_some(Packed::Map(pairs))
}
