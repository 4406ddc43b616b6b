//! The file of an image or a recording: what it says of itself, its pixels within a limit, and
//! those once more from the PNG that they make.
#![no_main]
use atdata::media::{ImageLimits, decode_image, decode_recording, describe, thumbnail};

const LIMITS: ImageLimits = ImageLimits { pixels: 1 << 20 };

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let told = describe(bytes);
    if let Ok(image) = decode_image(bytes, LIMITS) {
        assert!(told.is_some(), "an image is told to be one");
        assert!((image.height * image.width) as u64 <= LIMITS.pixels);
        assert_eq!(image.data.len(), image.height * image.width * image.channels);
        let png = image.to_png().expect("pixels make a PNG");
        assert_eq!(decode_image(&png, LIMITS).expect("which is an image"), image);
    }
    let _ = thumbnail(bytes, 32);
    if let Ok(sound) = decode_recording(bytes) {
        assert!(sound.samples.len() <= bytes.len(), "there is a byte for each sample");
    }
});
