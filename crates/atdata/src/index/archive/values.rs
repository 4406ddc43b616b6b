//! Metadata as JSON that loses nothing: bytes, floats that are not finite and odd map keys too.

use super::super::content::hex;
use crate::error::Result;
use atdata_format::Value;
use atdata_format::msgpack::Walker;
use serde_json::{Map, Number, Value as Json, json};

const BYTES: &str = "$bytes_hex";
const FLOAT: &str = "$float";
const PAIRS: &str = "$pairs";
const MSGPACK: &str = "$msgpack_hex";

/// What is nested deeper is kept as msgpack: readers of JSON, ours too, refuse 128 levels, of which
/// a map of pairs takes three.
const MAX_NESTING: usize = 30;

/// A value as JSON.
///
/// # Errors
/// A value that has no msgpack either.
pub(super) fn to_json(value: &Value) -> Result<Json> {
    nested(value, 0)
}

fn nested(value: &Value, depth: usize) -> Result<Json> {
    Ok(match value {
        Value::Nil => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Int(value) => json!(value),
        Value::UInt(value) => json!(value),
        Value::Float(value) => match Number::from_f64(*value) {
            Some(number) => Json::Number(number),
            None => json!({ FLOAT: value.to_string() }),
        },
        Value::Str(text) => json!(text),
        Value::Bytes(bytes) => json!({ BYTES: hex(bytes) }),
        Value::List(_) | Value::Map(_) if depth == MAX_NESTING => {
            let mut bytes = Vec::new();
            value.write(&mut bytes)?;
            json!({ MSGPACK: hex(&bytes) })
        }
        Value::List(items) => {
            items.iter().map(|item| nested(item, depth + 1)).collect::<Result<_>>()?
        }
        Value::Map(pairs) => map_to_json(pairs, depth + 1)?,
    })
}

fn map_to_json(pairs: &[(Value, Value)], depth: usize) -> Result<Json> {
    let mut plain = Map::new();
    for (key, value) in pairs {
        match key {
            Value::Str(key) if !key.starts_with('$') && !plain.contains_key(key) => {
                plain.insert(key.clone(), nested(value, depth)?);
            }
            _ => return pairs_to_json(pairs, depth),
        }
    }
    Ok(Json::Object(plain))
}

/// A map that JSON has not: with keys that are no text, or come twice.
fn pairs_to_json(pairs: &[(Value, Value)], depth: usize) -> Result<Json> {
    let pairs = pairs
        .iter()
        .map(|(key, value)| Ok(json!([nested(key, depth)?, nested(value, depth)?])))
        .collect::<Result<Vec<_>>>()?;
    Ok(json!({ PAIRS: pairs }))
}

/// A value from JSON that [`to_json`] made; `None` for what it never makes.
pub(super) fn from_json(json: &Json) -> Option<Value> {
    Some(match json {
        Json::Null => Value::Nil,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => from_number(number)?,
        Json::String(text) => Value::Str(text.clone()),
        Json::Array(items) => Value::List(items.iter().map(from_json).collect::<Option<_>>()?),
        Json::Object(map) => from_object(map)?,
    })
}

fn from_number(number: &Number) -> Option<Value> {
    let int = number.as_i64().map(Value::Int);
    int.or_else(|| number.as_u64().map(Value::UInt)).or_else(|| number.as_f64().map(Value::Float))
}

fn from_object(map: &Map<String, Json>) -> Option<Value> {
    let mut members = map.iter();
    match (members.next(), members.next()) {
        (Some((key, Json::String(text))), None) if key == BYTES => unhex(text).map(Value::Bytes),
        (Some((key, Json::String(text))), None) if key == MSGPACK => from_msgpack(&unhex(text)?),
        (Some((key, Json::String(text))), None) if key == FLOAT => {
            text.parse().ok().map(Value::Float)
        }
        (Some((key, Json::Array(pairs))), None) if key == PAIRS => {
            let pair = |pair: &Json| match pair.as_array().map(Vec::as_slice) {
                Some([key, value]) => Some((from_json(key)?, from_json(value)?)),
                _ => None,
            };
            pairs.iter().map(pair).collect::<Option<_>>().map(Value::Map)
        }
        _ => {
            let pair =
                |(key, value): (&String, &Json)| Some((Value::Str(key.clone()), from_json(value)?));
            map.iter().map(pair).collect::<Option<_>>().map(Value::Map)
        }
    }
}

fn from_msgpack(bytes: &[u8]) -> Option<Value> {
    let mut walker = Walker::new(bytes);
    let value = Value::read(&mut walker).ok()?;
    walker.finish().is_ok().then_some(value)
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}
