//! Samples and problems for programs, as the help of `head` and `verify` documents them.

use crate::array;
use crate::error::message;
use crate::samples::Found;
use atdata::format::Place;
use atdata::format::array::ArrayView;
use atdata::reindex::IndexState;
use atdata::source::shown;
use atdata::verify::Problem;
use atdata::{Error, Value};
use serde_json::{Map, Value as Json, json};

/// A sample with some of its fields.
pub(crate) fn sample<'a>(
    found: &Found,
    fields: impl Iterator<Item = (&'a str, &'a Value)>,
    full: bool,
) -> Json {
    let fields: Map<String, Json> =
        fields.map(|(name, field)| (name.to_owned(), value(field, full))).collect();
    json!({"key": found.key, "shard": found.shard, "fields": fields})
}

/// A value; with `full`, the data of arrays too.
fn value(value: &Value, full: bool) -> Json {
    match value {
        Value::Nil => Json::Null,
        Value::Bool(truth) => json!(truth),
        Value::Int(number) => json!(number),
        Value::UInt(number) => json!(number),
        Value::Float(number) => float(*number),
        Value::Str(text) => json!(text),
        Value::Bytes(bytes) => match array::parse(bytes) {
            Some(array) => json!({"$array": array_parts(&array, full)}),
            None => json!({"$bytes": base64(bytes)}),
        },
        Value::List(items) => items.iter().map(|item| self::value(item, full)).collect(),
        Value::Map(pairs) => map(pairs, full),
    }
}

fn float(number: f64) -> Json {
    if number.is_nan() {
        json!("NaN")
    } else if number.is_infinite() {
        json!(if number > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        json!(number)
    }
}

fn array_parts(array: &ArrayView<'_>, full: bool) -> Json {
    let header = &array.header;
    let mut parts = json!({"dtype": header.dtype.as_str(), "shape": &header.shape[..]});
    if full {
        if let Some(descr) = header.dtype.descr() {
            parts["descr"] = json!(descr);
        }
        parts["data"] = json!(base64(&array.to_c_order()));
    }
    parts
}

/// An object, unless that would lose a pair or be taken for something else.
fn map(pairs: &[(Value, Value)], full: bool) -> Json {
    let mut object = Map::new();
    for (key, item) in pairs {
        let plain = match key {
            Value::Str(key) if !key.starts_with('$') => key.clone(),
            _ => return all_pairs(pairs, full),
        };
        if object.insert(plain, value(item, full)).is_some() {
            return all_pairs(pairs, full);
        }
    }
    Json::Object(object)
}

fn all_pairs(pairs: &[(Value, Value)], full: bool) -> Json {
    let pairs = pairs.iter().map(|(key, item)| json!([value(key, full), value(item, full)]));
    json!({"$map": pairs.collect::<Json>()})
}

/// Standard base64 with padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for digit in 0..4 {
            let index = (bits >> (18 - 6 * digit) & 63) as usize;
            out.push(if digit > chunk.len() { '=' } else { char::from(DIGITS[index]) });
        }
    }
    out
}

/// The word for an index: `right`, `missing` or `wrong`.
pub(crate) const fn index_state(state: IndexState) -> &'static str {
    match state {
        IndexState::Right => "right",
        IndexState::Missing => "missing",
        IndexState::Wrong => "wrong",
    }
}

/// Something that is wrong, found by the check of a shard.
pub(crate) fn problem(problem: &Problem) -> Json {
    placed(problem.kind, &problem.message, &problem.place)
}

/// Something that is wrong, met on the way.
pub(crate) fn error(error: &Error) -> Json {
    match error {
        Error::Format(inner) => placed(error.kind(), inner.message(), inner.place()),
        _ => placed(error.kind(), &message(error), &Place::default()),
    }
}

fn placed(kind: &str, message: &str, place: &Place) -> Json {
    json!({
        "kind": kind,
        "message": message,
        "shard": place.shard.as_deref().map(shown),
        "key": place.key,
        "field": place.field,
        "byte": place.offset,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_as_in_the_rfc() {
        let pairs =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
        for (plain, coded) in pairs {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
        assert_eq!(base64(&[0xfb, 0xff]), "+/8=");
    }

    #[test]
    fn maps_lose_nothing() {
        let text = |text: &str| Value::Str(text.to_owned());
        let map = |key: Value| value(&Value::Map(vec![(key, Value::Float(f64::NAN))]), false);
        assert_eq!(map(text("a")), json!({"a": "NaN"}));
        assert_eq!(map(text("$bytes")), json!({"$map": [["$bytes", "NaN"]]}));
        assert_eq!(map(Value::Int(1)), json!({"$map": [[1, "NaN"]]}));
        let twice = Value::Map(vec![(text("a"), Value::Nil), (text("a"), Value::Int(1))]);
        assert_eq!(value(&twice, false), json!({"$map": [["a", null], ["a", 1]]}));
    }
}
