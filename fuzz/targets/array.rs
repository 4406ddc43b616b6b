//! An array, compact or `.npy`, and its elements in C order.
#![no_main]
use atdata_format::array::ArrayView;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(array) = ArrayView::parse(bytes) {
        assert_eq!(array.to_c_order().len(), array.header.data_len);
    }
});
