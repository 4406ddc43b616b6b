//! What is written while its types are looked for is what a second pass would have written.

use super::text;
use atdata::convert::{ConvertOptions, Converted, Done, from_path};
use atdata::schema::Schema;
use proptest::prelude::*;
use std::path::Path;
use std::sync::{Arc, Mutex};

fn converted(source: &Path, schema: Option<Schema>) -> (Converted, Vec<Vec<u8>>) {
    let mut options = ConvertOptions::new().overwrite(true).max_count(3).type_name("Rows");
    if let Some(schema) = schema {
        options = options.schema(schema);
    }
    let converted = from_path(source, &source.with_file_name("rows.tar"), options).unwrap();
    let shards = converted.paths().map(|path| std::fs::read(path).unwrap()).collect();
    (converted, shards)
}

/// Converts a text without a schema and with the one that was found; the shards are the same.
fn check(name: &str, text: &str) -> Result<(), TestCaseError> {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join(name);
    std::fs::write(&source, text).unwrap();
    let (found, drafted) = converted(&source, None);
    let (_, conformed) = converted(&source, Some(found.schema));
    prop_assert_eq!(drafted, conformed);
    Ok(())
}

/// JSON of a kind, or any.
fn json() -> impl Strategy<Value = BoxedStrategy<String>> {
    let kinds = [
        vec!["1", "-7", "18446744073709551615"],
        vec!["0.5", "-1e300"],
        vec!["1", "2.0"],
        vec!["\"a\"", "\"\"", "null"],
        vec!["[]", "[1]", "[2, 3]"],
        vec!["[[1]]", "[[]]", "[[0.5, 2]]"],
        vec!["{}", "{\"x\": 1}", "{\"$bytes\": \"AAEC\"}"],
        vec!["true", "false"],
        vec!["1", "\"a\"", "[null]", "0.5", "true"],
        vec!["null"],
    ];
    prop::sample::select(kinds.to_vec())
        .prop_map(|of_kind| prop::sample::select(of_kind).prop_map(str::to_owned).boxed())
}

fn objects() -> impl Strategy<Value = String> {
    prop::collection::vec(json(), 1..4).prop_flat_map(|kinds| {
        let row = (kinds, 0..20_u8).prop_map(|(values, oddity)| {
            let mut members: Vec<_> = ["a", "b", "c"].iter().zip(values).collect();
            match oddity {
                0 => members.reverse(),
                1 => drop(members.pop()),
                _ => {}
            }
            let members: Vec<_> =
                members.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
            format!("{{{}}}\n", members.join(", "))
        });
        prop::collection::vec(row, 1..8).prop_map(|rows| rows.concat())
    })
}

/// Cells of a kind, or any.
fn cells() -> impl Strategy<Value = BoxedStrategy<String>> {
    let kinds = [
        vec!["1", "-7", "18446744073709551615"],
        vec!["0.5", "nan", "1e9"],
        vec!["1", "2.0", ""],
        vec!["word", "two words", "007"],
        vec!["word", "12", ""],
        vec!["true", "False"],
        vec!["true", "1"],
        vec![""],
    ];
    prop::sample::select(kinds.to_vec())
        .prop_map(|of_kind| prop::sample::select(of_kind).prop_map(str::to_owned).boxed())
}

fn table() -> impl Strategy<Value = String> {
    prop::collection::vec(cells(), 2..4).prop_flat_map(|columns| {
        let header = ["a", "b", "c"][..columns.len()].join(",");
        let row = columns.prop_map(|cells| format!("{}\n", cells.join(",")));
        prop::collection::vec(row, 1..8)
            .prop_map(move |rows| format!("{header}\n{}", rows.concat()))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn json_lines(text in objects()) {
        check("rows.jsonl", &text)?;
    }

    #[test]
    fn csv(text in table()) {
        check("rows.csv", &text)?;
    }
}

/// What the progress was told.
fn told(text: String) -> Vec<Done> {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("rows.csv");
    std::fs::write(&source, text).unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&told);
    let options = ConvertOptions::new().progress(move |done| {
        seen.lock().unwrap().push(done);
        true
    });
    from_path(&source, &folder.path().join("rows.tar"), options).unwrap();
    let told = told.lock().unwrap();
    told.clone()
}

#[test]
fn records_of_one_kind_are_gone_through_once() {
    let text = format!("a\n{}", "1.5\n".repeat(1000));
    let told = told(text.clone());
    assert!(told.iter().all(|done| !done.looking && done.total == text.len() as u64));
    assert_eq!(told.last().unwrap().samples, 1000);
}

#[test]
fn a_record_that_has_to_be_changed_asks_for_another_pass() {
    let text = format!("a\n{}2.5\n{}", "1\n".repeat(400), "1\n".repeat(600));
    let told = told(text.clone());
    let (size, looking) = (text.len() as u64, told.iter().filter(|done| done.looking).count());
    assert_eq!(told.first().map(|done| (done.total, done.samples)), Some((size, 256)));
    assert!(looking >= 2, "{told:?}");
    assert_eq!(told.last().map(|done| (done.bytes, done.total)), Some((2 * size, 2 * size)));
    assert_eq!(told.last().unwrap().samples, 1001);
}

#[test]
fn a_split_without_records_is_refused_before_any_is_written() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("train.csv"), "a\n1\n").unwrap();
    std::fs::write(folder.path().join("test.csv"), "a\n").unwrap();
    let target = folder.path().join("out/rows.tar");
    let error = from_path(folder.path(), &target, ConvertOptions::new()).unwrap_err();
    assert!(error.to_string().contains("there are no records"), "{error}");
    assert!(std::fs::read_dir(target.parent().unwrap()).is_ok_and(|mut dir| dir.next().is_none()));
    assert!(text("rows.csv", "a\n").unwrap_err().contains("there are no records"));
}
