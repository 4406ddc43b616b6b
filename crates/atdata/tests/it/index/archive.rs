//! An index as one file, there and back.

use super::{Here, everywhere, refused};
use atdata::Value;
use atdata::index::{Imported, Index, IndexWrite};
use atdata::provider::{Document, DocumentKind, Entry, Label, MemoryProvider};
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// All rows of an index but its history.
fn rows(index: &Index) -> (Vec<Entry>, Vec<Label>, Vec<Document>) {
    let entries: Vec<Entry> = index.entries().map(Result::unwrap).collect();
    let mut labels: Vec<Label> =
        entries.iter().flat_map(|entry| index.provider().labels(&entry.cid).unwrap()).collect();
    labels.sort_by_key(|label| (label.name.clone(), label.version.clone()));
    let all = atdata::provider::Page { after: None, limit: 1000 };
    let documents = [DocumentKind::Schema, DocumentKind::Lens]
        .map(|kind| index.provider().documents(kind, &all).unwrap());
    (entries, labels, documents.concat())
}

/// An index with one of everything, as a file.
fn filled(here: &Here) -> PathBuf {
    let entry = here.ten("numbers");
    here.index.label(&entry.cid, "numbers", "v1", Some("said of it")).unwrap();
    here.index.write(super::pictures(2), "pictures", IndexWrite::new().tags(["a"])).unwrap();
    let json = r#"{"name":"Crop","getter":{"kind":"opaque"}}"#.to_owned();
    let lens = Document { name: "Crop".into(), version: "1.0.0".into(), json };
    here.index.provider().create_document(DocumentKind::Lens, &lens).unwrap();
    let path = here.folder.path().join("exports/index.jsonl");
    here.index.export(&path).unwrap();
    path
}

#[test]
fn everything_comes_back() {
    everywhere(|here| {
        let path = filled(here);
        everywhere(|there| {
            let imported = there.index.import(&path, false).unwrap();
            let whole = Imported { entries: 2, documents: 3, labels: 3, kept: Vec::new() };
            assert_eq!(imported, whole);
            assert_eq!(rows(&there.index), rows(&here.index));
            // Once more changes nothing.
            assert_eq!(there.index.import(&path, false).unwrap().documents, 0);
            assert_eq!(rows(&there.index), rows(&here.index));
            let again = there.folder.path().join("again.jsonl");
            there.index.export(&again).unwrap();
            assert_eq!(fs::read(&again).unwrap(), fs::read(&path).unwrap());
        });
    });
}

#[test]
fn names_that_are_taken_stay_unless_told_otherwise() {
    let (here, there) = (Here::new(), Here::new());
    let path = filled(&here);
    let own = there.index.write(super::numbers(0..1), "numbers", IndexWrite::new()).unwrap();
    let imported = there.index.import(&path, false).unwrap();
    assert_eq!(imported.kept, ["numbers"]);
    assert_eq!(there.index.find("numbers").unwrap(), own);
    assert!(there.index.find("numbers@v1").is_ok());
    assert!(there.index.import(&path, true).unwrap().kept.is_empty());
    assert_eq!(there.index.find("numbers").unwrap().cid, here.index.find("numbers").unwrap().cid);
    assert_eq!(there.index.history("numbers").unwrap().len(), 2);
}

#[test]
fn a_version_with_other_content_is_a_conflict() {
    let (here, there) = (Here::new(), Here::new());
    let path = filled(&here);
    let json = r#"{"name":"Crop","getter":{"kind":"other"}}"#.to_owned();
    let lens = Document { name: "Crop".into(), version: "1.0.0".into(), json };
    there.index.provider().create_document(DocumentKind::Lens, &lens).unwrap();
    let (kind, message) = refused(there.index.import(&path, true));
    assert!(kind == "conflict" && message.contains("Crop@1.0.0"), "{message}");
}

fn edited(path: &Path, edit: impl Fn(&mut Vec<Vec<u8>>)) -> PathBuf {
    let bytes = fs::read(path).unwrap();
    let mut lines: Vec<Vec<u8>> = bytes.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
    edit(&mut lines);
    let edited = path.with_file_name("edited.jsonl");
    fs::write(&edited, lines.join(&b'\n')).unwrap();
    edited
}

#[test]
fn files_that_are_no_exported_index_are_refused_and_change_nothing() {
    let here = Here::new();
    let path = filled(&here);
    let replace = |from: &str, to: &str| {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from));
        let edited = path.with_file_name("replaced.jsonl");
        fs::write(&edited, text.replacen(from, to, 1)).unwrap();
        edited
    };
    let last =
        |line: &'static [u8]| edited(&path, move |lines| *lines.last_mut().unwrap() = line.into());
    let cases: [(&dyn Fn() -> PathBuf, &str); 8] = [
        (&|| edited(&path, Vec::clear), "line 1: this is no exported index"),
        (&|| edited(&path, |lines| drop(lines.remove(0))), "line 1: this is no exported index"),
        (&|| replace(r#"{"atdata-index":1}"#, r#"{"atdata-index":2}"#), "newer atdata"),
        (&|| last(b"{\"other\":{}}"), "line 10: this line is no schema, lens, entry or label"),
        (&|| last(b"{\"entry\":"), "line 10: this line is no JSON"),
        (&|| last(b"\xff\xfe"), "line 10: this line is no JSON"),
        (&|| replace("numbers/data--", "others/data--"), "this line is no"),
        (&|| last(b"{\"label\":{\"name\":\"x\"}}"), "line 10"),
    ];
    for (make, expected) in cases {
        let there = Here::new();
        let (kind, message) = refused(there.index.import(&make(), true));
        assert!(kind == "bad_index" && message.contains(expected), "{kind}: {message}");
        assert_eq!(rows(&there.index), Default::default(), "after {expected}");
    }
    let there = Here::new();
    let label = last(br#"{"label":{"name":"../x","version":"","cid":"b"}}"#);
    assert_eq!(refused(there.index.import(&label, true)).0, "invalid_argument");
    assert_eq!(rows(&there.index), Default::default());
    assert_eq!(refused(here.index.import(&here.folder.path().join("none"), true)).0, "not_found");
    assert!(here.index.export(here.folder.path()).is_err());
}

#[test]
fn metadata_that_is_nested_deeply_comes_back() {
    let list = |value| Value::List(vec![value]);
    let map = |value| Value::Map(vec![(Value::Nil, value)]);
    for depth in [13, 14, 15, 450] {
        let (here, there) = (Here::new(), Here::new());
        let deep = (0..depth).fold(Value::Int(7), |inner, _| map(list(inner)));
        let options = IndexWrite { metadata: Some(map(deep)), ..IndexWrite::new() };
        here.index.write(super::numbers(0..1), "deep", options).unwrap();
        let path = here.folder.path().join("index.jsonl");
        here.index.export(&path).unwrap();
        there.index.import(&path, false).unwrap();
        assert_eq!(rows(&there.index), rows(&here.index));
    }
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Nil),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        (1 << 63..=u64::MAX).prop_map(Value::UInt),
        any::<f64>().prop_filter("equal to itself", |x| !x.is_nan()).prop_map(Value::Float),
        "\\$?\\PC{0,8}".prop_map(Value::Str),
        prop::collection::vec(any::<u8>(), 0..8).prop_map(Value::Bytes),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            prop::collection::vec((inner.clone(), inner), 0..4).prop_map(Value::Map),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn metadata_of_every_kind_comes_back(
        pairs in prop::collection::vec((values(), values()), 0..4),
        floats in prop::collection::vec(any::<f64>().prop_filter("equal to itself", |x| !x.is_nan()), 20),
        name in "[^\\x00-\\x1f/]{1,20}",
    ) {
        let (here, there) = (Here::new(), Here::new());
        let mut pairs = pairs;
        let floats = floats.into_iter().map(Value::Float).collect();
        pairs.push((Value::Str("floats".into()), Value::List(floats)));
        let schema = atdata::schema::Schema::new("X");
        let of = atdata::index::SchemaOf::Reference("local://schemas/X@1.0.0", &schema);
        let options = IndexWrite { metadata: Some(Value::Map(pairs)), ..IndexWrite::new() };
        let added = here.index.add_entry(&name, vec!["/data/a.tar".into()], of, &options);
        prop_assume!(added.is_ok());
        let path = here.folder.path().join("index.jsonl");
        here.index.export(&path).unwrap();
        let there = Index::new(Arc::new(MemoryProvider::default())).with_store(Arc::clone(there.index.store().unwrap()));
        there.import(&path, false).unwrap();
        prop_assert_eq!(rows(&there), rows(&here.index));
    }
}
