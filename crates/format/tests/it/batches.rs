//! Columns against samples decoded one by one.

use super::strategies::sample;
use atdata_format::batch::{BatchDecoder, Column, ColumnSpec};
use atdata_format::schema::FieldType;
use atdata_format::tar::{RawSample, ShardReader, ShardWriter};
use atdata_format::{DictSample, FieldValue, Kind, Sample, Value};
use ndarray::{ArrayD, IxDyn};
use proptest::prelude::*;
use std::sync::Arc;

fn specs(fields: &[(&str, FieldType, Option<Value>)]) -> Arc<[ColumnSpec]> {
    let spec = |(name, ty, default): &(&str, FieldType, Option<Value>)| ColumnSpec {
        name: (*name).to_owned(),
        ty: ty.clone(),
        default: default.clone(),
    };
    fields.iter().map(spec).collect()
}

fn array(shape: &[usize], value: f32) -> Value {
    let mut bytes = Vec::new();
    ArrayD::from_elem(IxDyn(shape), value).write(&mut bytes).unwrap();
    Value::read(&mut atdata_format::msgpack::Walker::new(&bytes)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn columns_hold_what_the_samples_hold(samples in proptest::collection::vec(sample(), 0..10)) {
        let mut decoder = BatchDecoder::open(4);
        for sample in &samples {
            decoder.push(&sample.to_bytes().unwrap()).unwrap();
        }
        let batch = decoder.finish();
        prop_assert_eq!(batch.len(), samples.len());
        for (name, column) in batch.into_columns() {
            let Column::Values(values) = column else { panic!("an open batch holds values") };
            for (sample, value) in samples.iter().zip(&values) {
                prop_assert_eq!(sample.get(&name).unwrap_or(&Value::Nil), value);
            }
        }
    }

    #[test]
    fn large_samples_are_the_same_read_straight_or_through_memory(
        length in prop_oneof![0usize..100, 2_000usize..80_000], text in ".{0,50}",
        fortran in any::<bool>(),
    ) {
        let sample = DictSample::from([
            ("text", Value::Str(text)),
            ("image", array(&[length], 1.0)),
            ("raw", Value::Bytes((0..length).map(|at| (at * at / 7) as u8).collect())),
            ("more", if fortran { Value::Nil } else { array(&[2, length], 2.0) }),
        ]);
        let payload = sample.to_bytes().unwrap();
        let mut writer = ShardWriter::new(Vec::new());
        for key in ["a", "b"] {
            writer.append(key, &payload).unwrap();
        }
        let (shard, _) = writer.finish().unwrap();
        let specs = specs(&[
            ("text", FieldType::Str, None),
            ("image", FieldType::array(), None),
            ("raw", FieldType::Bytes, None),
            ("more", FieldType::array(), None),
        ]);
        let mut straight = BatchDecoder::new(Arc::clone(&specs), 2);
        let mut reader = ShardReader::new(&shard[..], Some(shard.len() as u64));
        while reader.advance().unwrap() {
            reader.decode_into(&mut straight).unwrap();
        }
        let mut in_memory = BatchDecoder::new(specs, 2);
        in_memory.push(&payload).unwrap();
        in_memory.push(&payload).unwrap();
        let batch = straight.finish();
        prop_assert_eq!(&batch, &in_memory.finish());
        let images = batch.array::<f32>("image").unwrap();
        prop_assert_eq!(images.shape(), [2, length]);
    }

    #[test]
    fn a_shard_that_is_cut_is_the_same_read_straight_or_through_memory(
        lengths in proptest::collection::vec(0usize..50_000, 1..4),
        cut in any::<proptest::sample::Index>(), sized in any::<bool>(),
    ) {
        let mut writer = ShardWriter::new(Vec::new());
        for (number, length) in lengths.iter().enumerate() {
            let raw = Value::Bytes(vec![number as u8; *length]);
            let sample = DictSample::from([("raw", raw), ("n", Value::Int(number as i64))]);
            writer.append(&number.to_string(), &sample.to_bytes().unwrap()).unwrap();
        }
        let (shard, _) = writer.finish().unwrap();
        let shard = &shard[..cut.index(shard.len())];
        let size = sized.then_some(shard.len() as u64);
        let specs = specs(&[("raw", FieldType::Bytes, None), ("n", FieldType::Int, None)]);
        let (mut straight, mut in_memory) =
            (BatchDecoder::new(Arc::clone(&specs), 4), BatchDecoder::new(specs, 4));
        let mut reader = ShardReader::new(shard, size);
        let met = loop {
            match reader.advance().and_then(|more| {
                if more { reader.decode_into(&mut straight).map(|()| true) } else { Ok(false) }
            }) {
                Ok(true) => {}
                Ok(false) => break None,
                Err(error) => break Some((error.kind(), error.place().clone())),
            }
        };
        let (mut reader, mut raw) = (ShardReader::new(shard, size), RawSample::default());
        let expected = loop {
            match reader.read(&mut raw) {
                Ok(true) => in_memory.push(&raw.payload).unwrap(),
                Ok(false) => break None,
                Err(error) => break Some((error.kind(), error.place().clone())),
            }
        };
        prop_assert_eq!(straight.finish(), in_memory.finish());
        prop_assert_eq!(met, expected);
    }
}

#[test]
fn arrays_of_one_shape_are_stacked_and_others_listed() {
    let specs = specs(&[("a", FieldType::array(), Some(Value::Nil))]);
    let mut decoder = BatchDecoder::new(specs, 2);
    let mut batch_of = |values: &[Option<Value>]| {
        for value in values {
            let fields = value.iter().map(|value| ("a", value.clone()));
            decoder.push(&fields.collect::<DictSample>().to_bytes().unwrap()).unwrap();
        }
        decoder.finish()
    };
    let same = batch_of(&[Some(array(&[2, 3], 1.0)), Some(array(&[2, 3], 2.0))]);
    assert_eq!(same.array::<f32>("a").unwrap()[[1, 1, 2]], 2.0);
    let ragged = batch_of(&[Some(array(&[2], 1.0)), Some(array(&[3], 2.0))]);
    assert!(matches!(ragged.column("a"), Some(Column::Arrays(items)) if items.len() == 2));
    assert_eq!(ragged.array::<f32>("a").unwrap_err().kind(), Kind::WrongType);
    let gaps = batch_of(&[Some(array(&[2], 1.0)), None, Some(Value::Nil)]);
    assert!(matches!(gaps.column("a"), Some(Column::Arrays(items)) if items[1].is_none()));
}

#[test]
fn a_bad_sample_leaves_no_trace() {
    let specs = specs(&[("n", FieldType::Int, None), ("a", FieldType::array(), None)]);
    let mut decoder = BatchDecoder::new(specs, 4);
    let good = DictSample::from([("n", Value::Int(1)), ("a", array(&[2], 1.0))]);
    let bad = DictSample::from([("n", Value::Int(2)), ("a", Value::Str("no array".into()))]);
    let missing = DictSample::from([("n", Value::Int(3))]);
    decoder.push(&good.to_bytes().unwrap()).unwrap();
    let wrong = decoder.push(&bad.to_bytes().unwrap()).unwrap_err();
    assert_eq!((wrong.kind(), wrong.place().field.as_deref()), (Kind::WrongType, Some("a")));
    let missed = decoder.push(&missing.to_bytes().unwrap()).unwrap_err();
    assert_eq!((missed.kind(), missed.place().field.as_deref()), (Kind::MissingField, Some("a")));
    decoder.push(&good.to_bytes().unwrap()).unwrap();
    let batch = decoder.finish();
    assert_eq!(batch.ints("n").unwrap(), [1, 1]);
    assert_eq!(batch.array::<f32>("a").unwrap().shape(), [2, 2]);
}

#[test]
fn values_of_another_type_are_kept_as_they_are() {
    let specs = specs(&[("n", FieldType::Int, None)]);
    let mut decoder = BatchDecoder::new(specs, 4);
    for value in [Value::Int(1), Value::Str("two".into()), Value::Nil, Value::UInt(u64::MAX)] {
        let sample = DictSample::from([("n", value), ("extra", Value::Bool(true))]);
        decoder.push(&sample.to_bytes().unwrap()).unwrap();
    }
    let batch = decoder.finish();
    assert!(matches!(batch.column("n"), Some(Column::Values(values)) if values.len() == 4));
    assert_eq!(batch.extra_fields(), 4);
}
