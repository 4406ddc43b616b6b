//! Every file of the corpus that this crate reads, through the reader that it was made for, and
//! through all others; those of the format crate are replayed there.

use crate::fixtures;
use atdata::Result;
use atdata::convert::{ConvertOptions, Format, from_path};
use atdata::media::{ImageLimits, decode_image, decode_recording, describe, thumbnail};
use std::fs;
use std::path::{Path, PathBuf};

type Read = fn(&[u8], &Path) -> Result<()>;

const READERS: [(&str, Read); 4] = [
    ("image", |bytes, _| image(bytes)),
    ("csv", |bytes, folder| converted(bytes, folder, Format::Csv)),
    ("jsonl", |bytes, folder| converted(bytes, folder, Format::Jsonl)),
    ("numpy", |bytes, folder| converted(bytes, folder, Format::Numpy)),
];

/// As the fuzz target `image`.
fn image(bytes: &[u8]) -> Result<()> {
    let told = describe(bytes);
    let _ = (thumbnail(bytes, 32), decode_recording(bytes));
    let image = decode_image(bytes, ImageLimits::default())?;
    assert!(told.is_some());
    assert_eq!(decode_image(&image.to_png()?, ImageLimits::default())?, image);
    Ok(())
}

/// As the fuzz target `convert`.
fn converted(bytes: &[u8], folder: &Path, format: Format) -> Result<()> {
    let file = folder.join("in");
    fs::write(&file, bytes).unwrap();
    let options = ConvertOptions::new().format(format).overwrite(true);
    let converted = from_path(&file, &folder.join("out.tar"), options)?;
    assert!(converted.samples() > 0);
    Ok(())
}

fn files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(fixtures().join("corpus").join(folder)).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn each_reader_says_what_the_file_is_named_after() {
    let folder = tempfile::tempdir().unwrap();
    for (name, read) in READERS {
        let files = files(name);
        assert!(files.len() > 5, "{name}");
        for file in files {
            let own = file.file_name().unwrap().to_string_lossy().into_owned();
            let found = read(&fs::read(&file).unwrap(), folder.path());
            let found = found.as_ref().map_or_else(atdata::Error::kind, |()| "ok");
            assert_eq!(found, own.split("__").next().unwrap(), "{name}/{own}");
        }
    }
}

#[test]
fn no_reader_falls_over_files_of_another_or_over_changed_ones() {
    let folder = tempfile::tempdir().unwrap();
    for (name, own) in READERS {
        for file in files(name) {
            let bytes = fs::read(&file).unwrap();
            for (_, read) in READERS {
                let _ = read(&bytes, folder.path());
            }
            let step = bytes.len().div_ceil(CHANGES).max(1);
            for at in (0..bytes.len()).step_by(step) {
                let mut changed = bytes.clone();
                changed[at] ^= 0x55;
                let _ = own(&bytes[..at], folder.path());
                let _ = own(&changed, folder.path());
            }
        }
    }
}

/// In so many places of each file; each takes a file written and read.
const CHANGES: usize = 60;
