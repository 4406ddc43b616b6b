//! Writing: shards first, the entry last, nothing twice.

use super::{Here, Picture, everywhere, numbers, pictures, refused};
use crate::number;
use atdata::format::{Error as FormatError, Kind};
use atdata::index::{Index, IndexWrite};
use atdata::provider::MemoryProvider;
use atdata::schema::Schema;
use atdata::store::LocalDiskStore;
use atdata::{DictSample, Progress, Record, RecordWriter, Sample, Value};
use std::fs;
use std::sync::{Arc, Mutex};

#[test]
fn what_is_written_is_found_and_read() {
    everywhere(|here| {
        let options = IndexWrite::new().max_count(3).description("some pictures").tags(["a", "b"]);
        let entry = here.index.write(pictures(7), "team/pictures v1", options).unwrap();
        assert_eq!((entry.data_urls.len(), entry.facts.samples), (3, Some(7)));
        assert_eq!(entry.about("description"), Some(&Value::Str("some pictures".into())));
        let found = here.index.find("team/pictures v1").unwrap();
        assert_eq!(found, entry);
        let dataset = here.index.dataset::<Picture>(&found).unwrap();
        let read: Vec<Picture> = dataset.ordered().into_iter().map(Result::unwrap).collect();
        assert_eq!(read, pictures(7).collect::<Vec<_>>());
        let batch = dataset.ordered().batches(4).next().unwrap().unwrap();
        assert_eq!(batch.array::<f32>("picture").unwrap().shape(), [4, 2, 2]);
        let folder = here.root().join("team/pictures%20v1");
        assert!(entry.data_urls.iter().all(|url| url.starts_with(folder.to_str().unwrap())));
        let bytes: u64 = entry.data_urls.iter().map(|url| fs::metadata(url).unwrap().len()).sum();
        assert_eq!(entry.facts.bytes, Some(bytes));
    });
}

#[test]
fn the_same_samples_again_are_the_same_entry_and_nothing_new_is_stored() {
    everywhere(|here| {
        let first = here.ten("numbers");
        let files = here.files();
        assert_eq!(here.ten("numbers"), first);
        assert_eq!(here.files(), files);
        assert_eq!(here.index.history("numbers").unwrap().len(), 1);
        // Elsewhere they are other shards, and the same content.
        let other = here.ten("others");
        assert_ne!(other.cid, first.cid);
        assert_eq!(other.facts.content_cid, first.facts.content_cid);
        let larger = here.index.write(numbers(0..11), "numbers", IndexWrite::new()).unwrap();
        assert_ne!(larger.facts.content_cid, first.facts.content_cid);
    });
}

#[test]
fn what_is_stopped_or_dropped_has_no_entry() {
    everywhere(|here| {
        for at in [1000, 2000, 2500] {
            let mut options = IndexWrite::new().max_count(300);
            options.progress = Some(Box::new(move |progress| progress.samples < at));
            let stopped = here.index.write(numbers(0..2500), "numbers", options);
            assert_eq!(refused(stopped).0, "stopped", "at {at}");
        }
        let mut writing = here.index.begin("numbers", &IndexWrite::new().max_count(1)).unwrap();
        let payload = numbers(0..1).next().unwrap().to_bytes().unwrap();
        (0..3).for_each(|_| writing.set().append(None, &payload).unwrap());
        drop(writing);
        assert_eq!(here.index.entries().count(), 0);
        assert_eq!(refused(here.index.find("numbers")).0, "unknown_name");
        assert!(here.files().iter().all(|file| !file.ends_with(".tmp")), "{:?}", here.files());
    });
}

#[test]
fn progress_is_told_to_the_end() {
    let here = Here::new();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&seen);
    let mut options = IndexWrite::new();
    options.progress = Some(Box::new(move |progress: Progress| {
        told.lock().unwrap().push(progress.samples);
        true
    }));
    here.index.write(numbers(0..2500), "numbers", options).unwrap();
    assert_eq!(*seen.lock().unwrap(), [1000, 2000, 2500]);
}

/// A sample that cannot be written where it is an odd one.
struct Even(i64);

impl Sample for Even {
    fn schema() -> Schema {
        Schema::new("Even")
    }

    fn from_record(_: &mut Record<'_>) -> Result<Self, FormatError> {
        Ok(Self(0))
    }

    fn to_record(&self, _: &mut RecordWriter<'_>) -> Result<(), FormatError> {
        match self.0 % 2 {
            0 => Ok(()),
            _ => Err(FormatError::new(Kind::WrongType, "this one is odd")),
        }
    }
}

#[test]
fn a_sample_that_cannot_be_written_is_named_and_leaves_no_entry() {
    let here = Here::new();
    let rows = [Even(0), Even(2), Even(3)];
    let (_, message) = refused(here.index.write(rows, "numbers", IndexWrite::new()));
    assert!(message.contains("odd") && message.contains("key 000000002"), "{message}");
    assert_eq!(here.index.entries().count() + here.index.schemas().count(), 0);
}

#[test]
fn many_threads_write_at_once() {
    everywhere(|here| {
        let entries: Vec<_> = std::thread::scope(|scope| {
            let write = |name: String| move || here.ten(&name);
            let same = (0..4).map(|_| scope.spawn(write("same".into()))).collect::<Vec<_>>();
            let others = (0..4).map(|n| scope.spawn(write(format!("other {n}"))));
            others.collect::<Vec<_>>().into_iter().chain(same).map(|t| t.join().unwrap()).collect()
        });
        assert!(entries[5..].iter().all(|entry| *entry == entries[4]));
        assert_eq!(here.index.current().count(), 5);
        assert_eq!(here.index.schemas().count(), 1);
        for entry in here.index.current().map(Result::unwrap) {
            let dataset = here.index.dataset::<DictSample>(&entry).unwrap();
            assert_eq!(number(&dataset.get(9).unwrap()), 9);
        }
    });
}

#[test]
fn names_and_limits_that_cannot_be_are_refused_before_anything_is_written() {
    let here = Here::new();
    let long = "x".repeat(10_000);
    for name in ["", "../x", "a/../../x", "/etc/x", "a//b", "a\nb", &long] {
        let (kind, message) = refused(here.index.write(numbers(0..1), name, IndexWrite::new()));
        assert_eq!(kind, "invalid_argument");
        assert!(message.len() < 300 && !message.contains('\n'), "{message}");
    }
    let none = IndexWrite::new().max_count(0);
    assert_eq!(refused(here.index.write(numbers(0..1), "x", none)).0, "invalid_argument");
    let text = IndexWrite { metadata: Some(Value::Int(1)), ..IndexWrite::new() };
    assert_eq!(refused(here.index.write(numbers(0..1), "x", text)).0, "invalid_argument");
    let up = IndexWrite { prefix: Some("../x".into()), ..IndexWrite::new() };
    assert_eq!(refused(here.index.write(numbers(0..1), "x", up)).0, "invalid_argument");
    assert!(here.files().is_empty());
    let bare = Index::new(Arc::new(MemoryProvider::default()));
    let (_, message) = refused(bare.write(numbers(0..1), "x", IndexWrite::new()));
    assert!(message.contains("data store"), "{message}");
}

#[test]
fn a_store_may_be_reached_over_its_parent_folder() {
    let here = Here::new();
    fs::create_dir(here.folder.path().join("beside")).unwrap();
    let store = LocalDiskStore::new(here.folder.path().join("beside/../elsewhere")).unwrap();
    let index = here.index.clone().with_store(Arc::new(store));
    let entry = index.write(numbers(0..3), "numbers", IndexWrite::new()).unwrap();
    assert_eq!(index.dataset::<DictSample>(&entry).unwrap().len().unwrap(), 3);
}

#[test]
fn files_that_a_process_of_the_same_number_left_are_in_nobodys_way() {
    let here = Here::new();
    let folder = here.root().join("numbers");
    fs::create_dir_all(&folder).unwrap();
    // In a container every start may have the same process id, and count from the same number.
    let begun = here.index.store().unwrap().create("numbers").unwrap();
    let name = here.files().pop().unwrap();
    drop(begun);
    let (start, number) = name.strip_suffix(".tmp").unwrap().rsplit_once('-').unwrap();
    let number: u64 = number.parse().unwrap();
    let left = |n: u64| here.root().join(format!("{start}-{}.tmp", number.wrapping_add(n)));
    (1..200).for_each(|n| fs::write(left(n), "another's").unwrap());
    here.ten("numbers");
    (1..200).for_each(|n| assert_eq!(fs::read(left(n)).unwrap(), b"another's"));
}
