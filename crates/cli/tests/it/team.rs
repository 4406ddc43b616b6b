//! Data sets shared by name: a walk through all the words, on an index in a file and a folder of
//! shards.

use crate::home::Home;
use crate::program::assert_snapshot;
use serde_json::Value as Json;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn a_walk_through_the_words() {
    let home = Home::new();
    home.write_flowers("one", false);
    home.write_flowers("two", true);
    let walk: &[&[&str]] = &[
        &["ls"],
        &["push", "--description", "Flowers of the garden.", "--tag", "garden", "one", "flowers"],
        &["push", "--tag", "garden", "--license", "MIT", "two", "flowers"],
        &["push", "one", "team/old flowers"],
        &["ls"],
        &["ls", "@local/flowers"],
        &["inspect", "@local/flowers"],
        &["head", "-n1", "@local/flowers"],
        &["cat", "@local/flowers", "f003", "--field", "height"],
        &["verify", "@local/flowers"],
        &["history", "flowers"],
        &["search", "flow", "--tag", "garden"],
        &["search", "--schema", "TeamOldFlowers"],
        &["search", "tulips"],
        &["schema", "ls"],
        &["schema", "show", "Flowers"],
        &["schema", "diff", "Flowers@1.0.0", "Flowers@1.1.0"],
        &["pull", "@local/flowers"],
        &["pull", "flowers"],
        &["rm", "--yes", "@local/flowers"],
        &["gc"],
        &["gc", "--grace", "0"],
        &["gc", "--grace", "0", "--remove"],
        &["gc", "--grace", "0"],
        &["ls"],
        &["doctor"],
    ];
    let told: String = walk.iter().map(|args| home.told(args)).collect();
    assert_snapshot("team_walk", &told);
}

#[test]
fn what_is_pulled_is_what_was_pushed() {
    let home = Home::new();
    home.write_flowers("one", false);
    home.results(&["push", "one", "flowers"]);
    home.results(&["pull", "@local/flowers", "copy"]);
    let json = |target| home.results(&["head", "--json", "--full", "-n", "20", target]);
    let fields = |text: String| {
        let lines = text.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
        lines.map(|line| line["fields"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(fields(json("one")), fields(json("copy")));
    let indexes = |folder| home.json(&["ls", "--json", folder])["indexes"].clone();
    assert_eq!((indexes("one"), indexes("copy")), (2.into(), 2.into()));
}

#[test]
fn a_pull_goes_on_and_spoils_nothing() {
    let home = Home::new();
    home.write_flowers("one", false);
    home.results(&["push", "one", "flowers"]);
    home.results(&["pull", "flowers", "copy"]);
    let paths: Vec<PathBuf> = {
        let pulled = home.json(&["pull", "--json", "flowers", "copy"]);
        let shards = pulled["shards"].as_array().unwrap().clone();
        assert!(shards.iter().all(|shard| shard["was_there"] == true && shard["checked"] == true));
        shards.iter().map(|shard| home.work(shard["path"].as_str().unwrap())).collect()
    };
    fs::remove_file(&paths[1]).unwrap();
    let told = home.results(&["pull", "flowers", "copy"]);
    assert!(told.contains("1 of them there already"), "{told}");
    fs::write(&paths[0], "mine").unwrap();
    let run = home.run(&["pull", "flowers", "copy"]);
    assert!(run.code == Some(2) && run.stderr.contains("another file"), "{}", run.stderr);
    assert_eq!(fs::read(&paths[0]).unwrap(), b"mine");
}

#[test]
fn a_shard_that_has_changed_is_found() {
    let home = Home::new();
    home.write_flowers("one", false);
    let pushed = home.json(&["push", "--json", "one", "flowers"]);
    let shard = Path::new(pushed["urls"][0].as_str().unwrap()).to_owned();
    let mut bytes = fs::read(&shard).unwrap();
    // A letter of the first sample's text: it still decodes.
    let at = bytes.windows(8).position(|part| part == b"flower 0").unwrap();
    bytes[at] = b'F';
    fs::write(&shard, bytes).unwrap();
    let run = home.run(&["verify", "@local/flowers"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stdout.contains("problem: its SHA-256 is "), "{}", run.stdout);
    assert!(run.stdout.contains("1 of 2 hashes right"), "{}", run.stdout);
    let run = home.run(&["pull", "flowers", "copy"]);
    assert!(run.code == Some(4) && run.stderr.contains("it has changed since"), "{}", run.stderr);
    assert_eq!(fs::read_dir(home.work("copy")).unwrap().count(), 0);
    fs::remove_file(&shard).unwrap();
    let run = home.run(&["verify", "@local/flowers"]);
    assert_eq!((run.code, run.stdout.matches("problem:").count()), (Some(4), 1), "{}", run.stdout);
}

#[test]
fn older_states_can_be_read_and_removed() {
    let home = Home::new();
    home.write_flowers("one", false);
    home.write_flowers("two", true);
    let first = home.json(&["push", "--json", "one", "flowers"]);
    let second = home.json(&["push", "--json", "two", "@local/flowers"]);
    assert_eq!(second["changes"], serde_json::json!(["+ petals: int | None"]));
    let cid = first["cid"].as_str().unwrap();
    let then = home.results(&["head", "-n20", &format!("@local/flowers@{cid}")]);
    assert!(!then.contains("petals") && then.contains("f009"), "{then}");
    let history = home.json(&["history", "--json", "flowers"]);
    assert_eq!(history["history"][1]["cid"], first["cid"]);
    let removed = home.json(&["rm", "--json", "--yes", cid]);
    assert_eq!(removed["entries"][0]["cid"], first["cid"]);
    assert_eq!(home.json(&["history", "--json", "flowers"])["history"][1]["exists"], false);
    assert_eq!(home.json(&["ls", "--json"])["datasets"][0]["cid"], second["cid"]);
}

#[test]
fn what_is_said_of_a_data_set_is_there_for_programs() {
    let home = Home::new();
    home.write_flowers("one", false);
    let said = ["--description", "Of \u{1b}[2J gardens", "--tag", "a", "--tag", "b"];
    home.results(&[&["push", "one", "flowers", "--license", "MIT"], &said[..]].concat());
    let listed = home.json(&["ls", "--json", "@local/"])["datasets"][0].clone();
    let inspected = home.json(&["inspect", "--json", "@local/flowers"]);
    assert_eq!(inspected["dataset"], listed);
    assert_eq!((&listed["samples"], &listed["shards"]), (&10.into(), &2.into()));
    assert_eq!(
        (&listed["tags"], &listed["license"]),
        (&serde_json::json!(["a", "b"]), &"MIT".into())
    );
    let found = home.json(&["search", "--json", "gard", "--tag", "b", "--license", "MIT"]);
    assert_eq!(found["datasets"][0], listed);
    let shown = home.results(&["inspect", "@local/flowers"]);
    assert!(shown.contains("Of \\u{1b}[2J gardens") && !shown.contains('\u{1b}'), "{shown}");
    let verified = home.json(&["verify", "--json", "@local/flowers"]);
    assert!(verified["ok"] == true && verified["results"][0]["hashed"] == true, "{verified}");
    let garbage = home.json(&["gc", "--json", "--grace", "0"]);
    assert_eq!((&garbage["looked_at"], &garbage["bytes"]), (&4.into(), &0.into()));
    let doctor = home.json(&["doctor", "--json"]);
    assert_eq!((&doctor["ok"], doctor["checks"].as_array().unwrap().len()), (&true.into(), 3));
}

#[test]
fn many_data_sets_are_listed_when_asked_for() {
    let home = Home::new();
    home.write_flowers("one", false);
    home.results(&["push", "one", "first"]);
    let index = atdata::open::open_provider(home.path().join("index.db").to_str().unwrap());
    let index = index.unwrap();
    let first = index.named("first", "").unwrap().unwrap();
    for number in 0..120 {
        let name = format!("name-{number:03}");
        let entry = atdata::provider::Entry {
            cid: format!("{}{number:03}", first.cid),
            name: name.clone(),
            ..first.clone()
        };
        let cid = entry.cid.clone();
        let label = atdata::provider::Label { name, cid, ..Default::default() };
        index.put(&[entry], &[label]).unwrap();
    }
    let some = home.results(&["ls"]);
    assert!(some.contains("… and more; --all lists them") && some.contains("name-098"), "{some}");
    assert!(!some.contains("name-099"));
    assert!(home.results(&["ls", "--all"]).contains("121 data sets in "));
    assert_eq!(home.json(&["ls", "--json"])["datasets"].as_array().unwrap().len(), 121);
    assert!(home.results(&["search", "name", "--limit", "2"]).contains("… and more"));
}

#[test]
fn schemas_are_published_and_never_change() {
    let home = Home::new();
    home.write_flowers("one", false);
    home.results(&["push", "--type-name", "Flower", "one", "flowers"]);
    let shown = home.results(&["schema", "show", "--json", "Flower"]);
    fs::write(home.work("flower.json"), &shown).unwrap();
    let same = home.json(&["schema", "publish", "--json", "flower.json"]);
    assert_eq!(same["ref"], "atdata://local/sampleSchema/Flower@1.0.0");
    let run = home.run(&["push", "--schema", "Flower", "wrong", "wrong"]);
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    let other = shown.replace("\"primitive\": \"str\"", "\"primitive\": \"int\"");
    fs::write(home.work("other.json"), other).unwrap();
    let run = home.run(&["push", "--schema", "other.json", "one", "other"]);
    assert!(run.stderr.contains("name is str in the samples, not int"), "{}", run.stderr);
    let taller = shown.replace("\"height\"", "\"tallness\"");
    fs::write(home.work("taller.json"), taller).unwrap();
    let run = home.run(&["schema", "publish", "--version", "1.0.0", "taller.json"]);
    assert!(run.code == Some(2) && run.stderr.contains("never changes"), "{}", run.stderr);
    let run = home.run(&["schema", "publish", "taller.json"]);
    assert!(run.code == Some(0) && run.stdout.contains("Flower@2.0.0"), "{}", run.stdout);
    assert!(run.stderr.starts_with("warning: Flower is published as 2.0.0"), "{}", run.stderr);
    let diff = home.json(&["schema", "diff", "--json", "Flower@1.0.0", "taller.json"]);
    assert!(diff["breaks"] == true && diff["changes"].as_array().unwrap().len() == 2, "{diff}");
    let pushed = home.json(&["push", "--json", "--schema", "Flower@1.0.0", "one", "again"]);
    assert_eq!(pushed["schema"], same["ref"]);
    let run = home.run(&["push", "--schema", "taller.json", "one", "taller"]);
    assert!(run.code == Some(4) && run.stderr.contains("no sample has tallness"), "{}", run.stderr);
}

#[test]
fn the_environment_says_where_the_index_and_the_store_are() {
    let home = Home::new();
    home.write_flowers("one", false);
    let variables = [("ATDATA_INDEX", "here.db"), ("ATDATA_STORE", "shards")];
    let run = home.run_with(&variables, &["push", "one", "flowers"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(home.work("here.db").is_file() && home.work("shards/flowers").is_dir());
    let url = format!("sqlite://{}", home.work("here.db").display());
    let told = home.results(&["ls", "--index", &url]);
    assert!(told.contains("1 data set in "), "{told}");
    assert!(home.results(&["ls"]).starts_with("no data sets in "));
}
