//! A content identifier: it has one spelling.
#![no_main]
use atdata_format::cid::Cid;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(cid) = Cid::parse(text) {
        assert_eq!(cid.to_string(), text);
    }
});
