//! Copying data sets into the store, byte for byte, and adding them where they are.

use super::{Here, Picture, everywhere, files_below, pictures, refused};
use crate::{number, numbers, one_way};
use atdata::index::{IndexWrite, SchemaOf};
use atdata::{Dataset, DictSample, Sample, SourceOptions, Value, WriteOptions, open_source};
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

fn copied(here: &Here, dataset: &Dataset<DictSample>) -> atdata::Result<atdata::provider::Entry> {
    let schema = DictSample::schema();
    let copied =
        here.index.insert(dataset.shards(), "copy", SchemaOf::Type(&schema), IndexWrite::new());
    copied.map(|(entry, _)| entry)
}

#[test]
fn shards_are_copied_in_their_order_with_what_lies_beside_them() {
    everywhere(|here| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pictures.tar");
        let options = WriteOptions::new().max_count(2);
        #[cfg(feature = "parquet")]
        let options = options.manifest(true);
        let dataset = atdata::write_samples(pictures(23), &path, options).unwrap();
        let schema = Picture::schema();
        let told = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&told);
        let mut options = IndexWrite::new().tags(["copied"]);
        options.progress = Some(Box::new(move |progress| {
            heard.lock().unwrap().push(progress.samples);
            true
        }));
        let (entry, published) =
            here.index.insert(dataset.shards(), "copy", SchemaOf::Type(&schema), options).unwrap();
        assert!(published.is_some());
        assert_eq!((entry.facts.samples, entry.data_urls.len()), (Some(23), 12));
        let told = told.lock().unwrap();
        assert!(told.is_sorted() && told.len() >= 12 && told.last() == Some(&23), "{told:?}");
        let names = dataset.shards().names().unwrap();
        for (number, (from, to)) in names.iter().zip(&entry.data_urls).enumerate() {
            assert!(to.ends_with(&format!("--{number:06}.tar")));
            assert_eq!(fs::read(from).unwrap(), fs::read(to).unwrap());
            let beside = |shard: &str, end: &str| fs::read(format!("{shard}{end}")).ok();
            assert_eq!(beside(from, ".idx"), beside(to, ".idx"));
            let stems = [from, to].map(|shard| shard.strip_suffix(".tar").unwrap());
            for end in [".manifest.json", ".manifest.parquet"] {
                assert_eq!(beside(stems[0], end), beside(stems[1], end));
            }
        }
        let read = here.index.dataset::<Picture>(&here.index.find("copy").unwrap()).unwrap();
        let read: Vec<Picture> = read.ordered().into_iter().map(Result::unwrap).collect();
        assert_eq!(read, pictures(23).collect::<Vec<_>>());
    });
}

#[test]
fn what_was_stopped_goes_on_where_it_was() {
    let here = Here::new();
    let folder = tempfile::tempdir().unwrap();
    let dataset = numbers(folder.path(), 40, 2);
    let schema = DictSample::schema();
    let shards = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&shards);
    let mut options = IndexWrite::new();
    options.progress = Some(Box::new(move |_| count.fetch_add(1, Ordering::Relaxed) < 6));
    let stopped = here.index.insert(dataset.shards(), "copy", SchemaOf::Type(&schema), options);
    assert_eq!(refused(stopped).0, "stopped");
    assert_eq!(here.index.entries().count() + here.index.schemas().count(), 0);
    let so_far = here.files();
    assert!(!so_far.is_empty() && so_far.iter().all(|file| !file.ends_with(".tmp")));
    let entry = copied(&here, &dataset).unwrap();
    let files = here.files();
    assert!(so_far.iter().all(|file| files.contains(file)) && files.len() == 40);
    assert_eq!(copied(&here, &dataset).unwrap(), entry);
    assert_eq!(here.files(), files);
    // Written or copied, the same shards are the same content.
    let written = here.index.write(super::numbers(0..40), "w", IndexWrite::new().max_count(2));
    assert_eq!(written.unwrap().facts.content_cid, entry.facts.content_cid);
}

#[test]
fn broken_short_and_missing_shards_are_refused() {
    let break_header = |bytes: &mut Vec<u8>| bytes[1024..1200].fill(b'x');
    let cut_in_a_sample = |bytes: &mut Vec<u8>| bytes.truncate(1600);
    let cut_between_samples = |bytes: &mut Vec<u8>| bytes.truncate(2048);
    let spoils: [fn(&mut Vec<u8>); 3] = [break_header, cut_in_a_sample, cut_between_samples];
    for (number, spoil) in spoils.into_iter().enumerate() {
        let (here, folder) = (Here::new(), tempfile::tempdir().unwrap());
        let dataset = numbers(folder.path(), 8, 4);
        let shard = folder.path().join("numbers-000001.tar");
        let mut bytes = fs::read(&shard).unwrap();
        spoil(&mut bytes);
        fs::write(&shard, &bytes).unwrap();
        let (_, message) = refused(copied(&here, &dataset));
        assert!(message.contains("numbers-000001.tar"), "spoil {number}: {message}");
        fs::remove_file(&shard).unwrap();
        assert_eq!(refused(copied(&here, &dataset)).0, "not_found");
        assert_eq!(here.index.entries().count(), 0);
    }
}

#[test]
fn shards_of_unknown_size_are_copied_too() {
    let (here, folder) = (Here::new(), tempfile::tempdir().unwrap());
    let entry = copied(&here, &one_way(folder.path())).unwrap();
    let dataset = here.index.dataset::<DictSample>(&entry).unwrap();
    assert_eq!(number(&dataset.get(29).unwrap()), 29);
    let url = &entry.data_urls[0];
    let index = atdata::format::ShardIndex::decode(&fs::read(format!("{url}.idx")).unwrap());
    assert_eq!(index.unwrap().shard_size(), fs::metadata(url).unwrap().len());
}

#[test]
fn a_command_that_fails_is_not_copied() {
    let (here, folder) = (Here::new(), tempfile::tempdir().unwrap());
    let shard = numbers(folder.path(), 5, 10).shards().names().unwrap()[0].clone();
    let options = SourceOptions { allow_pipe: true, ..SourceOptions::default() };
    let open =
        |command: String| Dataset::from_source(open_source(vec![command], &options).unwrap());
    let failing = open(format!("pipe:cat {shard}; test -d --token=secret"));
    let (kind, message) = refused(copied(&here, &failing));
    assert_eq!(kind, "unreachable", "{message}");
    assert!(!message.contains("secret"), "{message}");
    let entry = copied(&here, &open(format!("pipe:cat {shard}"))).unwrap();
    assert_eq!(fs::read(&entry.data_urls[0]).unwrap(), fs::read(shard).unwrap());
}

#[test]
fn shards_may_be_added_where_they_are() {
    everywhere(|here| {
        let folder = tempfile::tempdir().unwrap();
        numbers(folder.path(), 10, 4);
        let pattern = format!("{}/numbers-{{000000..000002}}.tar", folder.path().display());
        let schema = DictSample::schema();
        let options = IndexWrite::new().description("where they are");
        let add = |urls| here.index.add_entry("added", urls, SchemaOf::Type(&schema), &options);
        let (entry, published) = add(vec![pattern.clone()]).unwrap();
        assert_eq!(entry.data_urls, std::slice::from_ref(&pattern));
        assert!(published.is_some() && entry.facts.samples.is_none());
        assert_eq!(entry.about("description"), Some(&Value::Str("where they are".into())));
        let dataset = here.index.dataset::<DictSample>(&here.index.find("added").unwrap()).unwrap();
        let read: Vec<i64> =
            dataset.ordered().into_iter().map(|sample| number(&sample.unwrap())).collect();
        assert_eq!(read, (0..10).collect::<Vec<_>>());
        assert_eq!(add(vec![pattern]).unwrap().0, entry);
        assert!(files_below(&here.root()).is_empty());
    });
}

#[test]
fn a_reference_is_kept_as_it_is() {
    let (here, folder) = (Here::new(), tempfile::tempdir().unwrap());
    let dataset = numbers(folder.path(), 3, 5);
    let (schema, reference) = (DictSample::schema(), "at://did:plc:x/schema/1");
    let of = SchemaOf::Reference(reference, &schema);
    let (entry, published) =
        here.index.insert(dataset.shards(), "copy", of, IndexWrite::new()).unwrap();
    assert_eq!((entry.schema_ref.as_str(), published), (reference, None));
    assert_eq!(here.index.schemas().count(), 0);
}
