//! A shard, with and without its size known, to its end.
#![no_main]
use atdata_format::tar::{RawSample, ShardReader};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for size in [None, Some(bytes.len() as u64)] {
        let (mut reader, mut sample) = (ShardReader::new(bytes, size), RawSample::default());
        while reader.read(&mut sample).map_or_else(|e| !e.kind().ends_shard(), |more| more) {}
    }
});
