//! What nothing names is found, and nothing else is touched.

use super::{Here, everywhere, files_below, numbers};
use atdata::DictSample;
use atdata::index::{GRACE, Garbage, IndexWrite, SchemaOf};
use atdata::schema::Schema;
use std::fs;
use std::os::unix::fs::symlink;
use std::time::Duration;

fn collected(here: &Here) -> Garbage {
    let garbage = here.index.garbage(Duration::ZERO).unwrap();
    let removed = here.index.remove_garbage(&garbage).unwrap();
    assert_eq!(removed.found, garbage.found);
    garbage
}

#[test]
fn what_entries_name_stays_and_what_they_named_goes() {
    everywhere(|here| {
        let kept = here.ten("kept");
        let gone = IndexWrite::new().max_count(4);
        here.index.write(numbers(100..110), "gone", gone).unwrap();
        here.index.delete("gone").unwrap();
        let old = here.index.write(numbers(0..2), "kept", IndexWrite::new()).unwrap();
        here.index.label(&kept.cid, "kept", "", None).unwrap();
        assert!(here.index.garbage(GRACE).unwrap().found.is_empty());
        let garbage = collected(here);
        // Three shards and their indexes, of fourteen files.
        assert_eq!((garbage.found.len(), garbage.seen), (6, 14));
        assert!(garbage.found.iter().all(|found| found.url.contains("/gone/data--")));
        assert!(garbage.bytes() > 3 * 1024);
        for entry in [kept, old] {
            let dataset = here.index.dataset::<DictSample>(&entry).unwrap();
            assert_eq!(
                dataset.ordered().into_iter().filter(Result::is_ok).count() as u64,
                entry.facts.samples.unwrap()
            );
        }
        assert_eq!(here.files().len(), 8);
        assert!(collected(here).found.is_empty());
    });
}

#[test]
fn what_a_crash_left_goes() {
    let here = Here::new();
    let entry = here.ten("kept");
    let url = &entry.data_urls[0];
    let name = url.rsplit('/').next().unwrap();
    let left =
        [".data.tar.123-4.tmp".to_owned(), format!(".{name}.idx.99-18446744073709551615.tmp")];
    left.iter().for_each(|name| fs::write(here.root().join("kept").join(name), "half").unwrap());
    let found: Vec<String> = collected(&here).found.into_iter().map(|found| found.url).collect();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(left.iter().all(|name| found.iter().any(|url| url.ends_with(name))));
    assert_eq!(here.files().len(), 6);
}

#[test]
fn what_others_put_there_stays() {
    let here = Here::new();
    let hash = "0123456789abcdef0123456789abcdef";
    let others = [
        "notes.txt".into(),
        "data.tar".into(),
        "data-000000.tar".into(),
        ".data.tar.swp".into(),
        ".data.tar.backup.tmp".into(),
        ".data.tar.1-x.tmp".into(),
        ".notes.1-2.tmp".into(),
        format!("data--{hash}--000000.tar.bak"),
        format!("data--{hash}--000000.tar.idx.bak"),
        format!("data--{hash}--00000.tar"),
        format!("data--{hash}--000000"),
        format!("data--{}--000000.tar", hash.to_uppercase()),
        format!("data--{}--000000.tar", &hash[..8]),
        format!("my-data--{hash}--000000.tar"),
        format!("data--{hash}--000000.manifest.txt"),
    ];
    let folder = here.root().join("a folder/of others");
    fs::create_dir_all(folder.join(format!("data--{hash}--000000.tar"))).unwrap();
    others.iter().for_each(|name| fs::write(folder.join(name), "theirs").unwrap());
    let before = here.files();
    assert_eq!((collected(&here), here.files()), (Garbage::default(), before));
}

#[test]
fn links_are_not_followed() {
    let here = Here::new();
    let outside = tempfile::tempdir().unwrap();
    let name = format!("data--{}--000000.tar", "a".repeat(32));
    fs::write(outside.path().join(&name), "theirs").unwrap();
    fs::create_dir_all(here.root()).unwrap();
    symlink(outside.path(), here.root().join("folder")).unwrap();
    symlink(outside.path().join(&name), here.root().join(&name)).unwrap();
    symlink(here.root(), here.root().join("circle")).unwrap();
    assert_eq!(collected(&here), Garbage::default());
    assert_eq!(files_below(outside.path()), [name]);
}

#[test]
fn what_is_named_or_written_again_in_between_stays() {
    let here = Here::new();
    let entry = here.ten("set");
    here.index.delete("set").unwrap();
    let garbage = here.index.garbage(Duration::ZERO).unwrap();
    assert_eq!(garbage.found.len(), 6);
    // One process names it again, the other has stored it again and is about to name it.
    here.index.provider().put(std::slice::from_ref(&entry), &[]).unwrap();
    assert!(here.index.remove_garbage(&garbage).unwrap().found.is_empty());
    here.index.provider().remove_entry(&entry.cid).unwrap();
    let mut writing = here.index.begin("set", &IndexWrite::new().max_count(4)).unwrap();
    for sample in numbers(0..10) {
        let payload = atdata::Sample::to_bytes(&sample).unwrap();
        writing.set().append(None, &payload).unwrap();
    }
    let removed = here.index.remove_garbage(&garbage).unwrap();
    assert_eq!(removed.found.len(), 2, "the last shard is not stored again yet: {removed:?}");
    assert!(writing.commit(&<DictSample as atdata::Sample>::schema()).is_ok());
}

#[test]
fn patterns_of_others_name_their_shards() {
    let here = Here::new();
    let entry = here.ten("set");
    let hash = entry.data_urls[0].rsplit("data--").next().unwrap()[..32].to_owned();
    here.index.delete("set").unwrap();
    let pattern = format!("elsewhere/data--{hash}--{{000000..000002}}.tar");
    let hostile = format!("elsewhere/data--{hash}--{{000000..99999999999}}.tar");
    let schema = Schema::new("X");
    let of = SchemaOf::Reference("local://schemas/X@1.0.0", &schema);
    here.index.add_entry("theirs", vec![pattern, hostile], of, &IndexWrite::new()).unwrap();
    assert_eq!(collected(&here).found.len(), 4);
    assert_eq!(here.files().len(), 2);
}

#[test]
fn a_shard_stays_however_an_entry_spells_its_place() {
    let here = Here::new();
    let plain = here.ten("set").data_urls;
    here.index.delete("set").unwrap();
    let (root, schema) = (here.root().display().to_string(), Schema::new("X"));
    let spellings = ["file://ROOT/", "ROOT//", "ROOT/./"].map(|start| start.replace("ROOT", &root));
    let urls = plain.iter().zip(&spellings);
    let urls = urls.map(|(url, start)| url.replacen(&format!("{root}/"), start, 1)).collect();
    let of = SchemaOf::Reference("local://schemas/X@1.0.0", &schema);
    here.index.add_entry("spelt", urls, of, &IndexWrite::new()).unwrap();
    assert_eq!(collected(&here), Garbage { seen: 6, ..Garbage::default() });
}
