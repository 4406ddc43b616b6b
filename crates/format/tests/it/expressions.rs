//! Conditions against a plain reading of what they mean.

use atdata_format::batch::Column;
use atdata_format::batch::ColumnSpec;
use atdata_format::expression::{Expr, Filter, Sieve};
use atdata_format::manifest::{Aggregate, AggregateKind};
use atdata_format::schema::FieldType;
use atdata_format::tar::{ShardReader, ShardWriter, Window};
use atdata_format::{DictSample, Kind, Sample, Value};
use proptest::collection::vec;
use proptest::prelude::*;
use std::sync::Arc;

mod plain;
use plain::{number, numbers, plain};

fn packed(sample: &DictSample) -> Vec<u8> {
    sample.to_bytes().unwrap()
}

fn column(name: &str, ty: FieldType) -> ColumnSpec {
    ColumnSpec { name: name.to_owned(), ty, default: None }
}

proptest! {
    #[test]
    fn conditions_mean_what_they_say(plain in plain(), sample in numbers()) {
        let expr: Expr = plain.text().parse().unwrap();
        let kept = Filter::open(expr.clone()).keeps(&packed(&sample)).unwrap();
        prop_assert_eq!(kept, plain.holds(&sample), "{}", expr);
    }

    #[test]
    fn texts_come_back_the_same(plain in plain()) {
        let expr: Expr = plain.text().parse().unwrap();
        prop_assert_eq!(expr.to_string().parse::<Expr>().unwrap(), expr);
    }

    #[test]
    fn no_text_breaks_the_parser(text in "[a-c0-9 ()\\[\\]<>=!.,'`\"\\\\&-]{0,40}|(a|in|not|and|or|is|None|between|1|'x'|\\(|\\)|\\[|\\]|,|<| ){0,20}") {
        if let Ok(expr) = text.parse::<Expr>() {
            prop_assert_eq!(expr.to_string().parse::<Expr>().unwrap(), expr);
        }
    }

    #[test]
    fn no_payload_breaks_a_filter(bytes in vec(any::<u8>(), 0..200), plain in plain()) {
        let filter = Filter::open(plain.text().parse().unwrap());
        let _ = filter.keeps(&bytes);
    }

    #[test]
    fn large_payloads_are_asked_as_small_ones_are(
        plain in plain(), sample in numbers(), size in 0usize..300_000, first in any::<bool>(),
        bytes in any::<bool>(),
    ) {
        let large = if bytes { Value::Bytes(vec![7; size]) } else {
            Value::List(vec![Value::Str("x".repeat(size / 4)); 3])
        };
        let mut fields: Vec<_> = sample.fields().to_vec();
        fields.insert(if first { 0 } else { fields.len() - 1 }, ("large".to_owned(), large));
        let sample: DictSample = fields.into_iter().collect();
        let mut writer = ShardWriter::new(Vec::new());
        for key in ["k", "l"] {
            writer.append(key, &packed(&sample)).unwrap();
        }
        let (shard, _) = writer.finish().unwrap();
        let mut reader = ShardReader::new(&shard[..], Some(shard.len() as u64));
        let mut sieve = Sieve::new(Arc::new(Filter::open(plain.text().parse().unwrap())));
        while reader.advance().unwrap() {
            let kept = reader.keeps(&mut sieve, |input, at| {
                *input = &shard[at as usize..];
                Ok(())
            });
            prop_assert_eq!(kept.unwrap(), plain.holds(&sample));
            if plain.holds(&sample) {
                let mut payload = Vec::new();
                reader.append_payload(&mut payload).unwrap();
                prop_assert_eq!(payload, packed(&sample));
            }
        }
    }

    #[test]
    fn what_a_manifest_rules_out_is_in_no_sample(
        plain in plain(), samples in vec(number(), 1..20), kind in 0usize..2,
    ) {
        let kind = [AggregateKind::Numeric, AggregateKind::Categorical][kind];
        let column = Column::Values(samples.clone());
        let fields = [("a".to_owned(), Aggregate::of(kind, &column))].into();
        let filter = Filter::open(plain.text().parse().unwrap());
        if !filter.may_keep(samples.len() as u64, &fields) {
            for value in samples {
                let sample: DictSample = [("a".to_owned(), value)].into_iter().collect();
                prop_assert!(!plain.holds(&sample), "{}", plain.text());
            }
        }
    }
}

#[test]
fn a_manifest_rules_out_what_lies_outside() {
    let column = Column::Ints(vec![1, 2, 9]);
    let texts = Column::texts(["cat", "dog"]);
    let lists = Column::Values(vec![Value::List(vec![Value::Str("x".to_owned())])]);
    let fields = [
        ("n".to_owned(), Aggregate::of(AggregateKind::Numeric, &column)),
        ("t".to_owned(), Aggregate::of(AggregateKind::Categorical, &texts)),
        ("l".to_owned(), Aggregate::of(AggregateKind::Set, &lists)),
    ]
    .into();
    let may = |text: &str| Filter::open(text.parse().unwrap()).may_keep(3, &fields);
    for out in [
        "n > 9.5",
        "n < 0.5",
        "n == 10",
        "n in [0, 10]",
        "not n >= 0.5",
        "n between 10 and 20",
        "t == 'bird'",
        "t in ['a', 'b']",
        "'y' in l",
        "n > 10 or t == 'x'",
        "n > 0 and t < 'a'",
    ] {
        assert!(!may(out), "{out}");
    }
    for not_out in
        ["n >= 9", "n == 5", "t == 'cat'", "'x' in l", "m > 3", "not t == 'x'", "n is None"]
    {
        assert!(may(not_out), "{not_out}");
    }
}

#[test]
fn numbers_are_compared_exactly() {
    let keeps = |text: &str, value: Value| {
        let sample: DictSample = [("a".to_owned(), value)].into_iter().collect();
        Filter::open(text.parse().unwrap()).keeps(&packed(&sample)).unwrap()
    };
    assert!(keeps("a > 9007199254740992.0", Value::Int(9_007_199_254_740_993)));
    assert!(!keeps("a == 9007199254740992.0", Value::Int(9_007_199_254_740_993)));
    assert!(keeps("a == 18446744073709551615", Value::UInt(u64::MAX)));
    assert!(keeps("a < 1e999 and a > -1e999", Value::Float(1e308)));
    assert!(!keeps("a == a", Value::Float(f64::NAN)) && keeps("a != a", Value::Float(f64::NAN)));
    assert!(keeps("a == True and a == 1 and a in [1.0]", Value::Bool(true)));
    assert!(keeps(
        "'ell' in a and a.startswith('h') and a.endswith('o')",
        Value::Str("hello".into())
    ));
    assert!(keeps("b'\\x00' in a and not a.startswith(b'x')", Value::Bytes(vec![1, 0])));
    assert!(keeps("2 in a and 'x' not in a", Value::List(vec![Value::Int(1), Value::Float(2.0)])));
    for text in ["a != 1", "a == 1", "a not in [1]", "a in [1]", "a.startswith('x')", "a"] {
        assert!(!keeps(text, Value::Nil), "{text}");
    }
    assert!(keeps("not a == 1 and a is None", Value::Nil));
}

#[test]
fn values_that_do_not_compare_are_errors_that_name_them() {
    let payload = packed(&[("a".to_owned(), Value::Str("x".to_owned()))].into_iter().collect());
    for text in ["a > 1", "1 == a", "a in [1, 2]", "a", "a.startswith(b'x')", "3 in a"] {
        let error = Filter::open(text.parse().unwrap()).keeps(&payload).unwrap_err();
        assert_eq!((error.kind(), error.place().field.as_deref()), (Kind::WrongType, Some("a")));
    }
}

#[test]
fn what_cannot_be_asked_of_a_type_is_said_at_once() {
    let columns = [
        column("text", FieldType::Str),
        column("number", FieldType::Float),
        column("image", FieldType::array()),
        column("tags", FieldType::Str.list()),
        column("flag", FieldType::Bool),
    ];
    let made = |text: &str| Filter::new(text.parse().unwrap(), &columns);
    for right in
        ["text == 'x'", "number > 1 and flag", "image is None", "'x' in tags", "flag == number"]
    {
        assert!(made(right).is_ok(), "{right}");
    }
    for wrong in [
        "text > 1",
        "number == 'x'",
        "image > 1",
        "tags == 'x'",
        "3 in tags",
        "text == number",
        "number",
    ] {
        assert_eq!(made(wrong).unwrap_err().kind(), Kind::WrongType, "{wrong}");
    }
    let unknown = made("numbr > 1").unwrap_err();
    assert_eq!(unknown.kind(), Kind::UnknownField);
    let said = "no field 'numbr' (did you mean 'number'?); the fields are text, number";
    assert!(unknown.to_string().contains(said), "{unknown}");
}

#[test]
fn errors_show_the_place() {
    let said = |text: &str| text.parse::<Expr>().unwrap_err().to_string();
    assert_eq!(
        said("score > 1 & label == 'x'"),
        "condition, character 11: & means nothing here: write and\n  score > 1 & label == 'x'\n            ^"
    );
    assert!(said("a == None").contains("ask with `is None`"), "{}", said("a == None"));
    assert!(said("1 < 2").contains("no field"));
    assert!(said("").contains("character 1: a field or a constant is missing"));
    assert!(said(&"(".repeat(1000)).contains("nested more than 50 deep"));
    assert!(said(&"not ".repeat(1000)).contains("nested more than 50 deep"));
    assert!(said(&"a".repeat(2_000_000)).contains("at most"));
}

#[test]
fn a_field_that_comes_twice_counts_once() {
    let mut payload = b"\x84\xa1a\x01\xa1a\x02\xa1x\xc5\x40\x00".to_vec();
    payload.resize(payload.len() + 0x4000, 0);
    payload.extend_from_slice(b"\xa1b\x03");
    let filter = Filter::open("a == 1 and b == 3".parse().unwrap());
    assert!(filter.keeps(&payload).unwrap());
    let mut sieve = Sieve::new(Arc::new(filter));
    let mut window = Window::new(&payload[..], 0);
    assert!(sieve.keeps_in(&mut window, payload.len() as u64).unwrap());
}
