//! What goes out and comes in again is the same.

use super::{into, out, samples};
use atdata::convert::Format;
use atdata::format::array::encode_ndarray;
use atdata::format::dtype::Element;
use atdata::ndarray::ArrayD;
use atdata::{DictSample, Value};
use proptest::prelude::*;

fn array<T: Element>(shape: &[usize], data: Vec<T>) -> Value {
    let mut bytes = Vec::new();
    encode_ndarray(&ArrayD::from_shape_vec(shape, data).unwrap(), &mut bytes).unwrap();
    Value::Bytes(bytes)
}

/// Arrays of floats of any shape of up to three axes, or of one shape.
fn arrays(one_shape: bool) -> BoxedStrategy<Value> {
    let shape = if one_shape {
        Just(vec![2, 3]).boxed()
    } else {
        prop::collection::vec(0..3_usize, 0..4).boxed()
    };
    shape
        .prop_flat_map(|shape| {
            let count = shape.iter().product::<usize>();
            let data = prop::collection::vec(prop::num::f32::NORMAL, count);
            data.prop_map(move |data| array(&shape, data))
        })
        .boxed()
}

fn small_arrays() -> BoxedStrategy<Value> {
    let items = prop::collection::vec(any::<i16>(), 0..5);
    prop_oneof![
        items.prop_map(|items| array(&[items.len()], items)),
        prop::collection::vec(any::<bool>(), 2).prop_map(|items| array(&[2, 1], items)),
    ]
    .boxed()
}

fn map() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Nil),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        (i64::MAX as u64 + 1..=u64::MAX).prop_map(Value::UInt),
        prop::num::f64::NORMAL.prop_map(Value::Float),
        ".{0,6}".prop_map(Value::Str),
        prop::collection::vec(any::<u8>(), 0..4).prop_map(Value::Bytes),
    ];
    let inner = leaf
        .prop_recursive(3, 12, 3, |inner| prop::collection::vec(inner, 0..3).prop_map(Value::List));
    let pair = ("[a-z$]{1,3}".prop_map(Value::Str), inner);
    prop::collection::vec(pair, 0..4).prop_map(Value::Map).boxed()
}

/// Values of one type; perhaps None.
fn of_one_type() -> impl Strategy<Value = BoxedStrategy<Value>> {
    let kinds = (0..12_u8, any::<bool>());
    kinds.prop_map(|(kind, optional)| {
        let value = match kind {
            0 => any::<bool>().prop_map(Value::Bool).boxed(),
            1 => any::<i64>().prop_map(Value::Int).boxed(),
            2 => prop::num::f64::NORMAL.prop_map(Value::Float).boxed(),
            3 => ".{0,12}".prop_map(Value::Str).boxed(),
            4 => prop::collection::vec(any::<u8>(), 0..12).prop_map(Value::Bytes).boxed(),
            5 => arrays(true),
            6 => arrays(false),
            7 => small_arrays(),
            8 => prop::collection::vec(any::<i64>().prop_map(Value::Int), 0..4)
                .prop_map(Value::List)
                .boxed(),
            9 => prop::collection::vec(".{0,3}".prop_map(Value::Str), 0..4)
                .prop_map(Value::List)
                .boxed(),
            10 => map(),
            _ => {
                prop_oneof![any::<i64>().prop_map(Value::Int), Just(Value::UInt(u64::MAX))].boxed()
            }
        };
        if optional { prop_oneof![3 => value, 1 => Just(Value::Nil)].boxed() } else { value }
    })
}

/// Some samples with the same fields.
fn alike() -> impl Strategy<Value = Vec<DictSample>> {
    let fields = prop::collection::vec(of_one_type(), 1..5);
    fields.prop_flat_map(|types| {
        prop::collection::vec(types, 1..9).prop_map(|rows| {
            let named = |(at, value)| (["a", "image", "txt", "jpg", "b.c"][at], value);
            rows.into_iter().map(|row| row.into_iter().enumerate().map(named).collect()).collect()
        })
    })
}

fn check(before: &[DictSample], format: Format) -> Result<(), TestCaseError> {
    let folder = tempfile::tempdir().unwrap();
    let files = out(before, folder.path(), format, None);
    let (_, after) =
        into(&files[0], Some(format)).map_err(|e| TestCaseError::fail(e.to_string()))?;
    for (before, after) in before.iter().zip(&after) {
        for (name, value) in before.fields() {
            prop_assert_eq!(after.get(name).unwrap_or(&Value::Nil), value, "{}: {}", format, name);
        }
    }
    prop_assert_eq!(before.len(), after.len());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn jsonl(samples in alike()) {
        check(&samples, Format::Jsonl)?;
    }

    #[test]
    fn parquet(samples in alike()) {
        check(&samples, Format::Parquet)?;
    }

    #[test]
    fn arrow(samples in alike()) {
        check(&samples, Format::Arrow)?;
        check(&samples, Format::ArrowStream)?;
    }

    #[test]
    fn webdataset(samples in alike()) {
        check(&samples, Format::WebDataset)?;
    }
}

#[test]
fn csv_keeps_scalars() {
    let row = |n: i64, text: &str| {
        DictSample::from([
            ("n", Value::Int(n)),
            ("x", Value::Float(n as f64 / 3.0)),
            ("yes", Value::Bool(n > 1)),
            ("text", Value::Str(text.into())),
            ("none", if n == 1 { Value::Nil } else { Value::Int(n) }),
        ])
    };
    let before = [row(1, "a, \"b\"\nc"), row(2, "é"), row(3, " 7")];
    let folder = tempfile::tempdir().unwrap();
    for format in [Format::Csv, Format::Tsv] {
        let files = out(&before, folder.path(), format, None);
        let path = files[0].with_extension(format.name());
        std::fs::rename(&files[0], &path).unwrap();
        assert_eq!(into(&path, Some(format)).unwrap().1, before, "{format}");
    }
}

#[test]
fn several_files_are_read_in_order_and_keys_come_back() {
    let before: Vec<_> = (0..7).map(|n| DictSample::from([("n", Value::Int(n))])).collect();
    for format in [Format::Jsonl, Format::Parquet, Format::Arrow, Format::WebDataset] {
        let folder = tempfile::tempdir().unwrap();
        let files = out(&before, folder.path(), format, Some(3));
        assert_eq!(files.len(), 3, "{format}");
        let pattern = folder.path().join("out-*");
        assert_eq!(into(&pattern, Some(format)).unwrap().1, before, "{format}");
        assert_eq!(samples([folder.path().join("before.tar")]), before);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keyed.tar");
    let options = atdata::WriteOptions::new().key(|n, _| format!("x/k{n}"));
    let dataset = atdata::write_samples(before, &path, options).unwrap();
    let (mut outgoing, _) = atdata::convert::Outgoing::of_shards(&dataset, |_| {}).unwrap();
    let plain = folder.path().join("plain.tar");
    let wanted = atdata::convert::OutOptions::default();
    atdata::convert::to_path(&mut outgoing, &plain, Format::WebDataset, &wanted).unwrap();
    let (converted, _) = into(&plain, None).unwrap();
    let again = converted.splits[0].1.dataset::<DictSample>();
    assert_eq!(again.by_key("x/k5").unwrap().get("n"), Some(&Value::Int(5)));
}
