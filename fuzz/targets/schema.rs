//! A schema document: what is read once is written and read alike.
#![no_main]
use atdata_format::schema::Schema;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(json) = serde_json::from_slice(bytes) else { return };
    let Ok(schema) = Schema::from_json(&json) else { return };
    let again = Schema::from_json(&schema.to_json("")).expect("what was read can be written");
    assert!(Schema::diff(&schema, &again).is_empty());
});
