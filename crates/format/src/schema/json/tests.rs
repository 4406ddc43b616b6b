use super::*;
use proptest::prelude::*;

/// As the original stores it.
const LABELED: &str = r#"{"name":"Labeled","version":"1.0.0","fields":[{"name":"pixels","fieldType":{"$type":"local#ndarray","dtype":"float32"},"optional":false},{"name":"label","fieldType":{"$type":"local#primitive","primitive":"str"},"optional":false},{"name":"tags","fieldType":{"$type":"local#array","items":{"$type":"local#primitive","primitive":"str"}},"optional":true}],"description":"A small labelled image.","createdAt":"2026-11-20T16:44:32.741753+00:00"}"#;

#[test]
fn the_originals_document_to_the_byte() {
    let schema = Schema::from_json(&serde_json::from_str(LABELED).unwrap()).unwrap();
    assert_eq!(schema.to_json("2026-11-20T16:44:32.741753+00:00").to_string(), LABELED);
    let words: Vec<String> = schema.fields.iter().map(ToString::to_string).collect();
    assert_eq!(words, ["pixels: array<float32>", "label: str", "tags: list[str] | None"]);
}

#[test]
fn other_namespaces_and_the_older_form() {
    let read = |value: Value| FieldType::from_json(&value).unwrap();
    let lexicon = "ac.foundation.dataset.schemaType";
    let ty = read(json!({"$type": format!("{lexicon}#primitive"), "primitive": "int"}));
    assert_eq!(ty, FieldType::Int);
    assert_eq!(ty.to_json(lexicon)["$type"], format!("{lexicon}#primitive"));
    let old = json!({"kind": "array", "items": {"kind": "ref", "ref": "at://x"}});
    assert_eq!(read(old), FieldType::Ref("at://x".into()).list());
    assert_eq!(read(json!({"kind": "ndarray"})), FieldType::array());
    assert_eq!(FieldType::array().to_json(LOCAL)["dtype"], "float32");
}

#[test]
fn broken_documents_are_refused() {
    let deep = (0..40).fold(
        json!({"$type": "local#map"}),
        |items, _| json!({"$type": "local#array", "items": items}),
    );
    let types = [
        json!(null),
        json!("str"),
        json!({}),
        json!({"$type": 1}),
        json!({"$type": "local#x"}),
        json!({"$type": "local#primitive"}),
        json!({"$type": "local#primitive", "primitive": "date"}),
        json!({"$type": "local#array"}),
        json!({"$type": "local#ref"}),
        deep,
        json!({"$type": "local#ndarray", "shape": [-1]}),
        json!({"$type": "local#ndarray", "dtype": 4}),
        json!({"$type": "local#ndarray", "shape": vec![1; 65]}),
    ];
    for ty in types {
        let document = json!({"name": "X", "fields": [{"name": "a", "fieldType": ty}]});
        let error = Schema::from_json(&document).unwrap_err();
        assert_eq!((error.kind(), error.place().field.as_deref()), (Kind::BadSchema, Some("a")));
    }
    let field = json!({"name": "a", "fieldType": {"$type": "local#any"}});
    for document in [
        json!([]),
        json!({"name": "X"}),
        json!({"fields": []}),
        json!({"name": 1, "fields": []}),
        json!({"name": "X", "fields": [field, field]}),
        json!({"name": "X", "fields": [{"name": ""}]}),
    ] {
        assert_eq!(Schema::from_json(&document).unwrap_err().kind(), Kind::BadSchema);
    }
}

fn types() -> impl Strategy<Value = FieldType> {
    let hints = (
        "[a-z0-9]{1,8}",
        prop::option::of(prop::collection::vec(prop::option::of(0..9_usize), 0..4)),
        prop::option::of(prop::collection::vec("[a-z]{1,3}", 0..4)),
    );
    let array = hints.prop_map(|(dtype, shape, dimension_names)| FieldType::Array {
        dtype: Some(dtype),
        shape,
        dimension_names,
    });
    let simple = prop::sample::select(vec![
        FieldType::Str,
        FieldType::Int,
        FieldType::Float,
        FieldType::Bool,
        FieldType::Bytes,
        FieldType::Map,
        FieldType::Any,
        FieldType::Ref("r".into()),
    ]);
    prop_oneof![simple, array].prop_recursive(4, 8, 1, |inner| inner.prop_map(FieldType::list))
}

proptest! {
    #[test]
    fn documents_come_back(types in prop::collection::vec((types(), any::<bool>()), 0..5)) {
        let fields = types.into_iter().enumerate().map(|(i, (ty, optional))| {
            let (description, encoding) = (optional.then(|| "d".into()), optional.then_some(Encoding::Image));
            Field { optional, description, encoding, ..Field::new(i.to_string(), ty) }
        });
        let schema = Schema { name: "N".into(), fields: fields.collect(), ..Schema::default() };
        let text = schema.to_json("now").to_string();
        let read = Schema::from_json(&serde_json::from_str(&text).unwrap()).unwrap();
        prop_assert!(Schema::diff(&schema, &read).is_empty() && schema.is_subset_of(&read));
        prop_assert_eq!(read, schema);
    }
}
