//! Records between their JSON form, in which servers speak, and DAG-CBOR, of which CIDs are made.
//!
//! In JSON, a CID is `{"$link": "bafy..."}` and bytes are `{"$bytes": "base64"}`.

use crate::cid;
use crate::error::{Error, Result};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use ipld_core::ipld::Ipld;
use serde_json::{Map, Value, json};

/// How deep a record may nest.
const MAX_DEPTH: usize = 64;

/// Padding may be there or not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Bytes as they are in a record.
///
/// ```
/// use atdata_atproto::value;
/// let value = value::bytes(b"hi");
/// assert_eq!(value, serde_json::json!({"$bytes": "aGk"}));
/// assert_eq!(value::as_bytes(&value), Some(b"hi".to_vec()));
/// ```
#[must_use]
pub fn bytes(bytes: &[u8]) -> Value {
    json!({"$bytes": BASE64.encode(bytes)})
}

/// The bytes of a value that stands for bytes.
#[must_use]
pub fn as_bytes(value: &Value) -> Option<Vec<u8>> {
    BASE64.decode(only(value, "$bytes")?).ok()
}

/// A CID as it is in a record.
#[must_use]
pub fn link(cid: &cid::Cid) -> Value {
    json!({"$link": cid.to_string()})
}

/// The CID of a value that stands for one.
#[must_use]
pub fn as_link(value: &Value) -> Option<cid::Cid> {
    cid::parse(only(value, "$link")?).ok()
}

fn only<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    object.get(key)?.as_str()
}

/// The canonical DAG-CBOR of a record in its JSON form.
///
/// # Errors
/// [`Error::BadRecord`] for floats, whole numbers beyond 64 bits, broken `$link` and `$bytes`, and
/// nesting deeper than 64.
pub fn to_cbor(record: &Value) -> Result<Vec<u8>> {
    let ipld = to_ipld(record, &mut Vec::new())?;
    serde_ipld_dagcbor::to_vec(&ipld).map_err(|error| Error::BadRecord(error.to_string()))
}

/// The JSON form of a record in DAG-CBOR.
///
/// # Errors
/// [`Error::BadRecord`] for what is not DAG-CBOR, or has floats.
pub fn from_cbor(block: &[u8]) -> Result<Value> {
    let ipld: Ipld = serde_ipld_dagcbor::from_slice(block)
        .map_err(|error| Error::BadRecord(format!("this is not DAG-CBOR: {error}")))?;
    from_ipld(&ipld)
}

/// `path` is where in the record a value is, for the words of an error.
fn to_ipld(value: &Value, path: &mut Vec<String>) -> Result<Ipld> {
    if path.len() > MAX_DEPTH {
        return Err(Error::BadRecord(format!("a record nests at most {MAX_DEPTH} deep")));
    }
    Ok(match value {
        Value::Null => Ipld::Null,
        Value::Bool(value) => Ipld::Bool(*value),
        Value::String(text) => Ipld::String(text.clone()),
        Value::Number(number) => integer(number, path)?,
        Value::Array(items) => Ipld::List(
            items
                .iter()
                .enumerate()
                .map(|(i, item)| within(i.to_string(), item, path))
                .collect::<Result<_>>()?,
        ),
        Value::Object(object) if object.contains_key("$link") => {
            Ipld::Link(as_link(value).ok_or_else(|| wrong(path, "$link is not a CID"))?)
        }
        Value::Object(object) if object.contains_key("$bytes") => {
            Ipld::Bytes(as_bytes(value).ok_or_else(|| wrong(path, "$bytes is not base64"))?)
        }
        Value::Object(object) => Ipld::Map(
            object
                .iter()
                .map(|(key, item)| Ok((key.clone(), within(key.clone(), item, path)?)))
                .collect::<Result<_>>()?,
        ),
    })
}

fn within(step: String, item: &Value, path: &mut Vec<String>) -> Result<Ipld> {
    path.push(step);
    let converted = to_ipld(item, path)?;
    path.pop();
    Ok(converted)
}

fn integer(number: &serde_json::Number, path: &[String]) -> Result<Ipld> {
    let whole = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    let whole = whole.filter(|whole| i64::try_from(*whole).is_ok());
    whole.map(Ipld::Integer).ok_or_else(|| {
        wrong(path, &format!("{number} is not a whole number of 64 bits; records have no others"))
    })
}

fn wrong(path: &[String], message: &str) -> Error {
    let place = if path.is_empty() { "the record".to_owned() } else { path.join(".") };
    Error::BadRecord(format!("{place}: {message}"))
}

fn from_ipld(ipld: &Ipld) -> Result<Value> {
    Ok(match ipld {
        Ipld::Null => Value::Null,
        Ipld::Bool(value) => Value::Bool(*value),
        Ipld::Integer(whole) => Value::from(
            i64::try_from(*whole)
                .map_err(|_| Error::BadRecord(format!("{whole} does not fit in 64 bits")))?,
        ),
        Ipld::Float(float) => {
            return Err(Error::BadRecord(format!("a record has the float {float}")));
        }
        Ipld::String(text) => Value::String(text.clone()),
        Ipld::Bytes(found) => bytes(found),
        Ipld::Link(cid) => link(cid),
        Ipld::List(items) => Value::Array(items.iter().map(from_ipld).collect::<Result<_>>()?),
        Ipld::Map(map) => Value::Object(
            map.iter()
                .map(|(key, item)| Ok((key.clone(), from_ipld(item)?)))
                .collect::<Result<Map<_, _>>>()?,
        ),
    })
}
