use super::strategies::{sample, value};
use atdata_format::msgpack::{MAX_DEPTH, Walker};
use atdata_format::{DictSample, Kind, Sample, Value};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_value_comes_back_as_it_was(value in value()) {
        let mut bytes = Vec::new();
        value.write(&mut bytes).unwrap();
        let mut walker = Walker::new(&bytes);
        prop_assert_eq!(Value::read(&mut walker).unwrap(), value);
        walker.finish().unwrap();
        let mut skipping = Walker::new(&bytes);
        skipping.skip().unwrap();
        skipping.finish().unwrap();
    }

    #[test]
    fn a_sample_comes_back_as_it_was_and_no_part_of_it_is_one(sample in sample()) {
        let bytes = sample.to_bytes().unwrap();
        prop_assert_eq!(DictSample::from_bytes(&bytes).unwrap(), sample);
        for cut in 0..bytes.len() {
            prop_assert!(DictSample::from_bytes(&bytes[..cut]).is_err());
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let skipped = Walker::new(&bytes).skip();
        let read = Value::read(&mut Walker::new(&bytes));
        prop_assert_eq!(skipped.is_ok(), read.is_ok());
    }
}

#[test]
fn what_nobody_could_read_is_not_written() {
    let deep = |lists| (0..lists).fold(Value::Nil, |inner, _| Value::List(vec![inner]));
    assert!(deep(MAX_DEPTH).write(&mut Vec::new()).is_ok());
    let refused = deep(MAX_DEPTH + 1).write(&mut Vec::new()).unwrap_err();
    assert_eq!(refused.kind(), Kind::TooDeep);
    let sample = DictSample::from([("deep", deep(MAX_DEPTH + 1))]);
    assert_eq!(sample.to_bytes().unwrap_err().kind(), Kind::TooDeep);
}

#[test]
fn integers_take_their_shortest_form() {
    let lengths = [
        (Value::Int(127), 1),
        (Value::Int(128), 2),
        (Value::Int(-32), 1),
        (Value::Int(-33), 2),
        (Value::Int(-129), 3),
        (Value::Int(65536), 5),
        (Value::Int(1 << 32), 9),
        (Value::Int(i64::MIN), 9),
        (Value::UInt(u64::MAX), 9),
    ];
    for (value, length) in lengths {
        let mut bytes = Vec::new();
        value.write(&mut bytes).unwrap();
        assert_eq!(bytes.len(), length, "{value:?}");
    }
}

#[test]
fn nesting_ends_at_the_limit_and_not_before() {
    let nested = |depth: usize| {
        let mut bytes = vec![0x91; depth];
        bytes.push(0xc0);
        bytes
    };
    assert!(Value::read(&mut Walker::new(&nested(MAX_DEPTH))).is_ok());
    for bytes in [nested(MAX_DEPTH + 1), nested(100_000)] {
        assert_eq!(Walker::new(&bytes).skip().unwrap_err().kind(), Kind::TooDeep);
        assert_eq!(Value::read(&mut Walker::new(&bytes)).unwrap_err().kind(), Kind::TooDeep);
    }
}
