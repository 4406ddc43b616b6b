//! Indexes beside shards: compared, made, made again.

use super::{fixtures, numbers};
use atdata::Dataset;
use atdata::reindex::{IndexState, check};
use std::fs;
use std::path::Path;

fn shard(folder: &Path) -> String {
    folder.join("numbers-000000.tar").to_string_lossy().into_owned()
}

fn quick(shard: &str) -> IndexState {
    Dataset::<atdata::DictSample>::open(shard).unwrap().shards().index_state(0).unwrap()
}

#[test]
fn an_index_is_right_missing_or_wrong() {
    let folder = tempfile::tempdir().unwrap();
    numbers(folder.path(), 10, 10);
    let shard = shard(folder.path());
    let index = format!("{shard}.idx");
    let right = fs::read(&index).unwrap();
    assert_eq!(
        (check(&shard).unwrap().state, quick(&shard)),
        (IndexState::Right, IndexState::Right)
    );
    for (bytes, state) in [(None, IndexState::Missing), (Some(b"rubbish"), IndexState::Wrong)] {
        fs::remove_file(&index).unwrap();
        if let Some(bytes) = bytes {
            fs::write(&index, bytes).unwrap();
        }
        assert_eq!(quick(&shard), state);
        let checked = check(&format!("file://{shard}")).unwrap();
        assert_eq!((checked.state, checked.index.len()), (state, 10));
        checked.write().unwrap();
        assert_eq!(fs::read(&index).unwrap(), right);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing temporary is left");
}

#[test]
fn the_index_of_a_shard_with_other_keys_is_wrong_though_places_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    numbers(folder.path(), 2, 2);
    let shard = shard(folder.path());
    let mut bytes = fs::read(&shard).unwrap();
    bytes[0] += 1;
    // The header's checksum, which counts itself as spaces.
    let sum = bytes[..512]
        .iter()
        .enumerate()
        .map(|(at, byte)| u32::from(if (148..156).contains(&at) { b' ' } else { *byte }));
    let text = format!("{:06o}\0 ", sum.sum::<u32>());
    bytes[148..156].copy_from_slice(text.as_bytes());
    fs::write(&shard, &bytes).unwrap();
    assert_eq!(
        (check(&shard).unwrap().state, quick(&shard)),
        (IndexState::Wrong, IndexState::Right)
    );
}

#[test]
fn a_broken_shard_gets_no_index() {
    let path = fixtures().join("bad/missing_msgpack.tar");
    let error = check(&path.to_string_lossy()).unwrap_err();
    assert_eq!(error.kind(), "malformed_sample");
    assert_eq!(check("nowhere.tar").unwrap_err().kind(), "not_found");
    assert_eq!(check("s3://bucket/a.tar").unwrap_err().kind(), "unsupported");
}

#[test]
fn a_folder_that_cannot_be_written_to_is_told() {
    let folder = tempfile::tempdir().unwrap();
    numbers(folder.path(), 2, 2);
    let mut checked = check(&shard(folder.path())).unwrap();
    checked.shard = folder.path().join("gone/a.tar").to_string_lossy().into_owned();
    let error = checked.write().unwrap_err();
    assert!(error.kind() == "io" && error.to_string().starts_with("cannot write "), "{error}");
}
