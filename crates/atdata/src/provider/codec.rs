//! An entry as databases keep it: its URLs and metadata as msgpack.

use super::rows::{Entry, Facts};
use crate::error::{Error, Result};
use atdata_format::msgpack::{self, Walker};
use atdata_format::{Result as FormatResult, Value};

/// An entry's row as it is stored.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct EntryRow {
    pub(crate) cid: String,
    pub(crate) name: String,
    pub(crate) schema_ref: String,
    /// A msgpack list of text.
    pub(crate) data_urls: Vec<u8>,
    /// A msgpack map.
    pub(crate) metadata: Option<Vec<u8>>,
    pub(crate) facts: Facts,
}

impl EntryRow {
    /// The row of an entry.
    ///
    /// # Errors
    /// Metadata that is no map or too large for msgpack.
    pub(crate) fn of(entry: &Entry) -> Result<Self> {
        Ok(Self {
            cid: entry.cid.clone(),
            name: entry.name.clone(),
            schema_ref: entry.schema_ref.clone(),
            data_urls: encode_urls(&entry.data_urls)?,
            metadata: entry.metadata.as_ref().map(encode_metadata).transpose()?,
            facts: entry.facts.clone(),
        })
    }

    /// The entry of a row; `place` names the table, or what else holds it.
    ///
    /// # Errors
    /// [`Error::BadIndex`] for a row that does not follow the format.
    pub(crate) fn entry(self, place: &str) -> Result<Entry> {
        let bad = |column: &str, why: String| bad_row(place, &self.cid, column, &why);
        Ok(Entry {
            data_urls: decode_urls(&self.data_urls).map_err(|why| bad("data_urls", why))?,
            metadata: match &self.metadata {
                Some(bytes) => decode_metadata(bytes).map_err(|why| bad("metadata", why))?,
                None => None,
            },
            cid: self.cid,
            name: self.name,
            schema_ref: self.schema_ref,
            facts: self.facts,
        })
    }

    /// As [`EntryRow::entry`], with what cannot be read left empty.
    pub(crate) fn readable(self) -> Entry {
        Entry {
            data_urls: decode_urls(&self.data_urls).unwrap_or_default(),
            metadata: self.metadata.and_then(|bytes| decode_metadata(&bytes).ok().flatten()),
            cid: self.cid,
            name: self.name,
            schema_ref: self.schema_ref,
            facts: self.facts,
        }
    }
}

/// A number of samples or bytes as databases count.
///
/// # Errors
/// [`Error::Invalid`] for more than `i64::MAX`.
pub(crate) fn count(value: Option<u64>) -> Result<Option<i64>> {
    let too_large = |_| Error::Invalid(format!("no index can count up to {value:?}"));
    value.map(i64::try_from).transpose().map_err(too_large)
}

/// The other direction of [`count`]; what is less than nothing is not known.
pub(crate) fn counted(value: Option<i64>) -> Option<u64> {
    value.and_then(|value| u64::try_from(value).ok())
}

fn bad_row(place: &str, cid: &str, column: &str, why: &str) -> Error {
    Error::BadIndex(format!(
        "{place}: {column} of the entry {cid} cannot be read: {why}; write the data set again, or \
         delete that entry by its CID"
    ))
}

fn encode_urls(urls: &[String]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    msgpack::write_list_header(urls.len(), &mut bytes)?;
    urls.iter().try_for_each(|url| msgpack::write_str(url, &mut bytes))?;
    Ok(bytes)
}

fn encode_metadata(metadata: &Value) -> Result<Vec<u8>> {
    if !matches!(metadata, Value::Map(_)) {
        return Err(Error::Invalid("an entry's metadata must be a map".into()));
    }
    let mut bytes = Vec::new();
    metadata.write(&mut bytes)?;
    Ok(bytes)
}

fn decode_urls(bytes: &[u8]) -> std::result::Result<Vec<String>, String> {
    let Value::List(urls) = decode(bytes).map_err(|error| error.to_string())? else {
        return Err("it is not a msgpack list".into());
    };
    let text = |url| match url {
        Value::Str(url) => Ok(url),
        _ => Err("it holds something that is not text".to_owned()),
    };
    urls.into_iter().map(text).collect()
}

fn decode_metadata(bytes: &[u8]) -> std::result::Result<Option<Value>, String> {
    match decode(bytes).map_err(|error| error.to_string())? {
        Value::Nil => Ok(None),
        map @ Value::Map(_) => Ok(Some(map)),
        _ => Err("it is not a msgpack map".into()),
    }
}

fn decode(bytes: &[u8]) -> FormatResult<Value> {
    let mut walker = Walker::new(bytes);
    let value = Value::read(&mut walker)?;
    walker.finish()?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            cid: "bafy".into(),
            name: "ünï".into(),
            data_urls: vec!["a.tar".into(), "s3://b/{0..9}.tar".into()],
            metadata: Some(Value::Map(vec![(Value::Str("tags".into()), Value::List(vec![]))])),
            ..Entry::default()
        }
    }

    #[test]
    fn entries_come_back() {
        let row = EntryRow::of(&entry()).unwrap();
        assert_eq!(row.clone().entry("table").unwrap(), entry());
        assert_eq!(row.readable(), entry());
    }

    #[test]
    fn broken_rows_name_their_place() {
        for broken in [&b"\xc1"[..], b"\x91", b"\x91\x01", b"\x90\x00", b"\x80", b""] {
            let row =
                EntryRow { data_urls: broken.into(), cid: "bafy".into(), ..EntryRow::default() };
            let error = row.entry("dataset_entries").unwrap_err();
            assert_eq!(error.kind(), "bad_index");
            assert!(error.to_string().starts_with("dataset_entries: data_urls of the entry bafy"));
        }
    }

    #[test]
    fn metadata_is_a_map_or_nothing() {
        let row = |metadata: &[u8]| EntryRow {
            data_urls: b"\x90".into(),
            metadata: Some(metadata.into()),
            ..EntryRow::default()
        };
        assert_eq!(row(b"\xc0").entry("t").unwrap().metadata, None);
        assert_eq!(row(b"\x01").entry("t").unwrap_err().kind(), "bad_index");
        let list = Entry { metadata: Some(Value::List(vec![])), ..Entry::default() };
        assert_eq!(EntryRow::of(&list).unwrap_err().kind(), "invalid_argument");
    }
}
