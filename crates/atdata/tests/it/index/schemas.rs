//! What is published never changes.

use super::{Here, everywhere, refused};
use atdata::index::Published;
use atdata::provider::{Document, DocumentKind};
use atdata::schema::{Field, FieldType, Schema, Version};
use std::collections::HashSet;

fn schema(fields: &[Field]) -> Schema {
    Schema { fields: fields.to_vec(), ..Schema::new("Thing") }
}

fn int(name: &str) -> Field {
    Field::new(name, FieldType::Int)
}

fn version(published: &Published) -> String {
    published.reference.version.unwrap().to_string()
}

#[test]
fn a_version_is_taken_as_the_difference_asks_for_it() {
    everywhere(|here| {
        let ensure = |fields: &[Field]| here.index.ensure_schema(&schema(fields)).unwrap();
        let first = ensure(&[int("a")]);
        assert_eq!((version(&first), first.warning()), ("1.0.0".into(), None));
        assert_eq!(version(&ensure(&[int("a")])), "1.0.0");
        let added = ensure(&[int("a"), int("b").optional()]);
        assert_eq!((version(&added), added.warning()), ("1.1.0".into(), None));
        let with_default = Field { has_default: true, ..int("c") };
        let added = ensure(&[int("a"), int("b").optional(), with_default]);
        assert_eq!((version(&added), added.warning()), ("1.2.0".into(), None));
        let retyped = ensure(&[Field::new("a", FieldType::Str)]);
        assert_eq!(version(&retyped), "2.0.0");
        let warning = retyped.warning().unwrap();
        for part in ["Thing", "2.0.0", "1.2.0", "~ a: int -> a: str", "- b: int"] {
            assert!(warning.contains(part), "{warning}");
        }
        // What was published before is taken again, wherever it stands.
        let old = ensure(&[int("a")]);
        assert_eq!((version(&old), old.previous, old.warning()), ("1.0.0".into(), None, None));
        assert_eq!(here.index.schemas().count(), 4);
    });
}

#[test]
fn publishing_takes_the_next_patch_or_the_version_that_is_named() {
    everywhere(|here| {
        let publish = |fields: &[Field], version: Option<&str>| {
            let version = version.map(|text| Version::parse(text).unwrap());
            here.index.publish_schema(&schema(fields), version, None)
        };
        let shown = |fields: &[Field], version| publish(fields, version).unwrap().to_string();
        assert!(shown(&[int("a")], None).ends_with("Thing@1.0.0"));
        assert!(shown(&[int("a")], None).ends_with("Thing@1.0.1"));
        assert!(shown(&[int("a")], Some("3.0.0")).ends_with("Thing@3.0.0"));
        assert!(shown(&[int("a")], Some("3.0.0")).ends_with("Thing@3.0.0"));
        assert!(shown(&[int("b")], None).ends_with("Thing@3.0.1"));
        let (kind, message) = refused(publish(&[int("b")], Some("3.0.0")));
        assert_eq!(kind, "conflict");
        for part in ["Thing@3.0.0", "- a: int", "+ b: int", "never changes", "another version"] {
            assert!(message.contains(part), "{message}");
        }
        let stored = here.index.schema("atdata://local/sampleSchema/Thing@3.0.0").unwrap();
        assert_eq!(stored.schema().unwrap().fields, [int("a")]);
        let highest = here.index.schema("local://schemas/module.Thing").unwrap();
        assert_eq!(highest.reference.to_string(), "atdata://local/sampleSchema/Thing@3.0.1");
        let changes = here.index.schema_diff(
            "atdata://local/sampleSchema/Thing@3.0.0",
            "atdata://local/sampleSchema/Thing",
        );
        let changes: Vec<String> = changes.unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(changes, ["- a: int", "+ b: int"]);
    });
}

#[test]
fn two_publishers_never_get_one_version_for_two_types() {
    everywhere(|here| {
        let versions: Vec<(String, String)> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|n| {
                    scope.spawn(move || {
                        let schema = schema(&[int(&format!("field_{n}"))]);
                        let ensured = here.index.ensure_schema(&schema).unwrap();
                        let published = here.index.publish_schema(&schema, None, None).unwrap();
                        (version(&ensured), published.version.unwrap().to_string())
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let all: HashSet<&String> = versions.iter().flat_map(|(a, b)| [a, b]).collect();
        assert_eq!(all.len(), 16, "{versions:?}");
        for (number, (ensured, published)) in versions.iter().enumerate() {
            for version in [ensured, published] {
                let reference = format!("atdata://local/sampleSchema/Thing@{version}");
                let fields = here.index.schema(&reference).unwrap().schema().unwrap().fields;
                assert_eq!(fields, [int(&format!("field_{number}"))]);
            }
        }
    });
}

#[test]
fn many_publishers_of_one_type_get_one_version() {
    everywhere(|here| {
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| here.index.ensure_schema(&schema(&[int("a")])).unwrap());
            }
        });
        assert_eq!(here.index.schemas().count(), 1);
    });
}

#[test]
fn what_others_put_there_and_is_no_schema_is_an_error_and_the_list_goes_on() {
    everywhere(|here| {
        let put = |name: &str, version: &str, json: &str| {
            let document =
                Document { name: name.into(), version: version.into(), json: json.into() };
            assert!(
                here.index.provider().create_document(DocumentKind::Schema, &document).unwrap()
            );
        };
        put("Broken", "1.0.0", "{not json");
        put("Empty", "1.0.0", "[]");
        put("Odd", "latest", "{}");
        here.index.ensure_schema(&schema(&[int("a")])).unwrap();
        let listed: Vec<_> = here.index.schemas().collect();
        assert_eq!(listed.len(), 4);
        assert!(listed[3].is_ok());
        let broken = Schema { fields: vec![int("a")], ..Schema::new("Broken") };
        let (kind, message) = refused(here.index.ensure_schema(&broken));
        assert!(kind == "bad_index" && message.contains("Broken@1.0.0"), "{kind} {message}");
        assert_eq!(here.index.schemas().count(), 4);
        assert_eq!(refused(here.index.schema("Thing")).0, "bad_reference");
        let (kind, message) = refused(here.index.schema("local://schemas/Thing@9.0.0"));
        assert!(kind == "unknown_name" && message.contains("published are 1.0.0"), "{message}");
    });
}

#[test]
fn a_name_that_could_not_be_asked_for_is_not_published() {
    let here = Here::new();
    for name in ["", "a/b", "a\nb", &"x".repeat(10_000)] {
        let schema = Schema { fields: vec![int("a")], ..Schema::new(name) };
        assert!(here.index.ensure_schema(&schema).is_err(), "{name:.20}");
        assert!(here.index.publish_schema(&schema, None, None).is_err());
    }
    assert_eq!(here.index.schemas().count(), 0);
}
