//! Records against lexicons: what is allowed, and what is said of the rest.

use atdata_atproto::lexicon::Lexicons;
use atdata_atproto::{Nsid, value};
use proptest::prelude::*;
use serde_json::{Value, json};

mod formats;

const CID: &str = "bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq";

/// A lexicon of records with one field, `x`.
fn of(field: &Value) -> Lexicons {
    let main = json!({"type": "record", "key": "any", "record": {
        "type": "object", "required": ["x"], "properties": {"x": field}}});
    let point =
        json!({"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}});
    let list = json!({"type": "object", "properties": {"next": {"type": "ref", "ref": "#list"}}});
    let ring = json!({"type": "ref", "ref": "#ring"});
    let defs = json!({"main": main, "point": point, "list": list, "ring": ring});
    let other = json!({"main": {"type": "object", "required": ["t"], "properties": {"t": {
        "type": "ref", "ref": "#text"}}}, "text": {"type": "string"}});
    let file = |id: &str, defs| json!({"lexicon": 1, "id": id, "defs": defs}).to_string();
    Lexicons::parse([file("com.example.it", defs), file("com.example.other", other)]).unwrap()
}

/// What is said of a record whose `x` is this: nothing if it is good.
fn said(field: &Value, x: &Value) -> String {
    let record = json!({"$type": "com.example.it", "x": x, "unknown": 1.5});
    let collection = Nsid::parse("com.example.it").unwrap();
    match of(field).validate(&collection, &record) {
        Ok(()) => String::new(),
        Err(error) => {
            assert_eq!(error.kind(), "bad_record");
            error.to_string().strip_prefix("com.example.it: ").unwrap().to_owned()
        }
    }
}

/// Fields with values and what is said of each.
fn expect(field: &Value, cases: &[(Value, &str)]) {
    for (x, expected) in cases {
        assert_eq!(said(field, x), *expected, "{field} {x}");
    }
}

#[test]
fn strings() {
    let field = json!({"type": "string", "minLength": 2, "maxLength": 10, "maxGraphemes": 2});
    expect(
        &field,
        &[
            (json!("ab"), ""),
            (json!("🇩🇪é"), ""),
            (json!("a"), "x: it has 1 bytes, at least 2 are needed"),
            (json!("abcdefghijk"), "x: it has 11 bytes, at most 10 are allowed"),
            (json!("abc"), "x: it has 3 characters, at most 2 are allowed"),
            (json!(1), "x: it is not a string"),
        ],
    );
    let choice = json!({"type": "string", "enum": ["a", "b"]});
    expect(&choice, &[(json!("a"), ""), (json!("c"), "x: it is c, allowed is a, b")]);
    let fixed = json!({"type": "string", "const": "a"});
    expect(&fixed, &[(json!("a"), ""), (json!("b"), "x: it is b, allowed is a")]);
    expect(&json!({"type": "string", "knownValues": ["a"]}), &[(json!("b"), "")]);
}

#[test]
fn characters_are_those_that_people_see() {
    let texts = [
        ("", 0),
        ("abc", 3),
        ("e\u{301}a", 2),
        ("\r\n\n", 2),
        ("👨‍👩‍👧👍🏽", 2),
        ("🇩🇪🇫🇷🇩", 3),
        ("한\u{1100}\u{1161}\u{11a8}", 2),
        ("क्षि", 1),
        ("ก็", 1),
        ("a\u{200d}b", 2),
        ("\u{301}", 1),
        ("1️⃣", 1),
    ];
    for (text, count) in texts {
        let exactly = json!({"type": "string", "minGraphemes": count, "maxGraphemes": count});
        assert_eq!(said(&exactly, &json!(text)), "", "{text}");
    }
}

#[test]
fn numbers_and_truth() {
    let field = json!({"type": "integer", "minimum": 1, "maximum": 3});
    expect(
        &field,
        &[
            (json!(1), ""),
            (json!(3), ""),
            (json!(0), "x: 0 is less than 1"),
            (json!(4), "x: 4 is more than 3"),
            (json!(1.0), "x: it is not a whole number of 64 bits"),
            (json!("1"), "x: it is not a whole number of 64 bits"),
        ],
    );
    let choice = json!({"type": "integer", "enum": [1, 2]});
    expect(&choice, &[(json!(2), ""), (json!(3), "x: it is 3, allowed is 1, 2")]);
    let field = json!({"type": "boolean"});
    expect(&field, &[(json!(true), ""), (json!(0), "x: it is not true or false")]);
}

#[test]
fn bytes_links_and_blobs() {
    let field = json!({"type": "bytes", "maxLength": 2});
    let long = "x: it has 3 bytes, at most 2 are allowed";
    let not = "x: it is not bytes ({\"$bytes\": ...})";
    expect(&field, &[(value::bytes(b"ab"), ""), (value::bytes(b"abc"), long), (json!("ab"), not)]);
    let link = json!({"$link": CID});
    let field = json!({"type": "cid-link"});
    expect(&field, &[(link.clone(), ""), (json!(CID), "x: it is not a link to a CID")]);
    let field = json!({"type": "blob", "accept": ["application/x-tar", "image/*"], "maxSize": 9});
    let blob = |mime, size| json!({"$type": "blob", "ref": link, "mimeType": mime, "size": size});
    let kinds = "x: a blob of type text/plain is not allowed, but application/x-tar, image/*";
    let not = "x: it is not a blob ($type, ref, mimeType, size)";
    expect(
        &field,
        &[
            (blob("application/x-tar", 9), ""),
            (blob("image/png", 0), ""),
            (blob("text/plain", 1), kinds),
            (blob("image/png", 10), "x: it has 10 bytes, at most 9 are allowed"),
            (blob("image/png", -1), not),
            (json!({"cid": CID, "mimeType": "image/png"}), not),
            (json!("blob"), not),
        ],
    );
    expect(&json!({"type": "blob", "accept": ["*/*"]}), &[(blob("a/b", 1), "")]);
}

#[test]
fn arrays_and_objects() {
    let field =
        json!({"type": "array", "items": {"type": "integer"}, "minLength": 1, "maxLength": 2});
    expect(
        &field,
        &[
            (json!([1, 2]), ""),
            (json!([]), "x: it has 0 items, at least 1 are needed"),
            (json!([1, 2, 3]), "x: it has 3 items, at most 2 are allowed"),
            (json!([1, "2"]), "x.1: it is not a whole number of 64 bits"),
            (json!({}), "x: it is not an array"),
        ],
    );
    let properties = json!({"a": {"type": "string"}, "b": {"type": "string"}});
    let field =
        json!({"type": "object", "required": ["a"], "nullable": ["a"], "properties": properties});
    expect(
        &field,
        &[
            (json!({"a": "", "c": null}), ""),
            (json!({"a": null}), ""),
            (json!({"b": ""}), "x: a is missing"),
            (json!({"a": "", "b": null}), "x.b: it is not a string"),
            (json!([]), "x: it is not an object"),
        ],
    );
    expect(
        &json!({"type": "unknown"}),
        &[(json!({"a": 1}), ""), (json!(1), "x: it is not an object")],
    );
}

#[test]
fn references() {
    let field = json!({"type": "ref", "ref": "#point"});
    expect(&field, &[(json!({"n": 1}), ""), (json!({}), "x: n is missing")]);
    let field = json!({"type": "ref", "ref": "com.example.other"});
    expect(&field, &[(json!({"t": ""}), ""), (json!({"t": 1}), "x.t: it is not a string")]);
    let field = json!({"type": "ref", "ref": "com.example.absent#a"});
    expect(&field, &[(json!({}), "x: there is no lexicon com.example.absent#a")]);
    let field = json!({"type": "ref", "ref": "#ring"});
    expect(&field, &[(json!({}), "x: it nests deeper than 200")]);
    let deep = (0..500).fold(json!({}), |inner, _| json!({"next": inner}));
    assert!(said(&json!({"type": "ref", "ref": "#list"}), &deep).ends_with("deeper than 200"));
}

#[test]
fn unions() {
    let union = |closed| json!({"type": "union", "refs": ["#point", "com.example.other"], "closed": closed});
    let point = json!({"$type": "com.example.it#point", "n": 1});
    let broken = json!({"$type": "com.example.it#point"});
    let other = json!({"$type": "com.example.other", "t": ""});
    let foreign = json!({"$type": "org.example.unknown", "n": "?"});
    let untyped = "x: it has no $type, which says which of the union it is";
    for closed in [false, true] {
        let none = "x: its $type org.example.unknown is not one of the union";
        let said_of_foreign = if closed { none } else { "" };
        expect(
            &union(closed),
            &[
                (point.clone(), ""),
                (other.clone(), ""),
                (broken.clone(), "x: n is missing"),
                (foreign.clone(), said_of_foreign),
                (json!({"n": 1}), untyped),
            ],
        );
    }
}

#[test]
fn the_record_itself() {
    let lexicons = of(&json!({"type": "integer"}));
    let it = Nsid::parse("com.example.it").unwrap();
    let said = |collection: &str, record: Value| {
        lexicons.validate(&Nsid::parse(collection).unwrap(), &record).unwrap_err().to_string()
    };
    assert!(lexicons.contains(&it));
    assert!(!lexicons.contains(&Nsid::parse("com.example.other").unwrap()));
    assert_eq!(said("com.example.it", json!({"x": 1})), "com.example.it: its $type is another");
    assert_eq!(said("com.example.it", json!([])), "com.example.it: its $type is another");
    let typed = json!({"$type": "com.example.it"});
    assert_eq!(said("com.example.it", typed), "com.example.it: x is missing");
    let unknown = "there is no lexicon of records com.example.other";
    assert_eq!(said("com.example.other", json!({})), unknown);
}

#[test]
fn files_that_are_no_lexicons() {
    let file = |version: u64, id: &str, defs: Value| {
        json!({"lexicon": version, "id": id, "defs": defs}).to_string()
    };
    let string = |extra: Value| json!({"a": {"type": "string", "format": extra}});
    let cases = [
        ("{".to_owned(), "this is not a lexicon"),
        (file(2, "com.example.a", json!({})), "has version 2; only 1 is known"),
        (file(1, "a", json!({})), "is not an NSID"),
        (file(1, "com.example.a", json!({"a": {"type": "strng"}})), "com.example.a#a is wrong"),
        (file(1, "com.example.a", string(json!("dat"))), "com.example.a#a is wrong"),
        (file(1, "com.example.a", json!({"a": {}})), "com.example.a#a is wrong"),
    ];
    for (text, expected) in cases {
        let error = Lexicons::parse([text]).unwrap_err();
        assert_eq!(error.kind(), "syntax");
        assert!(error.to_string().contains(expected), "{error}");
    }
    let twice = file(1, "com.example.a", json!({"a": {"type": "token"}}));
    let error = Lexicons::parse([&twice, &twice]).unwrap_err();
    assert_eq!(error.to_string(), "the lexicon com.example.a#a is there twice");
}

proptest! {
    /// Characters as people see them are at most as many as code points, and at least one of a text.
    #[test]
    fn any_text_has_a_length(text in "\\PC{0,20}") {
        let field = |most: usize| json!({"type": "string", "maxGraphemes": most});
        prop_assert_eq!(said(&field(text.chars().count()), &json!(text)), "");
        if !text.is_empty() {
            prop_assert!(said(&field(0), &json!(text)).contains("at most 0"));
        }
    }
}
