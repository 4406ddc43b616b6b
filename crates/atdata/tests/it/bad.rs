//! Broken and hostile shards: one clear error after the good samples before it, or skipped and
//! counted.

use super::fixtures;
use atdata::ndarray::ArrayD;
use atdata::{Dataset, DictSample, Error, OnError, Report, Sample};
use serde_json::Value as Json;
use std::collections::BTreeMap;

#[derive(Sample, Debug)]
struct Arrays {
    #[allow(dead_code, reason = "read to see whether it can be")]
    a: ArrayD<f32>,
    #[allow(dead_code, reason = "read to see whether it can be")]
    b: Option<ArrayD<f64>>,
}

#[derive(Sample, Debug)]
#[allow(dead_code, reason = "read to see whether they can be")]
struct Primitives {
    name: String,
    count: i64,
    score: f64,
    active: bool,
    data: Vec<u8>,
    tags: Vec<String>,
    scores: Vec<f64>,
    meta: BTreeMap<String, atdata::Value>,
    note: Option<String>,
}

/// What came of a file: good samples, the error, and what a pass that skips gives.
struct Outcome {
    good: usize,
    error: Option<Error>,
    skipping: usize,
    skipped: u64,
    names: Vec<String>,
    without_end: usize,
}

fn outcome<T: Sample>(path: &str) -> Outcome {
    let dataset = Dataset::<T>::open(path).unwrap();
    let mut good = 0;
    let mut error = None;
    for sample in dataset.ordered() {
        match sample {
            Ok(_) => good += 1,
            Err(found) => error = Some(found),
        }
    }
    let mut samples = dataset.on_error(OnError::Skip).ordered().into_iter();
    let skipping = samples.by_ref().map(Result::unwrap).count();
    let report: &Report = samples.report();
    let (skipped, names) = (report.skipped(), report.errors());
    Outcome { good, error, skipping, skipped, names, without_end: report.without_end().len() }
}

/// The kinds that stand for the words in the document of expected outcomes.
fn kinds(words: &str) -> &'static [&'static str] {
    match words {
        "not a tar archive (empty file)" => &["not_a_tar"],
        "shard cut short" => &["shard_cut_short"],
        "bad tar header; the rest of the shard is one error" => &["bad_tar_header"],
        "member larger than the shard" => &["member_too_large"],
        "payload cut short" => &["payload_cut_short"],
        "payload is not a map" => &["not_a_map"],
        "bytes after the payload" => &["trailing_bytes"],
        "nested too deeply" => &["too_deep"],
        "length larger than the payload" => &["length_too_large"],
        "text is not UTF-8" => &["bad_utf8"],
        "object arrays are refused" => &["object_array"],
        "member twice" => &["member_twice"],
        "Malformed sample: 'msgpack' field not found" => &["malformed_sample"],
        "required field missing" => &["missing_field"],
        "field is not an array" => &["wrong_type"],
        "array header or data" => &["bad_array", "object_array"],
        other => panic!("no kind stands for '{other}'"),
    }
}

#[test]
fn every_bad_file_ends_as_it_should() {
    let text = std::fs::read_to_string(fixtures().join("bad/expected.json")).unwrap();
    let expected: BTreeMap<String, Json> = serde_json::from_str(&text).unwrap();
    assert!(expected.len() > 25);
    for (name, expected) in expected {
        let path = fixtures().join("bad").join(format!("{name}.tar"));
        let path = path.to_string_lossy();
        let found = match (expected["type"].as_str().unwrap(), name.as_str()) {
            // In Rust an array field has one dtype and here none is given; see the test below.
            ("Arrays", "extra_field" | "ragged_arrays") => outcome::<DictSample>(&path),
            ("Arrays", _) => outcome::<Arrays>(&path),
            ("Primitives", _) => outcome::<Primitives>(&path),
            _ => outcome::<DictSample>(&path),
        };
        match expected["error"].as_str() {
            None => {
                let wanted = expected["samples"].as_u64().unwrap() as usize;
                assert!(found.error.is_none(), "{name}: {:?}", found.error);
                assert_eq!(
                    (found.good, found.skipping, found.skipped),
                    (wanted, wanted, 0),
                    "{name}"
                );
            }
            Some(words) => {
                let error = found.error.unwrap_or_else(|| panic!("{name}: no error"));
                assert!(kinds(words).contains(&error.kind()), "{name}: {} {error}", error.kind());
                placed(&name, &error);
                let wanted = |key: &str| expected[key].as_u64().unwrap() as usize;
                assert_eq!(found.good, wanted("samples_before"), "{name}");
                assert_eq!(found.skipping, wanted("samples_with_skip"), "{name}");
                assert!(found.skipped >= 1, "{name}");
                assert!(found.names[0].contains(&format!("{name}.tar")), "{name}");
            }
        }
        assert_eq!(found.without_end, usize::from(name == "no_end_blocks"), "{name}");
    }
}

fn placed(name: &str, error: &Error) {
    let Error::Format(error) = error else { panic!("{name}: {error}") };
    let place = error.place();
    assert!(place.shard.as_ref().unwrap().ends_with(&format!("{name}.tar")), "{name}");
    assert!(place.offset.is_some(), "{name}: {error}");
    assert!(error.kind().ends_shard() || place.key.is_some(), "{name}: {error}");
}

#[test]
fn extra_fields_are_passed_over_and_counted() {
    let path = fixtures().join("bad/extra_field.tar");
    #[derive(Sample)]
    struct Nothing {}
    let mut samples =
        Dataset::<Nothing>::open(path.to_string_lossy()).unwrap().ordered().into_iter();
    assert_eq!(samples.by_ref().map(Result::unwrap).count(), 1);
    assert!(samples.report().extra_fields() > 0);
}

#[test]
fn the_rest_of_the_data_comes_after_a_broken_shard_when_skipping() {
    let folder = tempfile::tempdir().unwrap();
    super::numbers(folder.path(), 4, 2);
    std::fs::write(folder.path().join("numbers-000000.tar"), b"no tar").unwrap();
    let pattern = folder.path().join("numbers-{000000..000001}.tar");
    let dataset = Dataset::<DictSample>::open(pattern.to_string_lossy()).unwrap();
    let mut samples = dataset.clone().on_error(OnError::Skip).ordered().into_iter();
    let found: Vec<i64> = samples.by_ref().map(|sample| super::number(&sample.unwrap())).collect();
    assert_eq!((found, samples.report().skipped()), (vec![2, 3], 1));
    let shuffled = dataset.on_error(OnError::Skip).shuffled().into_iter();
    assert_eq!(shuffled.map(Result::unwrap).count(), 2);
}

#[test]
fn batches_give_what_is_whole_before_the_error() {
    let path = fixtures().join("bad/truncated_in_payload.tar");
    let dataset = Dataset::<DictSample>::open(path.to_string_lossy()).unwrap();
    let mut batches = dataset.ordered().batches(8);
    assert_eq!(batches.next().unwrap().unwrap().len(), 2);
    assert_eq!(batches.next().unwrap().unwrap_err().kind(), "shard_cut_short");
    assert!(batches.next().is_none());
}
