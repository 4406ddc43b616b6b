//! Random values of the format.

use atdata_format::{DictSample, Value};
use proptest::collection::vec;
use proptest::prelude::*;

/// Any value, lists and maps nested up to four deep.
pub fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Nil),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        (-200i64..200).prop_map(Value::Int),
        (1 << 63..=u64::MAX).prop_map(Value::UInt),
        (-1e300..1e300).prop_map(Value::Float),
        ".{0,40}".prop_map(Value::Str),
        vec(any::<u8>(), 0..300).prop_map(Value::Bytes),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..20).prop_map(Value::List),
            vec((".{0,8}".prop_map(Value::Str), inner), 0..20).prop_map(Value::Map),
        ]
    })
}

/// A sample with fields of any type.
pub fn sample() -> impl Strategy<Value = DictSample> {
    proptest::collection::btree_map("[a-z]{1,8}", value(), 0..6)
        .prop_map(|fields| fields.into_iter().collect())
}

/// Keys that a writer takes, no two after each other the same.
pub fn keys(count: usize) -> impl Strategy<Value = Vec<String>> {
    vec("[a-zA-Zé_0-9-]{1,30}(/[a-z]{1,90}){0,3}", count).prop_map(|keys| {
        keys.into_iter().enumerate().map(|(number, key)| format!("{number}{key}")).collect()
    })
}
