//! Structs as samples.

use atdata::ndarray::{Array0, Array1, Array2, ArrayD, IxDyn, arr0, array};
use atdata::schema::FieldType;
use atdata::{Dataset, DictSample, Sample, Value, WriteOptions, write_samples};
use std::collections::{BTreeMap, HashMap};

#[derive(Sample, Debug, Clone, PartialEq)]
struct Everything {
    flag: bool,
    small: u8,
    int: i64,
    large: u64,
    score: f64,
    half: f32,
    name: String,
    raw: Vec<u8>,
    tags: Vec<String>,
    numbers: Vec<i32>,
    note: Option<String>,
    sorted: BTreeMap<String, i64>,
    hashed: HashMap<String, f64>,
    any: Value,
    image: Array2<u8>,
    vector: Array1<f32>,
    scalar: Array0<i64>,
    mask: ArrayD<bool>,
    maybe: Option<Array1<f64>>,
}

fn everything() -> Everything {
    Everything {
        flag: true,
        small: 255,
        int: i64::MIN,
        large: u64::MAX,
        score: 0.1,
        half: 1.5,
        name: "日本".into(),
        raw: vec![0, 255],
        tags: vec!["a".into(), String::new()],
        numbers: vec![-1, 1 << 30],
        note: None,
        sorted: BTreeMap::from([("k".into(), -7)]),
        hashed: HashMap::from([("x".into(), 0.5), ("y".into(), 1.0)]),
        any: Value::List(vec![Value::Nil, Value::Int(3)]),
        image: array![[1, 2], [3, 4]],
        vector: array![],
        scalar: arr0(-5),
        mask: ArrayD::from_elem(IxDyn(&[1, 0, 2]), true),
        maybe: Some(array![f64::INFINITY]),
    }
}

#[test]
fn every_type_of_field_comes_back() {
    let sample = everything();
    let bytes = sample.to_bytes().unwrap();
    assert_eq!(Everything::from_bytes(&bytes).unwrap(), sample);
    assert_eq!(sample.to_bytes().unwrap(), bytes);
}

#[test]
fn the_schema_says_what_the_struct_says() {
    let schema = Everything::schema();
    assert_eq!(schema.name, "Everything");
    let ty = |name: &str| schema.field(name).unwrap().ty.to_string();
    let types = ["int", "raw", "tags", "note", "sorted", "image", "maybe"].map(ty);
    let wanted = ["int", "bytes", "list[str]", "str", "map", "array<uint8>", "array<float64>"];
    assert_eq!(types, wanted);
    assert_eq!(schema.field("raw").unwrap().ty, FieldType::Bytes);
    assert!(schema.field("note").unwrap().optional && !schema.field("name").unwrap().optional);
}

#[derive(Sample, Debug, PartialEq)]
#[sample(name = "Renamed")]
struct WithDefaults {
    #[sample(rename = "class")]
    kind: i64,
    #[sample(default)]
    tags: Vec<String>,
    #[sample(default = 0.25)]
    score: f64,
    note: Option<String>,
}

#[test]
fn missing_fields_take_their_defaults_also_in_batches() {
    let folder = tempfile::tempdir().unwrap();
    let rows = (0..3).map(|n| DictSample::from([("class", Value::Int(n))]));
    let written = write_samples(rows, folder.path().join("a.tar"), WriteOptions::new()).unwrap();
    let typed: Dataset<WithDefaults> = written.as_type();
    let second = WithDefaults { kind: 1, tags: vec![], score: 0.25, note: None };
    assert_eq!(typed.get(1).unwrap(), second);
    let batch = typed.ordered().batches(8).next().unwrap().unwrap();
    assert_eq!(batch.ints("class").unwrap(), [0, 1, 2]);
    assert_eq!(batch.floats("score").unwrap(), [0.25; 3]);
    assert_eq!(WithDefaults::schema().name, "Renamed");
}

#[test]
fn wrong_types_are_named_with_field_key_and_shard() {
    #[derive(Sample, Debug)]
    struct Typed {
        #[allow(dead_code, reason = "read to see whether it can be")]
        class: String,
    }
    let folder = tempfile::tempdir().unwrap();
    let rows = [DictSample::from([("class", Value::Int(1))])];
    let written = write_samples(rows, folder.path().join("a.tar"), WriteOptions::new()).unwrap();
    let error = written.as_type::<Typed>().get(0).unwrap_err().to_string();
    for part in ["not text but an int", "a.tar", "key 000000000", "field class", "byte 519"] {
        assert!(error.contains(part), "{error}");
    }
    let narrow = DictSample::from([("small", Value::Int(256))]).to_bytes().unwrap();
    #[derive(Sample, Debug)]
    struct Narrow {
        #[allow(dead_code, reason = "read to see whether it can be")]
        small: u8,
    }
    assert_eq!(Narrow::from_bytes(&narrow).unwrap_err().kind().code(), "integer_range");
}

#[test]
fn a_field_that_comes_twice_is_refused() {
    #[derive(Sample, Debug)]
    struct One {
        #[allow(dead_code, reason = "read to see whether it can be")]
        a: i64,
    }
    let twice = b"\x82\xa1a\x01\xa1a\x02";
    assert_eq!(One::from_bytes(twice).unwrap_err().kind().code(), "bad_msgpack");
    assert_eq!(DictSample::from_bytes(twice).unwrap_err().kind().code(), "bad_msgpack");
}
