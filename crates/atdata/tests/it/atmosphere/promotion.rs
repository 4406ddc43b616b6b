//! Entries of an index, published; and the other way.

use super::{Meddling, Text, read, servers, texts};
use atdata::atmosphere::{Atmosphere, DatasetRecord, Promotion, SchemaRecord, Storage};
use atdata::atproto::Error as Network;
use atdata::index::{Index, IndexWrite};
use atdata::provider::{Entry, MemoryProvider};
use atdata::store::{DataStore, LocalDiskStore, UploadJournal};
use atdata::{Dataset, Error, SourceOptions};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

struct Here {
    folder: tempfile::TempDir,
    index: Index,
}

impl Here {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalDiskStore::new(folder.path().join("store")).unwrap();
        let index = Index::new(Arc::new(MemoryProvider::default())).with_store(Arc::new(store));
        Self { folder, index }
    }

    fn write(&self, name: &str, count: i64, per_shard: u64) -> Entry {
        let options =
            IndexWrite::new().max_count(per_shard).description("Some texts").tags(["text"]);
        self.index.write(texts(count), name, options).unwrap()
    }
}

fn count<R: atdata::atmosphere::Record>(alice: &Atmosphere) -> usize {
    alice.all::<R>(None).unwrap().count()
}

#[test]
fn what_lies_on_this_machine_becomes_blobs_once() {
    let Some(servers) = servers() else { return };
    let here = Here::new();
    let entry = here.write("texts", 90, 40);
    let handle = servers.account(0);
    let alice = servers.login(&handle);
    let promote = || alice.promote(&here.index, &entry, Promotion::default()).unwrap();
    let found = promote();
    assert_eq!(promote().uri, found.uri);
    assert_eq!((count::<SchemaRecord>(&alice), count::<DatasetRecord>(&alice)), (1, 1));
    assert_eq!(found.record.content_cid, entry.facts.content_cid);
    assert_eq!((found.record.size.samples, found.record.size.shards), (Some(90), Some(3)));
    assert_eq!(
        (found.record.description.as_deref(), found.record.tags.len()),
        (Some("Some texts"), 1)
    );

    let bob = servers.reader();
    let found = bob.dataset(&format!("@{handle}/texts")).unwrap();
    let source = bob.source(&found, &SourceOptions::default()).unwrap();
    assert_eq!(read(&Dataset::<Text>::from_source(source)), texts(90).collect::<Vec<_>>());

    // Another name is another record of the same schema.
    let named = Promotion { name: Some("other".into()), ..Promotion::default() };
    alice.promote(&here.index, &entry, named).unwrap();
    assert_eq!((count::<SchemaRecord>(&alice), count::<DatasetRecord>(&alice)), (1, 2));
}

#[test]
fn it_comes_back_into_an_index_by_reference_or_whole() {
    let Some(servers) = servers() else { return };
    let (here, there) = (Here::new(), Here::new());
    let entry = here.write("texts", 50, 20);
    let handle = servers.account(1);
    servers.login(&handle).promote(&here.index, &entry, Promotion::default()).unwrap();
    let bob = servers.reader();
    let address = format!("@{handle}/texts");
    let copied = bob.import(&there.index, &address, None, true).unwrap();
    assert_eq!(copied.facts.content_cid, entry.facts.content_cid);
    assert!(copied.about("imported_from").is_some());
    assert_eq!(read(&there.index.dataset::<Text>(&copied).unwrap()), texts(50).collect::<Vec<_>>());

    let named = bob.import(&there.index, &address, Some("far"), false).unwrap();
    assert!(named.data_urls[0].starts_with("at://did:plc:"));
    let options = SourceOptions { network: Some(servers.network()), ..SourceOptions::default() };
    let source = there.index.source(&there.index.find("far").unwrap(), &options).unwrap();
    assert_eq!(read(&Dataset::<Text>::from_source(source)).len(), 50);
}

#[test]
fn a_shard_that_a_server_does_not_take_is_cut_anew() {
    let Some(servers) = servers() else { return };
    let here = Here::new();
    // Over the server's limit of 5 MiB: 12,000 samples of a tar record and its header each.
    let entry = here.write("large", 12_000, 100_000);
    assert!(entry.facts.bytes.unwrap() > 5 << 20);
    let handle = servers.account(0);
    let found = servers.login(&handle).promote(&here.index, &entry, Promotion::default()).unwrap();
    assert!(found.entry().unwrap().data_urls.len() > 1);
    assert_eq!(found.record.size.samples, Some(12_000));
    let source = servers.reader().source(&found, &SourceOptions::default()).unwrap();
    let dataset = Dataset::<Text>::from_source(source);
    assert_eq!(dataset.len().unwrap(), 12_000);
    assert_eq!(dataset.get(11_999).unwrap().number, 11_999);
}

#[test]
fn what_was_cut_short_goes_on_where_it_stopped() {
    let Some(servers) = servers() else { return };
    let here = Here::new();
    let entry = here.write("texts", 100, 10);
    let handle = servers.account(0);
    let uploads = Arc::new(AtomicUsize::new(0));
    let (broken, seen) = (Arc::new(AtomicBool::new(true)), Arc::clone(&uploads));
    let breaks = Arc::clone(&broken);
    let meddling = Meddling::new(servers, move |request, answer| {
        if !request.url.contains("uploadBlob") {
            return answer;
        }
        if seen.fetch_add(1, Ordering::SeqCst) >= 4 && breaks.load(Ordering::SeqCst) {
            let (address, message) = (request.url.clone(), "it is unplugged".to_owned());
            return Err(Network::Unreachable { address, message });
        }
        answer
    });
    let journal = UploadJournal::new(here.folder.path().join("uploads"));
    let alice = Atmosphere::login(meddling.network(servers), &handle, "password", None).unwrap();
    let alice = alice.with_journal(journal.clone());
    let failed = alice.promote(&here.index, &entry, Promotion::default()).unwrap_err();
    assert_eq!(failed.kind(), "unreachable");
    let did = alice.client().unwrap().did().clone();
    let pending = journal.pending(&did).len();
    assert!((1..=4).contains(&pending), "{pending}");
    assert_eq!((count::<SchemaRecord>(&alice), count::<DatasetRecord>(&alice)), (0, 0));

    broken.store(false, Ordering::SeqCst);
    uploads.store(0, Ordering::SeqCst);
    let found = alice.promote(&here.index, &entry, Promotion::default()).unwrap();
    assert_eq!(uploads.load(Ordering::SeqCst), 10 - pending);
    assert!(journal.pending(&did).is_empty());
    let source = servers.reader().source(&found, &SourceOptions::default()).unwrap();
    assert_eq!(read(&Dataset::<Text>::from_source(source)).len(), 100);
}

#[test]
fn blobs_that_a_server_has_dropped_are_uploaded_again() {
    let Some(servers) = servers() else { return };
    let here = Here::new();
    let entry = here.write("texts", 30, 10);
    let handle = servers.account(0);
    let journal = UploadJournal::new(here.folder.path().join("uploads"));
    let alice = servers.login(&handle).with_journal(journal.clone());
    // The journal says that they are there, and they are not.
    let other = servers.login(&servers.account(0)).with_journal(journal);
    let lost = other.blobs().unwrap();
    let shards = atdata::Shards::new(here.index.source(&entry, &SourceOptions::default()).unwrap());
    for name in shards.names().unwrap() {
        let mut sink = lost.create("").unwrap();
        std::io::Write::write_all(&mut sink, &std::fs::read(name).unwrap()).unwrap();
        sink.commit(0).unwrap();
    }
    let folder = here.folder.path().join("uploads");
    let file = |atmosphere: &Atmosphere| {
        let did = atmosphere.client().unwrap().did().as_str().replace(':', "+");
        folder.join(format!("{did}.jsonl"))
    };
    std::fs::rename(file(&other), file(&alice)).unwrap();
    let found = alice.promote(&here.index, &entry, Promotion::default()).unwrap();
    let source = servers.reader().source(&found, &SourceOptions::default()).unwrap();
    assert_eq!(read(&Dataset::<Text>::from_source(source)).len(), 30);
}

#[test]
fn other_places_stay_or_are_copied_and_what_is_missing_is_said() {
    let Some(servers) = servers() else { return };
    let here = Here::new();
    let alice = servers.login(&servers.account(0));
    let schema = super::schema_of::<Text>();
    let urls = vec!["s3://bucket/a.tar".to_owned()];
    let of = atdata::index::SchemaOf::Type(&schema);
    let (entry, _) = here.index.add_entry("far", urls, of, &IndexWrite::new()).unwrap();
    let strict = Promotion { strict: true, ..Promotion::default() };
    let refused = alice.promote(&here.index, &entry, strict).unwrap_err();
    assert_eq!(refused.kind(), "invalid_argument");
    let found = alice.promote(&here.index, &entry, Promotion::default()).unwrap();
    assert!(
        matches!(&found.record.storage, Storage::External(shards) if shards[0].url == "s3://bucket/a.tar")
    );

    let texts = here.write("texts", 10, 5);
    let public = LocalDiskStore::new(here.folder.path().join("public")).unwrap();
    let copied = Promotion { store: Some(Arc::new(public)), ..Promotion::default() };
    let found = alice.promote(&here.index, &texts, copied).unwrap();
    let Storage::External(shards) = &found.record.storage else { panic!("blobs") };
    assert!(shards.iter().all(|shard| shard.url.contains("public") && shard.sha256.is_some()));

    let no_schema =
        Entry { schema_ref: "atdata://local/sampleSchema/No@1.0.0".into(), ..texts.clone() };
    let missing = alice.promote(&here.index, &no_schema, Promotion::default()).unwrap_err();
    assert_eq!(missing.kind(), "unknown_name");
    let no_urls = Entry { data_urls: Vec::new(), ..texts.clone() };
    let empty = alice.promote(&here.index, &no_urls, Promotion::default()).unwrap_err();
    assert!(matches!(empty, Error::Invalid(_)));
    let nobody = servers.reader().promote(&here.index, &texts, Promotion::default()).unwrap_err();
    assert_eq!(nobody.kind(), "not_logged_in");
}
