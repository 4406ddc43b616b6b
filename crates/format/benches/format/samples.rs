//! Samples to measure with: three kinds of data set in small, always the same.

use atdata_format::batch::ColumnSpec;
use atdata_format::schema::{Field, FieldType};
use atdata_format::tar::ShardWriter;
use atdata_format::{DictSample, FieldValue, Record, Sample, Value};
use ndarray::{ArrayD, IxDyn};
use std::sync::Arc;

/// Short text with two numbers; 128 floats; 224 x 224 x 3 floats.
pub(crate) const KINDS: [&str; 3] = ["small", "vector", "image"];

/// How many samples there are of a kind.
pub(crate) fn count(kind: &str) -> usize {
    match kind {
        "image" => 16,
        _ => 1024,
    }
}

/// A payload of a kind.
pub(crate) fn payload(kind: &str, number: usize) -> Vec<u8> {
    let sample = match kind {
        "small" => DictSample::from([
            ("text", Value::Str(format!("sample number {number} of a small data set, in words"))),
            ("label", Value::Int(number as i64 % 100)),
            ("score", Value::Float(number as f64 / 7.0)),
        ]),
        "vector" => with_array("features", &[128], number),
        _ => with_array("image", &[224, 224, 3], number),
    };
    sample.to_bytes().unwrap()
}

fn with_array(name: &str, shape: &[usize], number: usize) -> DictSample {
    let array = ArrayD::from_elem(IxDyn(shape), number as f32);
    let mut bytes = Vec::new();
    array.write(&mut bytes).unwrap();
    // As a payload of one field, out of which the array's bytes are taken again.
    let record = [b"\x81\xa1a", bytes.as_slice()].concat();
    let mut record = Record::new(&record).unwrap();
    record.next_field().unwrap();
    let array: Value = record.read("a").unwrap();
    DictSample::from([(name, array), ("label", Value::Int(number as i64 % 100))])
}

/// The columns of a kind.
pub(crate) fn columns(kind: &str) -> Arc<[ColumnSpec]> {
    let fields = match kind {
        "small" => vec![("text", FieldType::Str), ("score", FieldType::Float)],
        "vector" => vec![("features", FieldType::array())],
        _ => vec![("image", FieldType::array())],
    };
    let label = ("label", FieldType::Int);
    let fields = fields.into_iter().chain([label]);
    fields.map(|(name, ty)| ColumnSpec::from(&Field::new(name, ty))).collect()
}

/// All payloads of a kind.
pub(crate) fn payloads(kind: &str) -> Vec<Vec<u8>> {
    (0..count(kind)).map(|number| payload(kind, number)).collect()
}

/// A shard of all samples of a kind.
pub(crate) fn shard(kind: &str) -> Vec<u8> {
    let mut writer = ShardWriter::new(Vec::new());
    for (number, payload) in payloads(kind).iter().enumerate() {
        writer.append(&format!("{number:09}"), payload).unwrap();
    }
    writer.finish().unwrap().0
}
