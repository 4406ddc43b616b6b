//! Far shards are opened ahead of the one that is read.

use super::{Far, dataset, read};
use crate::numbers;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tempfile::TempDir;

/// Thirty numbers in ten shards, two of which are opened ahead.
fn far() -> (TempDir, Arc<Far>) {
    let folder = tempfile::tempdir().unwrap();
    numbers(folder.path(), 30, 3);
    let source = Far { opens_ahead: 2, ..Far::new(folder.path(), 10) };
    (folder, Arc::new(source))
}

fn open_now(source: &Far) -> usize {
    source.open.0.load(Ordering::SeqCst)
}

#[test]
fn order_is_kept_and_three_shards_are_open_at_most() {
    let (_folder, source) = far();
    assert_eq!(read(dataset(source.clone()).ordered()).0, (0..30).collect::<Vec<_>>());
    assert_eq!(source.opened(), 10);
    assert_eq!(source.open.1.load(Ordering::SeqCst), 3);
    assert_eq!(open_now(&source), 0);
}

#[test]
fn what_is_wrong_with_a_later_shard_is_told_in_its_turn() {
    let (folder, source) = far();
    fs::remove_file(folder.path().join("numbers-000001.tar")).unwrap();
    let (numbers, error) = read(dataset(source).ordered());
    let error = error.unwrap();
    assert_eq!((numbers, error.kind()), (vec![0, 1, 2], "not_found"));
    assert!(error.to_string().contains("numbers-000001.tar"), "{error}");
}

#[test]
fn dropped_early_nothing_stays_open() {
    let (_folder, source) = far();
    for taken in 0..12 {
        let data = dataset(source.clone());
        let mut samples = data.ordered().into_iter();
        for _ in 0..taken {
            samples.next().unwrap().unwrap();
        }
        drop(samples);
        assert_eq!(open_now(&source), 0, "after {taken}");
    }
}

#[test]
fn who_takes_a_few_from_the_start_opens_no_more() {
    let (_folder, source) = far();
    let data = dataset(source.clone());
    assert_eq!(read(data.select([0, 1]).unwrap().ordered()).0, [0, 1]);
    assert_eq!(source.open.1.load(Ordering::SeqCst), 1);
}

#[test]
fn shuffled_every_sample_comes_once_and_in_the_same_order_for_a_seed() {
    let (_folder, source) = far();
    let data = dataset(source.clone());
    let order = |seed, epoch| read(data.shuffled().seed(seed).epoch(epoch).buffers(4, 8)).0;
    let first = order(5, 0);
    assert_eq!(order(5, 0), first);
    assert_ne!(order(6, 0), first);
    assert_ne!(order(5, 1), first);
    for seed in 0..20 {
        let mut all = order(seed, 0);
        all.sort_unstable();
        assert_eq!(all, (0..30).collect::<Vec<_>>());
    }
    assert!(source.open.1.load(Ordering::SeqCst) <= 3);
    assert_eq!(open_now(&source), 0);
}
