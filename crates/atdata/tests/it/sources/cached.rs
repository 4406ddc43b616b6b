//! Far shards come once and are read here from then on.

use super::{Far, checksums, dataset, read};
use crate::numbers;
use atdata::source::{CacheFolder, Cached, DataSource};
use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

/// Twenty numbers in four shards, the source over them, and a folder for a cache.
fn far() -> (TempDir, Arc<Far>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    numbers(folder.path(), 20, 5);
    let source = Arc::new(Far::new(folder.path(), 4));
    (folder, source, tempfile::tempdir().unwrap())
}

fn cached(source: &Arc<Far>, cache: &Path, bytes: u64) -> Arc<Cached> {
    let folder = CacheFolder::new(cache, bytes).unwrap();
    Arc::new(Cached::new(source.clone(), folder, HashMap::new()))
}

fn copies(cache: &Path) -> usize {
    let names = fs::read_dir(cache).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_string_lossy().ends_with(".tar")).count()
}

/// The size of one of the shards.
fn size(source: &Far) -> u64 {
    source.stat("far://numbers-000000.tar").unwrap().size.unwrap()
}

#[test]
fn each_shard_is_fetched_once() {
    let (_folder, source, cache) = far();
    let all: Vec<i64> = (0..20).collect();
    for known in [HashMap::new(), checksums(&*source)] {
        let before = source.opened();
        for _ in 0..3 {
            let folder = CacheFolder::new(cache.path(), 1 << 20).unwrap();
            let data = dataset(Arc::new(Cached::new(source.clone(), folder, known.clone())));
            assert_eq!(read(data.ordered()).0, all);
            assert_eq!(crate::number(&data.get(17).unwrap()), 17);
        }
        assert_eq!(source.opened() - before, 4);
    }
    assert_eq!(copies(cache.path()), 8);
}

#[test]
fn a_shard_that_changed_is_fetched_again() {
    let (folder, source, cache) = far();
    let data = || dataset(cached(&source, cache.path(), 1 << 20));
    assert_eq!(read(data().ordered()).0.len(), 20);
    numbers(folder.path(), 24, 6);
    assert_eq!(read(data().ordered()).0, (0..24).collect::<Vec<_>>());
    assert_eq!(source.opened(), 8);
}

#[test]
fn what_was_not_used_for_longest_goes_first() {
    let (_folder, source, cache) = far();
    let bytes = size(&source);
    let kept = cached(&source, cache.path(), bytes * 2 + 100);
    let open = |number: u32| {
        drop(kept.open(&format!("far://numbers-{number:06}.tar")).unwrap());
        // Each use is a while ago when the next comes.
        for entry in fs::read_dir(cache.path()).unwrap() {
            let file = fs::File::options().append(true).open(entry.unwrap().path()).unwrap();
            let modified = file.metadata().unwrap().modified().unwrap();
            file.set_modified(modified - Duration::from_secs(10)).unwrap();
        }
        source.opened()
    };
    assert_eq!([open(0), open(1), open(0), open(2)], [1, 2, 2, 3]);
    // The first was used since the second.
    assert_eq!([open(0), open(2), open(1)], [3, 3, 4]);
    assert_eq!(copies(cache.path()), 2);
}

#[test]
fn files_of_others_stay_and_abandoned_downloads_go() {
    let (_folder, source, cache) = far();
    let kept = cached(&source, cache.path(), size(&source) + 100);
    let place = |name: &str| {
        let path = cache.path().join(name);
        fs::write(&path, "theirs").unwrap();
        let old = SystemTime::now() - Duration::from_secs(48 * 60 * 60);
        fs::File::options().append(true).open(&path).unwrap().set_modified(old).unwrap();
        path
    };
    let theirs = ["notes.txt", "other.tar", "x.lock", "part-time.txt", "part-AbC123", "a.tar.lock"]
        .map(place);
    let hash = "0".repeat(64);
    let ours =
        [format!("{hash}.tar.lock"), format!("{hash}.tar.part-AbC123"), format!("{hash}.tar")];
    let ours = ours.each_ref().map(|name| place(name));
    assert_eq!(read(dataset(kept).ordered()).0.len(), 20);
    assert!(theirs.iter().all(|path| path.exists()), "{theirs:?}");
    assert!(ours.iter().all(|path| !path.exists()), "{ours:?}");
    assert_eq!(copies(cache.path()), 2, "one of ours, one of theirs");
}

#[test]
fn a_folder_with_other_things_in_it_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("thesis.tar"), "years of work").unwrap();
    let refused = CacheFolder::new(folder.path(), 100).unwrap_err();
    assert!(refused.kind() == "invalid_argument" && refused.to_string().contains("empty folder"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    assert!(CacheFolder::new(folder.path().join("thesis.tar"), 100).is_err());
}

#[test]
fn many_may_begin_a_cache_at_once() {
    for _ in 0..50 {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("cache");
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| CacheFolder::new(&cache, 100).unwrap());
            }
        });
    }
}

#[test]
fn many_threads_fetch_once() {
    let (_folder, source, cache) = far();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            let kept = cached(&source, cache.path(), 1 << 20);
            scope.spawn(|| assert_eq!(read(dataset(kept).ordered()).0.len(), 20));
        }
    });
    assert_eq!(source.opened(), 4);
    let left = fs::read_dir(cache.path()).unwrap().count();
    assert_eq!(left, 5, "four copies and the mark");
}

#[test]
fn a_cache_that_is_too_small_for_all_who_use_it_still_gives_every_shard() {
    let (_folder, source, cache) = far();
    let bytes = size(&source);
    std::thread::scope(|scope| {
        for seed in 0..6 {
            let kept = cached(&source, cache.path(), bytes);
            scope.spawn(move || {
                let data = dataset(kept);
                for epoch in 0..20 {
                    let (numbers, error) = read(data.shuffled().seed(seed).epoch(epoch));
                    assert_eq!((numbers.len(), error.map(|error| error.to_string())), (20, None));
                }
            });
        }
    });
}

#[test]
fn another_hash_is_refused_and_not_kept() {
    let (folder, source, cache) = far();
    let known = checksums(&*source);
    let path = folder.path().join("numbers-000001.tar");
    let mut bytes = fs::read(&path).unwrap();
    bytes[600] ^= 1;
    fs::write(&path, bytes).unwrap();
    let kept = CacheFolder::new(cache.path(), 1 << 20).unwrap();
    let data = dataset(Arc::new(Cached::new(source, kept, known)));
    let (numbers, error) = read(data.ordered());
    assert_eq!((numbers.len(), error.unwrap().kind()), (5, "checksum"));
    assert_eq!(copies(cache.path()), 1);
}

#[test]
fn a_hash_that_is_none_names_no_file() {
    let (folder, source, cache) = far();
    let elsewhere = folder.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::copy(folder.path().join("numbers-000003.tar"), elsewhere.join("theirs.tar")).unwrap();
    for hash in [format!("{}/theirs", elsewhere.display()), "../x".into(), String::new()] {
        let known = HashMap::from([("far://numbers-000000.tar".to_owned(), hash)]);
        let kept = CacheFolder::new(cache.path(), 1 << 20).unwrap();
        let data = dataset(Arc::new(Cached::new(source.clone(), kept, known)));
        let (numbers, error) = read(data.ordered());
        assert_eq!((numbers.len(), error.unwrap().kind()), (0, "checksum"));
    }
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 1);
    assert!(!cache.path().parent().unwrap().join("x.tar.lock").exists());
}

#[test]
fn what_is_larger_than_the_cache_is_streamed() {
    let (folder, source, cache) = far();
    let small = size(&source) - 1;
    assert_eq!(read(dataset(cached(&source, cache.path(), small)).ordered()).0.len(), 20);
    assert_eq!((copies(cache.path()), source.opened()), (0, 8));
    // Also where that shows only on the way.
    let untold = Arc::new(Far { sizes: false, ..Far::new(folder.path(), 4) });
    let kept = CacheFolder::new(cache.path(), small).unwrap();
    let data = dataset(Arc::new(Cached::new(untold.clone(), kept, checksums(&*source))));
    assert_eq!(read(data.ordered()).0.len(), 20);
    assert_eq!(fs::read_dir(cache.path()).unwrap().count(), 1, "the mark");
}

#[test]
fn a_cache_stays_within_its_size_where_sizes_are_not_told() {
    let (folder, source, cache) = far();
    let bytes = size(&source);
    let untold = Arc::new(Far { sizes: false, ..Far::new(folder.path(), 4) });
    let kept = CacheFolder::new(cache.path(), bytes * 2 + 100).unwrap();
    let data = dataset(Arc::new(Cached::new(untold, kept, checksums(&*source))));
    assert_eq!(read(data.ordered()).0.len(), 20);
    assert_eq!(copies(cache.path()), 2);
}

#[test]
fn what_cannot_be_told_from_something_newer_is_not_kept() {
    let (folder, _, cache) = far();
    let untold = Arc::new(Far { sizes: false, ..Far::new(folder.path(), 4) });
    for _ in 0..2 {
        assert_eq!(read(dataset(cached(&untold, cache.path(), 1 << 20)).ordered()).0.len(), 20);
    }
    assert_eq!((copies(cache.path()), untold.opened()), (0, 8));
}
