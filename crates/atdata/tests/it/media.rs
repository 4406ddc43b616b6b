//! Images: decoded while batches are read, and hostile ones.

use atdata::format::Kind;
use atdata::media::{ImageLimits, Pixels, decode_image, decode_recording, describe, thumbnail};
use atdata::schema::Encoding;
use atdata::{Column, Dataset, DictSample, OnError, Value, WriteOptions, write_samples};
use proptest::prelude::*;
use std::path::{Path, PathBuf};

fn file(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/images").join(name);
    std::fs::read(path).unwrap()
}

const NAMES: [&str; 5] = ["rgb.png", "rgb.webp", "rgb.jpg", "palette.png", "grey16.png"];

fn grey(value: u8) -> Vec<u8> {
    Pixels { height: 2, width: 3, channels: 1, data: vec![value; 6] }.to_png().unwrap()
}

fn written(folder: &Path, images: Vec<Vec<u8>>) -> PathBuf {
    let path = folder.join("images.tar");
    let samples = images.into_iter().enumerate().map(|(n, image)| {
        DictSample::from([("image", Value::Bytes(image)), ("n", Value::Int(n as i64))])
    });
    write_samples(samples, &path, WriteOptions::new()).unwrap();
    path
}

fn decoded(path: &Path, on_error: OnError) -> atdata::Batches {
    let dataset = Dataset::<DictSample>::open(path.to_str().unwrap()).unwrap().on_error(on_error);
    let fields = vec![("image".to_owned(), Encoding::Image)];
    dataset.ordered().batches(4).decoding(fields, ImageLimits::default())
}

#[test]
fn a_column_of_images_is_one_array() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path(), (0..6).map(grey).collect());
    let mut batches = decoded(&path, OnError::Raise);
    let first = batches.next().unwrap().unwrap();
    assert_eq!(first.array::<u8>("image").unwrap().shape(), [4, 2, 3, 1]);
    let second = batches.next().unwrap().unwrap();
    assert_eq!(second.array::<u8>("image").unwrap()[[1, 1, 2, 0]], 5);
    assert!(batches.next().is_none());
}

#[test]
fn a_bad_image_is_an_error_behind_what_is_whole_or_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path(), vec![grey(0), grey(1), b"GIF89a".to_vec(), grey(3)]);
    let mut batches = decoded(&path, OnError::Raise);
    assert_eq!(batches.next().unwrap().unwrap().len(), 2);
    let error = batches.next().unwrap().unwrap_err();
    assert_eq!(error.kind(), "bad_image");
    for part in ["images.tar", "000000002", "image", "PNG, JPEG and WebP"] {
        assert!(error.to_string().contains(part), "{error}");
    }
    assert!(batches.next().is_none());

    let mut batches = decoded(&path, OnError::Skip);
    let batch = batches.next().unwrap().unwrap();
    let Some(Column::Values(rows)) = batch.column("n") else { panic!("{batch:?}") };
    assert_eq!(rows, &[0, 1, 3].map(Value::Int));
    assert_eq!((batch.len(), batches.report().skipped()), (3, 1));
}

#[test]
fn a_limit_is_told_before_anything_is_decoded() {
    let limits = ImageLimits { pixels: 5 };
    let error = decode_image(&grey(1), limits).unwrap_err();
    assert_eq!(error.kind(), Kind::BadImage);
    assert!(error.to_string().contains("3 x 2 pixels; 5 at most"), "{error}");
}

#[test]
fn an_image_that_is_cut_off_is_never_whole() {
    for name in NAMES {
        let whole = file(name);
        let pixels = decode_image(&whole, ImageLimits::default()).unwrap();
        for length in 0..whole.len() {
            // The end of a PNG says nothing that its pixels need.
            match decode_image(&whole[..length], ImageLimits::default()) {
                Ok(found) => assert_eq!(found, pixels, "{name} up to {length}"),
                Err(error) => assert_eq!(error.kind(), Kind::BadImage),
            }
        }
    }
}

#[test]
fn a_thumbnail_is_small_and_the_same_picture() {
    let wide = Pixels { height: 10, width: 300, channels: 3, data: vec![9; 9000] };
    let small = thumbnail(&wide.to_png().unwrap(), 128).unwrap();
    let small = decode_image(&small, ImageLimits::default()).unwrap();
    assert_eq!((small.height, small.width, small.channels), (4, 128, 3));
    assert!(small.data.iter().all(|&value| value == 9));
    let none = Pixels { height: 0, width: 3, channels: 1, data: Vec::new() };
    assert_eq!(none.within(2).to_png().unwrap_err().kind(), Kind::BadImage);
}

proptest! {
    #[test]
    fn changed_bytes_are_pixels_or_an_error(
        name in prop::sample::select(NAMES.to_vec()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = file(name);
        for (index, value) in changes {
            let at = index.index(bytes.len());
            bytes[at] = value;
        }
        let limits = ImageLimits { pixels: 1 << 20 };
        match decode_image(&bytes, limits) {
            Ok(found) => {
                prop_assert_eq!(found.data.len(), found.height * found.width * found.channels);
            }
            Err(error) => prop_assert_eq!(error.kind(), Kind::BadImage),
        }
    }

    #[test]
    fn any_bytes_are_a_recording_or_an_error(tail in prop::collection::vec(any::<u8>(), 0..80)) {
        let mut bytes = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
        bytes.extend(tail);
        if let Err(error) = decode_recording(&bytes) {
            prop_assert_eq!(error.kind(), Kind::BadAudio);
        }
    }
}

#[test]
fn files_are_told_by_their_headers() {
    let said = |name: &str| describe(&file(name));
    assert_eq!(said("rgb.png").as_deref(), Some("image/png 24x16"));
    assert_eq!(said("rgb.webp").as_deref(), Some("image/webp 24x16"));
    assert_eq!(said("cmyk.jpg").as_deref(), Some("image/jpeg 24x16"));
    assert_eq!(said("rgb.gif"), None);
    let cut_off = describe(&file("rgb.jpg")[..200]).unwrap();
    assert_eq!(cut_off, "image/jpeg: the image is cut off: the end of the JPEG is missing");
    let mut sound = b"RIFF\xc4\x0f\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
    sound.extend(b"\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\xa0\x0f\0\0");
    sound.extend([0x80; 4000]);
    assert_eq!(describe(&sound).as_deref(), Some("audio/wav 8000 Hz, 1 channel, 0.5 s"));
    assert_eq!(describe(&sound[..20]), None);
}
