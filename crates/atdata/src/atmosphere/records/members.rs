//! The members of a record, checked where they are read.

use super::Link;
use crate::error::{Error, Result};
use atdata_atproto::{cid, value};
use atdata_format::Value as Packed;
use atdata_format::msgpack::Walker;
use serde_json::{Map, Value, json};
use std::ops::RangeInclusive;

/// The integers that a record can hold: servers keep others inexactly, or fail.
const SAFE: RangeInclusive<i64> = -MAX_SAFE..=MAX_SAFE;
const MAX_SAFE: i64 = (1 << 53) - 1;

/// A record, or a part of one, that is being read.
#[derive(Clone, Copy)]
pub(super) struct Members<'a> {
    what: &'static str,
    map: &'a Map<String, Value>,
}

impl<'a> Members<'a> {
    pub(super) fn of(what: &'static str, value: &'a Value) -> Result<Self> {
        let map = value.as_object().ok_or_else(|| bad(what, "it is not an object"))?;
        Ok(Self { what, map })
    }

    pub(super) fn get(self, key: &str) -> Option<&'a Value> {
        self.map.get(key).filter(|value| !value.is_null())
    }

    pub(super) fn wrong(self, key: &str, why: &str) -> Error {
        bad(self.what, &format!("{key} {why}"))
    }

    pub(super) fn text(self, key: &str) -> Result<Option<&'a str>> {
        let Some(value) = self.get(key) else { return Ok(None) };
        value.as_str().map(Some).ok_or_else(|| self.wrong(key, "is not a text"))
    }

    pub(super) fn owned(self, key: &str) -> Result<Option<String>> {
        Ok(self.text(key)?.map(str::to_owned))
    }

    pub(super) fn needed(self, key: &str) -> Result<String> {
        self.owned(key)?.ok_or_else(|| self.wrong(key, "is missing"))
    }

    pub(super) fn list(self, key: &str) -> Result<Option<&'a [Value]>> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let list = value.as_array().ok_or_else(|| self.wrong(key, "is not a list"))?;
        Ok(Some(list))
    }

    pub(super) fn texts(self, key: &str) -> Result<Vec<String>> {
        let texts = self.list(key)?.unwrap_or_default().iter();
        let texts: Option<Vec<String>> =
            texts.map(|text| text.as_str().map(str::to_owned)).collect();
        texts.ok_or_else(|| self.wrong(key, "is not a list of texts"))
    }

    pub(super) fn count(self, key: &str) -> Result<Option<u64>> {
        let Some(value) = self.get(key) else { return Ok(None) };
        value.as_u64().map(Some).ok_or_else(|| self.wrong(key, "is not a count"))
    }

    pub(super) fn cid(self, key: &str) -> Result<Option<cid::Cid>> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        cid::parse(text).map(Some).map_err(|error| self.wrong(key, &format!("is wrong: {error}")))
    }

    /// A record that `key` names, and `keyCid` pins.
    pub(super) fn link(self, key: &str, cid_key: &str) -> Result<Link> {
        Ok(Link { uri: self.needed(key)?, cid: self.cid(cid_key)? })
    }

    /// What users say besides: msgpack as bytes, or an object.
    pub(super) fn metadata(self, key: &str) -> Result<Option<Packed>> {
        let Some(found) = self.get(key) else { return Ok(None) };
        let Some(bytes) = value::as_bytes(found) else {
            return plain(found)
                .map(Some)
                .ok_or_else(|| self.wrong(key, "is neither bytes nor plain"));
        };
        let mut walker = Walker::new(&bytes);
        match Packed::read(&mut walker).and_then(|read| walker.finish().map(|()| read)) {
            Ok(map @ Packed::Map(_)) => Ok(Some(map)),
            Ok(_) => Err(self.wrong(key, "is no map")),
            Err(error) => Err(self.wrong(key, &format!("is no msgpack: {error}"))),
        }
    }
}

pub(super) fn bad(what: &str, why: &str) -> Error {
    Error::BadIndex(format!("{what} record is broken: {why}"))
}

/// Puts a member, if there is something to put.
pub(super) fn put(record: &mut Map<String, Value>, key: &str, value: Option<impl Into<Value>>) {
    record.extend(value.map(|value| (key.to_owned(), value.into())));
}

pub(super) fn put_link(record: &mut Map<String, Value>, key: &str, cid_key: &str, link: &Link) {
    record.insert(key.to_owned(), link.uri.as_str().into());
    put(record, cid_key, link.cid.map(|cid| cid.to_string()));
}

/// A map as msgpack in bytes: floats stay what they are, which records cannot hold.
pub(super) fn packed(metadata: &Packed) -> Result<Value> {
    let mut bytes = Vec::new();
    metadata.write(&mut bytes)?;
    Ok(value::bytes(&bytes))
}

/// A map as an object where it can be one, else packed.
pub(super) fn object_or_packed(metadata: &Packed) -> Result<Value> {
    object(metadata).map_or_else(|| packed(metadata), Ok)
}

fn object(packed: &Packed) -> Option<Value> {
    Some(match packed {
        Packed::Nil => Value::Null,
        Packed::Bool(value) => json!(value),
        Packed::Int(value) if SAFE.contains(value) => json!(value),
        Packed::Str(text) => json!(text),
        Packed::List(items) => Value::Array(items.iter().map(object).collect::<Option<_>>()?),
        Packed::Map(pairs) => Value::Object(
            pairs
                .iter()
                .map(|(key, item)| match key {
                    Packed::Str(key) if !key.starts_with('$') => Some((key.clone(), object(item)?)),
                    _ => None,
                })
                .collect::<Option<_>>()?,
        ),
        _ => return None,
    })
}

/// Plain JSON as the values of metadata.
fn plain(value: &Value) -> Option<Packed> {
    Some(match value {
        Value::Null => Packed::Nil,
        Value::Bool(value) => Packed::Bool(*value),
        Value::Number(number) => Packed::Int(number.as_i64()?),
        Value::String(text) => Packed::Str(text.clone()),
        Value::Array(items) => Packed::List(items.iter().map(plain).collect::<Option<_>>()?),
        Value::Object(map) => {
            if let Some(bytes) = value::as_bytes(value) {
                return Some(Packed::Bytes(bytes));
            }
            let pairs =
                map.iter().map(|(key, item)| Some((Packed::Str(key.clone()), plain(item)?)));
            Packed::Map(pairs.collect::<Option<_>>()?)
        }
    })
}
