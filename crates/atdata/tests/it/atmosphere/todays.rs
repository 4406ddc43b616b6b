//! Data sets of `science.alt` in the words that the package of today's users reads and writes.

use super::servers;
use atdata::Value;
use atdata::atmosphere::{
    About, Atmosphere, DatasetRecord, ExternalShard, Found, Lexicons, Publishing, SchemaFor,
    Storage,
};
use atdata::atproto::{BlobBody, Nsid, RecordKey, Swap};
use atdata::schema::{Field, FieldType, Schema};
use serde_json::{Value as Json, json};

fn text(text: &str) -> Value {
    Value::Str(text.to_owned())
}

fn map(pairs: &[(&str, Value)]) -> Value {
    Value::Map(pairs.iter().map(|(key, value)| (text(key), value.clone())).collect())
}

fn publish(alice: &Atmosphere, metadata: Value, manifests: Option<Json>) -> Found<DatasetRecord> {
    let mut schema = Schema::new("Thing");
    schema.fields = vec![Field::new("name", FieldType::Str)];
    let url = "https://a.example/a.tar".to_owned();
    let shard = ExternalShard { url, sha256: Some("00".repeat(32)) };
    let storage = Storage::External(vec![shard]);
    let mut new = Publishing::new("things", SchemaFor::Type(&schema), storage);
    new.about = About { metadata: Some(metadata), ..About::default() };
    new.manifests = manifests;
    alice.publish_dataset(new).unwrap()
}

/// An object's members have no order.
fn sorted(value: Value) -> Value {
    let Value::Map(pairs) = value else { return value };
    let mut pairs: Vec<_> = pairs.into_iter().map(|(key, item)| (key, sorted(item))).collect();
    pairs.sort_by_key(|(key, _)| format!("{key:?}"));
    Value::Map(pairs)
}

fn science() -> Option<(Atmosphere, Atmosphere)> {
    let servers = servers()?;
    let alice = servers.login(&servers.account(0)).with_lexicons(Lexicons::Science);
    Some((alice, servers.reader()))
}

#[test]
fn metadata_is_an_object_that_todays_readers_find_where_it_can_be_one() {
    let Some((alice, bob)) = science() else { return };
    let (split, inner) = (("split", text("train")), map(&[("ü", Value::Int((1 << 53) - 1))]));
    let plain = map(&[split.clone(), ("custom", inner.clone())]);
    let found = publish(&alice, plain, None);
    let custom = json!({"custom": {"split": "train", "custom": {"ü": 9_007_199_254_740_991_i64}}});
    assert_eq!(found.value["metadata"], custom);
    let reordered = map(&[("custom", inner), split]);
    let read = bob.dataset(&found.uri.to_string()).unwrap();
    assert_eq!(read.record.metadata.map(sorted), Some(sorted(reordered.clone())));
    assert_eq!(publish(&alice, reordered, None).uri, found.uri);
}

#[test]
fn what_no_object_can_hold_is_packed() {
    let Some((alice, bob)) = science() else { return };
    for value in
        [Value::Float(0.1), Value::Int(1 << 53), Value::Int(i64::MIN), Value::UInt(u64::MAX)]
    {
        let metadata = map(&[("value", value)]);
        let found = publish(&alice, metadata.clone(), None);
        assert!(found.value["metadata"]["$bytes"].is_string());
        let read = bob.dataset(&found.uri.to_string()).unwrap();
        assert_eq!(read.record.metadata, Some(metadata));
    }
}

#[test]
fn metadata_under_custom_is_read_with_the_rest() {
    let Some((alice, bob)) = science() else { return };
    let client = alice.client().unwrap();
    let collection = Nsid::parse("science.alt.dataset.entry").unwrap();
    let record = json!({
        "$type": "science.alt.dataset.entry", "name": "theirs", "createdAt": "2026-01-01T00:00:00.123456+00:00",
        "schemaRef": "at://did:plc:abc/science.alt.dataset.schema/3n2tkbturbk2q",
        "storage": {"$type": "science.alt.dataset.storageHttp", "shards": [
            {"url": "https://a.example/{0..1}.tar", "checksum": {"algorithm": "none", "digest": ""}},
        ]},
        "metadata": {"split": "train", "custom": {"count": 3, "deep": {"yes": true}}},
    });
    let key = RecordKey::parse("theirs").unwrap();
    let uri = client.put(&collection, key, record, Swap::default()).unwrap().uri;
    let found = bob.dataset(&uri.to_string()).unwrap();
    let deep = map(&[("yes", Value::Bool(true))]);
    let wanted = map(&[("split", text("train")), ("count", Value::Int(3)), ("deep", deep)]);
    assert!(!found.is_checked().unwrap());
    assert_eq!(found.record.metadata.map(sorted), Some(sorted(wanted)));
}

#[test]
fn manifests_have_the_names_that_todays_records_give_them() {
    let Some((alice, bob)) = science() else { return };
    let blob = |data: &'static [u8]| {
        alice
            .client()
            .unwrap()
            .upload(BlobBody::bytes(data, "application/json"))
            .unwrap()
            .to_value()
    };
    let (header, samples) = (blob(b"{}"), blob(b"PAR1"));
    let manifests = json!([{"json": header, "parquet": samples}]);
    let found = publish(&alice, map(&[("n", Value::Int(1))]), Some(manifests.clone()));
    assert_eq!(found.value["manifests"], json!([{"header": header, "samples": samples}]));
    let read = bob.dataset(&found.uri.to_string()).unwrap();
    assert_eq!(read.record.manifests, Some(manifests));
    assert_eq!(read.beside().unwrap().len(), 2);
}
