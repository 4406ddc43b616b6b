//! Metadata as JSON that loses nothing: bytes, floats that are not finite and odd map keys too.

use super::super::content::hex;
use atdata_format::Value;
use serde_json::{Map, Number, Value as Json, json};
use std::collections::HashSet;

const BYTES: &str = "$bytes_hex";
const FLOAT: &str = "$float";
const PAIRS: &str = "$pairs";

/// A value as JSON.
pub(super) fn to_json(value: &Value) -> Json {
    match value {
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
        Value::List(items) => items.iter().map(to_json).collect(),
        Value::Map(pairs) => map_to_json(pairs),
    }
}

fn map_to_json(pairs: &[(Value, Value)]) -> Json {
    let mut seen = HashSet::new();
    let plain = pairs.iter().map(|(key, value)| match key {
        Value::Str(key) if !key.starts_with('$') && seen.insert(key) => {
            Some((key.clone(), to_json(value)))
        }
        _ => None,
    });
    match plain.collect::<Option<Map<_, _>>>() {
        Some(map) => Json::Object(map),
        None => {
            let pairs = pairs.iter().map(|(key, value)| json!([to_json(key), to_json(value)]));
            json!({ PAIRS: pairs.collect::<Vec<_>>() })
        }
    }
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

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Nil),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            (1 << 63..=u64::MAX).prop_map(Value::UInt),
            prop::num::f64::NORMAL.prop_map(Value::Float),
            Just(Value::Float(f64::INFINITY)),
            "\\$?\\PC{0,8}".prop_map(Value::Str),
            prop::collection::vec(any::<u8>(), 0..8).prop_map(Value::Bytes),
        ];
        leaf.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
                prop::collection::vec((inner.clone(), inner), 0..4).prop_map(Value::Map),
            ]
        })
    }

    proptest! {
        #[test]
        fn values_come_back_through_text(value in values()) {
            let text = to_json(&value).to_string();
            prop_assert_eq!(from_json(&serde_json::from_str(&text).unwrap()), Some(value));
        }
    }
}
