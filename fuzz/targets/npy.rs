//! The header of an `.npy` image.
#![no_main]
use atdata_format::npy::{MAGIC, NpyHeader};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = NpyHeader::parse(bytes);
    let _ = NpyHeader::parse(&[&MAGIC[..], bytes].concat());
});
