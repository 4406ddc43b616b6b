//! Schemas, data sets, labels and lenses: published by one, found and read by another.

use super::{Text, read, servers, texts};
use atdata::atmosphere::{
    About, Atmosphere, DatasetRecord, ExternalShard, Found, LensRecord, Lexicons, Link, Publishing,
    SchemaFor, SchemaRecord, Storage,
};
use atdata::schema::{Field, FieldType, Schema};
use atdata::store::DataStore;
use atdata::{Dataset, ShardSet, SourceOptions, Value, WriteOptions, write_samples};
use std::sync::Arc;

fn schema(version: &str, fields: &[&str]) -> Schema {
    let mut schema = Schema::new("Thing");
    schema.version = Some(version.to_owned());
    schema.fields = fields.iter().map(|name| Field::new(*name, FieldType::Float.list())).collect();
    schema.fields.push(Field::new(
        "image",
        FieldType::Array {
            dtype: Some("uint8".into()),
            shape: Some(vec![Some(28), None]),
            dimension_names: None,
        },
    ));
    schema
}

#[test]
fn a_schema_is_published_once_and_read_by_all_references() {
    let Some(servers) = servers() else { return };
    let handle = servers.account(0);
    for lexicons in Lexicons::ALL {
        let alice = servers.login(&handle).with_lexicons(lexicons);
        let name = format!("Thing{}", lexicons.name().len());
        let named =
            |version, fields: &[&str]| Schema { name: name.clone(), ..schema(version, fields) };
        let first = alice.publish_schema(&named("1.0.0", &["a"]), None).unwrap();
        assert_eq!(alice.publish_schema(&named("1.0.0", &["a"]), None).unwrap().uri, first.uri);
        let other = alice.publish_schema(&named("1.0.0", &["a", "b"]), None).unwrap();
        assert_ne!(other.uri, first.uri);
        let later = alice.publish_schema(&named("1.10.0", &["c"]), None).unwrap();
        alice.publish_schema(&named("1.9.0", &["d"]), None).unwrap();

        let bob = servers.reader();
        let read = bob.schema(&first.uri.to_string()).unwrap();
        assert_eq!((read.cid, &read.record), (first.cid, &first.record));
        let did = alice.client().unwrap().did().to_string();
        for who in [handle.as_str(), did.as_str()] {
            let highest = bob.schema(&format!("atdata://{who}/sampleSchema/{name}")).unwrap();
            assert_eq!(highest.uri, later.uri);
            let old = bob.schema(&format!("atdata://{who}/schema/{name}@1.0.0")).unwrap();
            assert_eq!(old.uri, other.uri);
        }
        let unknown = bob.schema(&format!("atdata://{handle}/schema/{name}@7.0.0")).unwrap_err();
        assert_eq!(unknown.kind(), "unknown_name");
    }
}

/// Publishes so many texts as blobs.
fn publish(alice: &Atmosphere, name: &str, count: i64) -> Found<DatasetRecord> {
    let store = alice.blobs().unwrap();
    let shared: Arc<dyn DataStore> = Arc::new(store.clone());
    let mut set = ShardSet::in_store(shared, "", Some(40), None).unwrap();
    let mut payload = Vec::new();
    for text in texts(count) {
        payload.clear();
        atdata::Sample::to_record(&text, &mut atdata::RecordWriter::new(&mut payload)).unwrap();
        set.append(None, &payload).unwrap();
    }
    let (stored, progress) = set.commit().unwrap();
    let blobs = stored.iter().map(|shard| store.blob(&shard.url).unwrap()).collect();
    let schema = super::schema_of::<Text>();
    let mut new = Publishing::new(name, SchemaFor::Type(&schema), Storage::Blobs(blobs));
    new.size.samples = Some(progress.samples);
    new.about = About {
        description: Some("Some texts".into()),
        tags: vec!["text".into(), "small".into()],
        license: Some("MIT".into()),
        metadata: Some(Value::Map(vec![(Value::Str("mean".into()), Value::Float(0.1))])),
    };
    alice.publish_dataset(new).unwrap()
}

#[test]
fn another_account_on_another_server_finds_reads_and_verifies_it() {
    let Some(servers) = servers() else { return };
    for lexicons in Lexicons::ALL {
        let handle = servers.account(0);
        let alice = servers.login(&handle).with_lexicons(lexicons);
        let published = publish(&alice, "texts", 100);
        assert_eq!(publish(&alice, "texts", 100).uri, published.uri, "published twice");

        let bob = servers.login(&servers.account(1));
        let found = bob.dataset(&format!("@{handle}/texts")).unwrap();
        assert_eq!((&found.uri, found.cid), (&published.uri, published.cid));
        assert_eq!(found.record, published.record);
        let entry = found.entry().unwrap();
        assert_eq!(entry.data_urls.len(), 3);
        assert_eq!(entry.about("mean"), Some(&Value::Float(0.1)));
        assert_eq!(entry.facts.samples, Some(100));
        let schema = bob.follow::<SchemaRecord>(&found.record.schema).unwrap();
        assert_eq!(schema.record.schema.fields, super::schema_of::<Text>().fields);
        let source = bob.source(&found, &SourceOptions::default()).unwrap();
        let dataset = Dataset::<Text>::from_source(source);
        assert_eq!(read(&dataset), texts(100).collect::<Vec<_>>());
        assert_eq!(dataset.get(77).unwrap().number, 77);
        bob.verify_in_repository(&found).unwrap();
        bob.verify_in_repository(&schema).unwrap();
        assert_eq!(bob.datasets(Some(&handle)).unwrap().len(), 1);
    }
}

#[test]
fn a_name_means_the_newest_and_labels_keep_the_old() {
    let Some(servers) = servers() else { return };
    let handle = servers.account(1);
    let alice = servers.login(&handle);
    let first = publish(&alice, "grows", 10);
    let label = alice.label("grows", "1.0.0").unwrap();
    let second = publish(&alice, "grows", 20);
    let bob = servers.reader();
    let find = |text: &str| bob.dataset(&format!("@{handle}/{text}")).map(|found| found.uri);
    assert_eq!(find("grows").unwrap(), second.uri);
    assert_eq!(find("grows@1.0.0").unwrap(), first.uri);
    assert_eq!(find(&format!("grows@{}", first.cid)).unwrap(), first.uri);
    assert_eq!(bob.dataset(&label.uri.to_string()).unwrap().uri, first.uri);
    assert_eq!(find("grows@2.0.0").unwrap_err().kind(), "unknown_name");
    assert_eq!(find("shrinks").unwrap_err().kind(), "unknown_name");
    assert_eq!(bob.datasets(Some(&handle)).unwrap().len(), 1);
}

#[test]
fn shards_elsewhere_are_checked_against_the_record() {
    let Some(servers) = servers() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("texts.tar");
    write_samples(texts(30), &path, WriteOptions::new()).unwrap();
    let sha256 = super::sha256_of(&path);
    let schema = super::schema_of::<Text>();
    let handle = servers.account(0);
    let alice = servers.login(&handle);
    let url = path.display().to_string();
    let storage = Storage::External(vec![ExternalShard { url: url.clone(), sha256: Some(sha256) }]);
    let new = Publishing::new("own", SchemaFor::Type(&schema), storage);
    let found = alice.publish_dataset(new).unwrap();

    let source = alice.source(&found, &SourceOptions::default()).unwrap();
    assert_eq!(read(&Dataset::<Text>::from_source(source)).len(), 30);
    // A path of this machine is not read for somebody else.
    let refused = servers.reader().source(&found, &SourceOptions::default()).unwrap_err();
    assert_eq!(refused.kind(), "denied");

    std::fs::write(&path, std::fs::read(&path).unwrap().iter().rev().copied().collect::<Vec<u8>>())
        .unwrap();
    let source = alice.source(&found, &SourceOptions::default()).unwrap();
    let read: Result<Vec<Text>, _> = Dataset::from_source(source).ordered().into_iter().collect();
    assert!(read.is_err());
}

#[test]
fn lenses_are_references_to_code_that_name_two_schemas() {
    let Some(servers) = servers() else { return };
    let handle = servers.account(0);
    let alice = servers.login(&handle);
    let source = alice.publish_schema(&schema("1.0.0", &["a"]), None).unwrap();
    let target = alice.publish_schema(&schema("2.0.0", &["b"]), None).unwrap();
    let link = |found: &Found<SchemaRecord>| Link { uri: found.uri.to_string(), cid: None };
    let lens = LensRecord {
        name: "simplify".into(),
        source: link(&source),
        target: link(&target),
        getter: None,
        putter: None,
        description: None,
        language: Some("python".into()),
        metadata: None,
        created_at: "2026-01-01T00:00:00Z".into(),
    };
    let published = alice.publish_lens(lens, None).unwrap();
    assert_eq!(published.record.source.cid, Some(source.cid));
    let bob = servers.reader();
    let uri = |found: &Found<SchemaRecord>| found.uri.to_string();
    let found = bob.find_lenses(Some(&handle), &uri(&source), Some(&uri(&target))).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(bob.find_lenses(Some(&handle), &uri(&source), None).unwrap(), found);
    assert!(bob.find_lenses(Some(&handle), &uri(&target), None).unwrap().is_empty());
}
