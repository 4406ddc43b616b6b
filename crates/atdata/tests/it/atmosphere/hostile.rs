//! What others publish is hostile until it is checked.

use super::{Meddling, Servers, Text, read, servers, texts};
use atdata::atmosphere::{
    Atmosphere, DatasetRecord, ExternalShard, Found, Promotion, Publishing, SchemaFor,
    SchemaRecord, Storage,
};
use atdata::atproto::{AtUri, Nsid, RecordKey, Swap};
use atdata::index::{Index, IndexWrite};
use atdata::provider::MemoryProvider;
use atdata::store::LocalDiskStore;
use atdata::{Dataset, SourceOptions, WriteOptions, write_samples};
use serde_json::{Value as Json, json};
use std::io::Read;
use std::sync::Arc;

/// Publishes 20 texts as blobs under `texts`; gives the account's handle.
fn published(servers: &Servers) -> (String, Atmosphere, Found<DatasetRecord>) {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalDiskStore::new(folder.path()).unwrap();
    let index = Index::new(Arc::new(MemoryProvider::default())).with_store(Arc::new(store));
    let entry = index.write(texts(20), "texts", IndexWrite::new()).unwrap();
    let handle = servers.account(0);
    let alice = servers.login(&handle);
    let found = alice.promote(&index, &entry, Promotion::default()).unwrap();
    (handle, alice, found)
}

fn load(reader: &Atmosphere, found: &Found<DatasetRecord>) -> atdata::Result<Vec<Text>> {
    let source = reader.source(found, &SourceOptions::default())?;
    Dataset::<Text>::from_source(source).ordered().into_iter().collect()
}

#[test]
fn a_blob_that_was_tampered_with_is_refused_by_its_cid() {
    let Some(servers) = servers() else { return };
    let (handle, ..) = published(servers);
    let meddling = Meddling::new(servers, |request, answer| {
        let Ok(mut answer) = answer else { return answer };
        if request.url.contains("getBlob") {
            let mut bytes = Vec::new();
            answer.body.read_to_end(&mut bytes).unwrap();
            bytes[600] ^= 1;
            answer.body = Box::new(std::io::Cursor::new(bytes));
        }
        Ok(answer)
    });
    let bob = Atmosphere::reading(meddling.network(servers));
    let found = bob.dataset(&format!("@{handle}/texts")).unwrap();
    let Storage::Blobs(blobs) = &found.record.storage else { panic!() };
    let refused = load(&bob, &found).unwrap_err();
    assert_eq!(refused.kind(), "unverified");
    assert!(refused.to_string().contains(&blobs[0].cid.to_string()), "{refused}");
    assert!(meddling.count("getBlob") > 0);
}

#[test]
fn a_record_that_lies_about_itself_or_was_changed_since_is_refused() {
    let Some(servers) = servers() else { return };
    let (handle, alice, found) = published(servers);
    let lies = Meddling::new(servers, |request, answer| {
        let Ok(mut answer) = answer else { return answer };
        if request.url.contains("getRecord") && !request.url.contains("sync") {
            let mut text = String::new();
            answer.body.read_to_string(&mut text).unwrap();
            answer.body =
                Box::new(std::io::Cursor::new(text.replace("texts", "other").into_bytes()));
        }
        Ok(answer)
    });
    let bob = Atmosphere::reading(lies.network(servers));
    assert_eq!(bob.dataset(&found.uri.to_string()).unwrap_err().kind(), "unverified");

    // The owner changes the schema under the data set that pins it.
    let schema = AtUri::parse(&found.record.schema.uri).unwrap();
    let mut changed = alice.get::<SchemaRecord>(&schema).unwrap().value;
    changed["description"] = json!("something else");
    let client = alice.client().unwrap();
    client.put(schema.collection(), schema.rkey().clone(), changed, Swap::default()).unwrap();
    let bob = servers.reader();
    let found = bob.dataset(&format!("@{handle}/texts")).unwrap();
    let refused = bob.follow::<SchemaRecord>(&found.record.schema).unwrap_err();
    assert_eq!(refused.kind(), "unverified");
    assert!(refused.to_string().contains("changed since"), "{refused}");
}

#[test]
fn addresses_in_records_reach_no_private_server_and_no_file_of_ours() {
    let Some(servers) = servers() else { return };
    let alice = servers.login(&servers.account(0));
    let schema = super::schema_of::<Text>();
    let addresses = [
        "http://127.0.0.1:1/a.tar",
        "https://169.254.169.254/latest/a.tar",
        "https://[::ffff:10.0.0.1]/a.tar",
        "https://localhost/a.tar",
        "http://example.com/without-tls.tar",
        "/etc/passwd",
        "file:///etc/passwd",
        "pipe:touch /tmp/never",
        "../../secret.tar",
    ];
    for address in addresses {
        let shard = ExternalShard { url: address.to_owned(), sha256: None };
        let storage = Storage::External(vec![shard]);
        let found =
            alice.publish_dataset(Publishing::new("trap", SchemaFor::Type(&schema), storage));
        let refused = load(&servers.reader(), &found.unwrap()).unwrap_err();
        assert!(matches!(refused.kind(), "denied" | "unreachable"), "{address}: {refused}");
        assert!(!refused.to_string().contains("root:"), "{refused}");
    }
}

#[test]
fn mirrors_are_believed_only_where_they_are_right() {
    let Some(servers) = servers() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (good, bad) = (folder.path().join("good"), folder.path().join("bad"));
    for place in [&good, &bad] {
        std::fs::create_dir(place).unwrap();
        write_samples(texts(30), place.join("texts.tar"), WriteOptions::new()).unwrap();
    }
    let sha256 = super::sha256_of(&good.join("texts.tar"));
    std::fs::write(bad.join("texts.tar"), b"something else").unwrap();
    let alice = servers.login(&servers.account(0));
    let schema = super::schema_of::<Text>();
    let url = "https://gone.invalid/data/texts.tar".to_owned();
    let storage = Storage::External(vec![ExternalShard { url, sha256: Some(sha256) }]);
    let new = Publishing::new("mirrored", SchemaFor::Type(&schema), storage);
    let found = alice.publish_dataset(new).unwrap();
    let bob = servers.reader();
    let places = |places: &[&std::path::Path]| SourceOptions {
        mirrors: places.iter().map(|place| place.display().to_string()).collect(),
        patience: atdata::remote::Patience { tries: 1, ..Default::default() },
        ..SourceOptions::default()
    };
    let source = bob.source(&found, &places(&[&bad, &good])).unwrap();
    let dataset = Dataset::<Text>::from_source(source);
    assert_eq!(dataset.get(29).unwrap().number, 29);
    assert_eq!(read(&dataset).len(), 30);
    let source = bob.source(&found, &places(&[&bad])).unwrap();
    assert!(Dataset::<Text>::from_source(source).get(0).is_err());
}

fn put(alice: &Atmosphere, collection: &str, rkey: &str, record: Json) -> AtUri {
    let client = alice.client().unwrap();
    let (collection, rkey) = (Nsid::parse(collection).unwrap(), RecordKey::parse(rkey).unwrap());
    client.put(&collection, rkey, record, Swap::default()).unwrap().uri
}

#[test]
fn records_that_are_broken_hide_no_others_and_say_what_is_wrong() {
    let Some(servers) = servers() else { return };
    let (handle, alice, found) = published(servers);
    let dataset = "ac.foundation.dataset.record";
    let storage = json!({"$type": "ac.foundation.dataset.storageExternal", "urls": ["https://a.example/a.tar"]});
    let schema = found.record.schema.uri.clone();
    let broken = [
        (json!({"$type": dataset}), "storage is missing"),
        (
            json!({"$type": dataset, "name": 7, "schemaRef": schema, "storage": storage}),
            "name is not a text",
        ),
        (json!({"$type": dataset, "name": "x", "storage": storage}), "schemaRef is missing"),
        (
            json!({"$type": dataset, "name": "x", "schemaRef": schema, "storage": {"$type": "x.y.z"}}),
            "no storage x.y.z",
        ),
        (
            json!({"$type": dataset, "name": "x", "schemaRef": schema, "storage": storage, "tags": "no"}),
            "tags is not a list",
        ),
        (
            json!({"$type": dataset, "name": "x", "schemaRef": schema, "storage": storage, "metadata": {"$bytes": "wQ"}}),
            "metadata is no msgpack",
        ),
    ];
    let bob = servers.reader();
    for (number, (record, why)) in broken.into_iter().enumerate() {
        let uri = put(&alice, dataset, &format!("broken{number}"), record);
        let refused = bob.dataset(&uri.to_string()).unwrap_err();
        assert_eq!(refused.kind(), "bad_index");
        assert!(refused.to_string().contains(why), "{refused}");
    }
    assert_eq!(bob.datasets(Some(&handle)).unwrap().len(), 1);
    // Labels that point at themselves, and at what is no data set.
    let label = |target: &str| {
        json!({
            "$type": "ac.foundation.dataset.label", "name": "texts", "version": "3.0.0",
            "datasetUri": target, "createdAt": "2026-01-01T00:00:00Z",
        })
    };
    let did = alice.client().unwrap().did().to_string();
    for target in
        [format!("at://{did}/ac.foundation.dataset.label/round"), schema, "at:///..".into()]
    {
        let uri = put(&alice, "ac.foundation.dataset.label", "round", label(&target));
        assert!(bob.dataset(&uri.to_string()).is_err());
    }
}

#[test]
fn todays_schemas_are_read() {
    let Some(servers) = servers() else { return };
    let handle = servers.account(1);
    let alice = servers.login(&handle);
    let array = "https://alice.science/schemas/atdata-ndarray-bytes/1.1.0#/$defs/ndarray"
        .replace("alice", "alt");
    let schema = json!({
        "$type": "science.alt.dataset.schema", "name": "Image", "version": "1.2.0", "schemaType": "jsonSchema",
        "schema": {
            "$type": "science.alt.dataset.schema#jsonSchemaFormat",
            "$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
            "properties": {
                "image": {"$ref": array, "dtype": "uint8", "shape": [28, 28]},
                "old": {"$ref": "https://alt.science/schemas/atdata-ndarray-bytes/1.0.0#/$defs/ndarray"},
                "label": {"type": "integer", "description": "Which"},
                "names": {"type": "array", "items": {"type": "string"}},
                "note": {"type": ["string", "null"]},
                "either": {"anyOf": [{"type": "number"}, {"type": "null"}]},
                "raw": {"type": "string", "format": "byte"},
            },
            "required": ["image", "label", "names", "raw"],
        },
        "createdAt": "2026-01-01T00:00:00Z",
    });
    let uri = put(&alice, "science.alt.dataset.schema", "Image:1.2.0", schema);
    let bob = servers.reader();
    let found = bob.schema(&uri.to_string()).unwrap();
    let words: Vec<String> = found.record.schema.fields.iter().map(ToString::to_string).collect();
    assert_eq!(
        words[..4],
        ["image: array<uint8>[28, 28]", "label: int", "names: list[str]", "raw: bytes"]
    );
    for word in ["note: str | None", "either: float | None", "old: array | None"] {
        assert!(words.contains(&word.to_owned()), "{words:?}");
    }
    let by_name = bob.schema(&format!("atdata://{handle}/schema/Image@1.2.0")).unwrap();
    assert_eq!(by_name.uri, found.uri);
}

#[test]
fn todays_data_sets_are_read_wherever_their_shards_are() {
    let Some(servers) = servers() else { return };
    let handle = servers.account(1);
    let (alice, bob) = (servers.login(&handle), servers.reader());
    let schema = "at://did:plc:abc/science.alt.dataset.schema/Image:1.2.0";
    let hash = "00".repeat(32);
    let sum = json!({"algorithm": "sha256", "digest": hash});
    let storages = [
        (
            json!({"$type": "science.alt.dataset.storageHttp", "shards": [{"url": "https://a.example/a.tar", "checksum": sum}]}),
            "https://a.example/a.tar",
        ),
        (
            json!({"$type": "science.alt.dataset.storageS3", "bucket": "b", "region": "eu", "shards": [{"key": "k/a.tar", "checksum": sum}]}),
            "s3://b/k/a.tar",
        ),
        (
            json!({"$type": "science.alt.dataset.storageS3", "bucket": "b", "endpoint": "https://s3.example/", "shards": [{"key": "k/a.tar", "checksum": sum}]}),
            "https://s3.example/b/k/a.tar",
        ),
    ];
    for (storage, url) in storages {
        let entry = json!({
            "$type": "science.alt.dataset.entry", "name": "images", "schemaRef": schema,
            "storage": storage, "size": {"samples": 5}, "contentMetadata": {"mean": 1},
            "createdAt": "2026-01-01T00:00:00Z",
        });
        put(&alice, "science.alt.dataset.entry", "images", entry);
        let entry = bob.dataset(&format!("@{handle}/images")).unwrap().entry().unwrap();
        assert_eq!(entry.data_urls, [url]);
        assert_eq!(entry.checksum(url), Some(hash.as_str()));
        assert_eq!(entry.facts.samples, Some(5));
    }
}
