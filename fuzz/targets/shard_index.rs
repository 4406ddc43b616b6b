//! A shard index: what is accepted is written as the same bytes.
#![no_main]
use atdata_format::ShardIndex;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(index) = ShardIndex::decode(bytes) {
        assert_eq!(index.encode(), bytes);
    }
});
