//! Every file of the corpus, through the decoder that it was made for, and through all others.

use atdata_format::array::ArrayView;
use atdata_format::batch::BatchDecoder;
use atdata_format::cid::Cid;
use atdata_format::msgpack::Walker;
use atdata_format::schema::Schema;
use atdata_format::tar::{RawSample, ShardReader};
use atdata_format::{Error, Kind, Result, ShardIndex, pattern};
use std::path::{Path, PathBuf};

type Decode = fn(&[u8]) -> Result<()>;

const DECODERS: [(&str, Decode); 8] = [
    ("array", |bytes| ArrayView::parse(bytes).map(drop)),
    ("npy", |bytes| ArrayView::parse(bytes).map(drop)),
    ("pattern", |bytes| pattern::expand(&String::from_utf8_lossy(bytes)).map(drop)),
    ("schema", schema),
    ("shard_index", |bytes| ShardIndex::decode(bytes).map(drop)),
    ("cid", |bytes| Cid::parse(&String::from_utf8_lossy(bytes)).map(drop)),
    ("msgpack", payload),
    ("tar", |bytes| shard(bytes).map(drop)),
];

fn schema(bytes: &[u8]) -> Result<()> {
    let json = serde_json::from_slice(bytes)
        .map_err(|error| Error::new(Kind::BadSchema, error.to_string()))?;
    Schema::from_json(&json).map(drop)
}

fn payload(bytes: &[u8]) -> Result<()> {
    Walker::new(bytes).skip()?;
    BatchDecoder::open(1).push(bytes)
}

fn shard(bytes: &[u8]) -> Result<usize> {
    let mut reader = ShardReader::new(bytes, None);
    let mut sample = RawSample::default();
    let mut samples = 0;
    while reader.read(&mut sample)? {
        samples += 1;
    }
    Ok(samples)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect()
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures")
}

#[test]
fn each_decoder_says_what_the_file_is_named_after() {
    for (folder, decode) in DECODERS {
        let files = files(&fixtures().join("corpus").join(folder));
        assert!(files.len() > 5, "{folder}");
        for file in files {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            let expected = name.split("__").next().unwrap();
            let found = decode(&std::fs::read(&file).unwrap());
            let found = found.map_or_else(|error| error.kind().code(), |()| "ok");
            assert_eq!(found, expected, "{folder}/{name}");
        }
    }
}

#[test]
fn no_decoder_falls_over_the_files_of_another() {
    let mut all: Vec<PathBuf> = DECODERS
        .iter()
        .flat_map(|(name, _)| files(&fixtures().join("corpus").join(name)))
        .collect();
    all.extend(files(&fixtures()));
    all.extend(files(&fixtures().join("bad")));
    for file in all {
        let bytes = std::fs::read(&file).unwrap();
        let bytes = &bytes[..bytes.len().min(200_000)];
        for (_, decode) in DECODERS {
            let _ = decode(bytes);
        }
    }
}

#[test]
fn good_files_cut_or_changed_anywhere_never_panic() {
    for (folder, decode) in DECODERS {
        for file in files(&fixtures().join("corpus").join(folder)) {
            let bytes = std::fs::read(&file).unwrap();
            // Patterns that stand for a million names take their time, each.
            let changes = if folder == "pattern" { 10 } else { 300 };
            let step = bytes.len().div_ceil(changes).max(1);
            for at in (0..bytes.len()).step_by(step) {
                let _ = decode(&bytes[..at]);
                let mut changed = bytes.clone();
                changed[at] ^= 0x55;
                let _ = decode(&changed);
            }
        }
    }
}
