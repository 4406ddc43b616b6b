//! A file of another format, into shards: CSV, JSON lines or an array, and NumPy's `.npy` and `.npz`.
#![no_main]
use atdata::convert::{ConvertOptions, Format, from_path};
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("atdata-fuzz-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder can be made");
    folder
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let (file, target) = (FOLDER.join("in"), FOLDER.join("out.tar"));
    fs::write(&file, bytes).expect("a file can be written");
    for format in [Format::Csv, Format::Jsonl, Format::Numpy] {
        let options = ConvertOptions::new().format(format).overwrite(true);
        if let Ok(converted) = from_path(&file, &target, options) {
            assert!(converted.samples() > 0 && !converted.schema.fields.is_empty());
        }
    }
});
