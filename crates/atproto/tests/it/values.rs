//! Records in JSON and in DAG-CBOR.

use atdata_atproto::{cid, value};
use proptest::prelude::*;
use serde_json::{Value, json};

fn records() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
        any::<Vec<u8>>().prop_map(|bytes| value::bytes(&bytes)),
        any::<Vec<u8>>().prop_map(|bytes| value::link(&cid::of_blob(&bytes))),
    ];
    leaf.prop_recursive(4, 40, 8, |inner| {
        let key = "[a-zA-Z][a-zA-Z0-9]{0,12}";
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn a_record_comes_back_from_its_block(record in records()) {
        let block = value::to_cbor(&record)?;
        let again = value::from_cbor(&block)?;
        prop_assert_eq!(&again, &record);
        prop_assert_eq!(value::to_cbor(&again)?, block);
    }

    #[test]
    fn no_bytes_make_the_decoder_panic(bytes in any::<Vec<u8>>()) {
        if let Ok(record) = value::from_cbor(&bytes) {
            prop_assert!(value::to_cbor(&record).is_ok());
        }
    }
}

#[test]
fn what_cannot_be_in_a_record() {
    let mut deep = json!(1);
    for _ in 0..200 {
        deep = json!([deep]);
    }
    for record in [
        json!({"a": 0.5}),
        json!({"a": 1e300}),
        json!({"a": u64::MAX}),
        json!({"a": {"$link": "x"}}),
        json!({"a": {"$bytes": "***"}}),
        json!({"a": {"$link": "x", "b": 1}}),
        deep,
    ] {
        let error = value::to_cbor(&record).unwrap_err();
        assert_eq!(error.kind(), "bad_record", "{error}");
    }
}

#[test]
fn blocks_that_nest_too_deep_are_refused() {
    for begin in [&[0x81_u8][..], &[0xa1, 0x61, b'a'], &[0xd8, 0x2a]] {
        let block = begin.repeat(200_000);
        assert!(value::from_cbor(&block).is_err());
    }
}

#[test]
fn the_vectors_of_the_reference_server() {
    let record = json!({"schema_ref": "local://schemas/S@1.0.0", "data_urls": ["a.tar", "b.tar"]});
    let expected = "bafyreic4fjr6b7qxsmi7jfazwnaqkyrj3cc5x37msrmglqfyo7degu3tly";
    assert_eq!(cid::of_record(&record).unwrap().to_string(), expected);
}
