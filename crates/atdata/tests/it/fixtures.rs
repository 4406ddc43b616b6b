//! Data that the original Python package wrote is read to the bit.

use super::fixtures;
use atdata::format::array::ArrayView;
use atdata::ndarray::{ArrayD, IxDyn};
use atdata::{Dataset, DictSample, Sample, Value};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

fn expected() -> Json {
    let text = std::fs::read_to_string(fixtures().join("expected.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a value is what the document of expected values says.
fn same(value: &Value, expected: &Json) -> bool {
    match (value, expected) {
        (Value::Nil, Json::Null) => true,
        (Value::Bool(value), Json::Bool(wanted)) => value == wanted,
        (Value::Int(value), Json::Number(wanted)) => wanted.as_i64() == Some(*value),
        (Value::UInt(value), Json::Number(wanted)) => wanted.as_u64() == Some(*value),
        (Value::Str(value), Json::String(wanted)) => value == wanted,
        (value, Json::Object(wanted)) => tagged(value, wanted),
        _ => false,
    }
}

fn tagged(value: &Value, wanted: &serde_json::Map<String, Json>) -> bool {
    let (tag, wanted) = wanted.iter().next().unwrap();
    match (tag.as_str(), value) {
        ("float_hex", Value::Float(value)) => {
            value.to_bits() == float_from_hex(wanted.as_str().unwrap()).to_bits()
        }
        ("bytes_hex", Value::Bytes(value)) => hex(value) == wanted.as_str().unwrap(),
        ("list", Value::List(items)) => {
            let wanted = wanted.as_array().unwrap();
            items.len() == wanted.len() && items.iter().zip(wanted).all(|(v, w)| same(v, w))
        }
        ("dict", Value::Map(pairs)) => {
            let wanted = wanted.as_object().unwrap();
            pairs.len() == wanted.len()
                && pairs.iter().all(|(key, value)| match key {
                    Value::Str(key) => same(value, &wanted[key]),
                    _ => false,
                })
        }
        ("ndarray", Value::Bytes(bytes)) => {
            let view = ArrayView::parse(bytes).unwrap();
            let shape: Vec<u64> =
                wanted["shape"].as_array().unwrap().iter().map(|d| d.as_u64().unwrap()).collect();
            let own: Vec<u64> = view.header.shape.iter().map(|&d| d as u64).collect();
            view.header.dtype.as_str() == wanted["dtype"].as_str().unwrap()
                && own == shape
                && hex(&Sha256::digest(view.to_c_order())) == wanted["sha256"].as_str().unwrap()
        }
        _ => false,
    }
}

/// C's `%a`: `-0x1.8p+3`, `inf`, `nan`.
fn float_from_hex(text: &str) -> f64 {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text),
    };
    let Some(digits) = text.strip_prefix("0x") else { return sign * text.parse::<f64>().unwrap() };
    let (mantissa, exponent) = digits.split_once('p').unwrap();
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let bits = u64::from_str_radix(&format!("{whole}{fraction}"), 16).unwrap();
    let exponent: i32 = exponent.parse().unwrap();
    // Two steps, so that subnormals are not rounded twice.
    let shift = exponent - 4 * fraction.len() as i32;
    let value = (bits as f64) * 2f64.powi(shift.max(-1000)) * 2f64.powi(shift.min(-1000) + 1000);
    sign * value
}

fn check(shards: &str, expected: &Json) {
    let dataset = Dataset::<DictSample>::open(fixtures().join(shards).to_string_lossy()).unwrap();
    let samples: Vec<DictSample> = dataset.ordered().into_iter().map(Result::unwrap).collect();
    let wanted = expected.as_array().unwrap();
    assert_eq!(samples.len(), wanted.len(), "{shards}");
    for (sample, wanted) in samples.iter().zip(wanted) {
        let fields = wanted["fields"].as_object().unwrap();
        assert_eq!(sample.fields().len(), fields.len());
        for (name, value) in sample.fields() {
            assert!(same(value, &fields[name]), "{shards} {name}: {value:?} {}", fields[name]);
        }
    }
}

#[test]
fn every_sample_of_the_original_is_read_exactly() {
    let expected = expected();
    for shard in ["primitives.tar", "arrays.tar", "legacy_npy.tar"] {
        check(shard, &expected[shard]);
    }
    check("splits/train-{000000..000002}.tar", &expected["splits/train"]);
    check("splits/test-000000.tar", &expected["splits/test"]);
}

#[test]
fn keys_are_those_of_the_members() {
    let dataset = Dataset::<DictSample>::open(fixtures().join("primitives.tar").to_string_lossy());
    let index = dataset.unwrap().shards().index(0).unwrap();
    let expected = expected();
    let wanted = expected["primitives.tar"].as_array().unwrap();
    for (at, sample) in wanted.iter().enumerate() {
        assert_eq!(index.key(at), sample["__key__"].as_str().unwrap());
    }
}

#[test]
fn long_names_of_both_kinds_are_read() {
    for name in ["long_names_pax.tar", "long_names_gnu.tar"] {
        #[derive(Sample)]
        struct Row {
            a: ArrayD<f32>,
        }
        let dataset = Dataset::<Row>::open(fixtures().join(name).to_string_lossy()).unwrap();
        let rows: Vec<f32> =
            dataset.ordered().into_iter().map(|row| row.unwrap().a[IxDyn(&[0])]).collect();
        assert_eq!(rows, [0.0, 1.0], "{name}");
        assert!(dataset.shards().index(0).unwrap().key(1).len() > 100);
    }
}
