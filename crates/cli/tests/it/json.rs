//! `--json`: whole documents with the keys that the help names.

use crate::program::{results, run};
use serde_json::Value;

fn document(args: &[&str]) -> Value {
    serde_json::from_str(&results(args)).unwrap()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn help(word: &str) -> String {
    results(&[word, "--help"])
}

#[test]
fn inspect_is_one_document_with_documented_keys() {
    let found = document(&["inspect", "--json", "splits"]);
    for key in keys(&found).into_iter().chain(keys(&found["fields"][0])) {
        assert!(help("inspect").contains(key), "{key}");
    }
    assert_eq!((&found["shards"], &found["samples"]), (&Value::from(4), &Value::from(310)));
    assert_eq!(found["splits"][0]["shards"][2]["samples"], 50);
    let pixels = &found["fields"][0];
    assert_eq!(pixels["type"], "array? uint8 [8, 8, 3]");
    assert_eq!((&pixels["dtype"], &pixels["shape"]), (&"uint8".into(), &vec![8, 8, 3].into()));
    assert_eq!(found["sample"]["fields"]["label"], "bird");
    assert_eq!(found["problems"], Value::Array(Vec::new()));
}

#[test]
fn head_is_an_object_a_line() {
    let lines = results(&["head", "--json", "-n", "17", "primitives.tar"]);
    let samples: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(samples.len(), 17);
    for sample in &samples {
        assert_eq!(keys(sample), ["key", "shard", "fields"]);
    }
    let first = &samples[3]["fields"];
    assert_eq!(first["score"], "Infinity");
    assert_eq!(first["data"]["$bytes"].as_str().map(str::len), Some(344));
    assert_eq!(first["meta"]["nested"]["a"], serde_json::json!([1, 2.5, null, true, "s"]));
}

#[test]
fn head_shows_those_of_which_a_condition_holds() {
    let all = results(&["head", "--json", "-n", "99", "primitives.tar"]);
    let wanted = |line: &&str| {
        let sample: Value = serde_json::from_str(line).unwrap();
        sample["fields"]["active"] == true && sample["fields"]["count"].as_f64().unwrap() > 0.0
    };
    let wanted: Vec<&str> = all.lines().filter(wanted).collect();
    assert!(!wanted.is_empty() && wanted.len() < all.lines().count());
    let args = ["head", "--json", "-n", "99", "--where", "active and count > 0", "primitives.tar"];
    assert_eq!(results(&args).lines().collect::<Vec<_>>(), wanted);
}

#[test]
fn arrays_come_with_their_data_when_asked_for() {
    let in_short = document(&["head", "--json", "-n1", "arrays.tar"]);
    let array = &in_short["fields"]["a"]["$array"];
    assert_eq!(array, &serde_json::json!({"dtype": "<f2", "shape": []}));
    let full = document(&["head", "--json", "-n1", "--full", "arrays.tar"]);
    assert_eq!(full["fields"]["a"]["$array"]["data"], "wFE=");
}

#[test]
fn verify_lists_every_shard() {
    let found = document(&["verify", "--json", "splits"]);
    for key in keys(&found).into_iter().chain(keys(&found["results"][0])) {
        assert!(help("verify").contains(key), "{key}");
    }
    assert_eq!((&found["ok"], &found["samples"]), (&true.into(), &310.into()));
    assert_eq!(found["results"].as_array().map(Vec::len), Some(4));
}

#[test]
fn problems_are_in_the_document_too() {
    for (word, code) in [("inspect", 4), ("verify", 1)] {
        let run = run(&[word, "--json", "bad/duplicate_keys.tar"]);
        assert_eq!(run.code, Some(code));
        let found: Value = serde_json::from_str(&run.stdout).unwrap();
        let all = if word == "verify" { &found["results"][0] } else { &found };
        let problem = &all["problems"][0];
        assert_eq!(keys(problem), ["kind", "message", "shard", "key", "field", "byte"]);
        assert_eq!((&problem["kind"], &problem["byte"]), (&"member_twice".into(), &1536.into()));
        assert_eq!(problem["shard"], "bad/duplicate_keys.tar");
    }
}
