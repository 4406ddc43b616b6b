//! JSON as values, with the words that the export uses for what JSON cannot say: `{"$bytes": base64}`,
//! `{"$float": "nan"}`, `{"$map": [[key, value], ...]}`, `{"dtype": .., "shape": .., "data": ..}`.

use super::arrays::array_bytes;
use atdata_format::Value;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Reads one JSON text.
pub(super) fn parse(text: &[u8]) -> Result<Value, serde_json::Error> {
    serde_json::from_slice::<Json>(text).map(|json| json.0)
}

struct Json(Value);

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Values).map(Json)
    }
}

struct Values;

impl<'de> Visitor<'de> for Values {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Nil)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or(Value::UInt(value), Value::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Str(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::Str(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Json(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some((name, Json(value))) = members.next_entry::<String, Json>()? {
            pairs.push((Value::Str(name), value));
        }
        Ok(worded(&pairs).unwrap_or(Value::Map(pairs)))
    }
}

/// The value that a map stands for, if it is one of the words.
fn worded(pairs: &[(Value, Value)]) -> Option<Value> {
    match pairs {
        [(Value::Str(word), value)] if word.starts_with('$') => match (word.as_str(), value) {
            ("$bytes", Value::Str(text)) => STANDARD.decode(text).ok().map(Value::Bytes),
            ("$float", Value::Str(text)) => match text.as_str() {
                "nan" => Some(Value::Float(f64::NAN)),
                "inf" => Some(Value::Float(f64::INFINITY)),
                "-inf" => Some(Value::Float(f64::NEG_INFINITY)),
                _ => None,
            },
            ("$map", Value::List(items)) => {
                items.iter().map(pair).collect::<Option<_>>().map(Value::Map)
            }
            _ => None,
        },
        [(Value::Str(a), dtype), (Value::Str(b), shape), (Value::Str(c), data)]
            if a == "dtype" && b == "shape" && c == "data" =>
        {
            array(dtype, shape, data)
        }
        _ => None,
    }
}

fn pair(item: &Value) -> Option<(Value, Value)> {
    match item {
        Value::List(pair) => match &pair[..] {
            [key, value] => Some((key.clone(), value.clone())),
            _ => None,
        },
        _ => None,
    }
}

fn array(dtype: &Value, shape: &Value, data: &Value) -> Option<Value> {
    let (Value::Str(dtype), Value::List(shape), Value::Bytes(data)) = (dtype, shape, data) else {
        return None;
    };
    let dim = |dim: &Value| match dim {
        Value::Int(dim) => usize::try_from(*dim).ok(),
        _ => None,
    };
    let shape = shape.iter().map(dim).collect::<Option<Vec<_>>>()?;
    array_bytes(dtype, &shape, data).ok().map(Value::Bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::json::any;
    use proptest::prelude::*;

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Nil),
            any_bool(),
            (i64::MIN..0).prop_map(Value::Int),
            (0..i64::MAX).prop_map(Value::Int),
            (i64::MAX as u64 + 1..u64::MAX).prop_map(Value::UInt),
            prop::num::f64::NORMAL.prop_map(Value::Float),
            Just(Value::Float(f64::INFINITY)),
            Just(Value::Float(-0.0)),
            ".{0,8}".prop_map(Value::Str),
            prop::collection::vec(0..=255_u8, 0..9).prop_map(Value::Bytes),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            let keys =
                prop_oneof!["[a-c$]{0,2}".prop_map(Value::Str), (0..9_i64).prop_map(Value::Int)];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
                prop::collection::vec((keys, inner), 0..4).prop_map(Value::Map),
            ]
        })
    }

    fn any_bool() -> impl Strategy<Value = Value> {
        prop::bool::ANY.prop_map(Value::Bool)
    }

    proptest! {
        #[test]
        fn what_the_export_writes_is_read_again(value in values()) {
            let mut text = String::new();
            any(&value, &mut text);
            prop_assert_eq!(parse(text.as_bytes()).unwrap(), value);
        }
    }

    #[test]
    fn what_only_looks_like_our_words_stays_a_map() {
        for text in [
            r#"{"$bytes": "a"}"#,
            r#"{"$bytes": "a==="}"#,
            r#"{"$float": "x"}"#,
            r#"{"$map": [1]}"#,
        ] {
            assert!(matches!(parse(text.as_bytes()).unwrap(), Value::Map(_)), "{text}");
        }
    }
}
