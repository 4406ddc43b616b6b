//! A payload, walked over and read as a sample of any fields; what is read can be written.
#![no_main]
use atdata_format::msgpack::Walker;
use atdata_format::{DictSample, Sample};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = Walker::new(bytes).skip();
    let Ok(sample) = DictSample::from_bytes(bytes) else { return };
    let again = sample.to_bytes().expect("what was read can be written");
    let reread = DictSample::from_bytes(&again).expect("and read again");
    assert_eq!(reread.to_bytes().expect("and written"), again);
});
