//! A payload in the columns of a batch, typed and open: both take or refuse it whole.
#![no_main]
use atdata_format::Value;
use atdata_format::batch::{BatchDecoder, ColumnSpec};
use atdata_format::schema::FieldType;
use std::sync::{Arc, LazyLock};

/// A column of every type; the names are those that the seeds have, and one letter each.
static COLUMNS: LazyLock<Arc<[ColumnSpec]>> = LazyLock::new(|| {
    let types = [
        ("a", FieldType::array()),
        ("b", FieldType::Bytes),
        ("f", FieldType::Float),
        ("i", FieldType::Int),
        ("l", FieldType::Int.list()),
        ("m", FieldType::Map),
        ("o", FieldType::Bool),
        ("t", FieldType::Str),
        ("x", FieldType::Any),
    ];
    let column = |(name, ty): (&str, FieldType)| ColumnSpec {
        name: name.to_owned(),
        ty,
        default: Some(Value::Nil),
    };
    types.map(column).into_iter().collect()
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for mut decoder in [BatchDecoder::new(Arc::clone(&COLUMNS), 2), BatchDecoder::open(2)] {
        let rows = [decoder.push(bytes), decoder.push(bytes)].iter().filter(|r| r.is_ok()).count();
        assert_eq!(decoder.finish().len(), rows);
    }
});
