//! Histories, labels and removals.

use super::{Here, everywhere, numbers, refused};
use atdata::index::IndexWrite;
use atdata::provider::Entry;

fn few(here: &Here, name: &str, count: i64) -> Entry {
    here.index.write(numbers(0..count), name, IndexWrite::new()).unwrap()
}

fn deleted(here: &Here, text: &str) -> Vec<String> {
    let mut cids: Vec<String> =
        here.index.delete(text).unwrap().into_iter().map(|entry| entry.cid).collect();
    cids.sort();
    cids
}

#[test]
fn a_history_has_the_newest_first_and_survives_its_name() {
    everywhere(|here| {
        let cids = [1, 2, 1].map(|count| few(here, "set", count).cid);
        let history = || here.index.history("set").unwrap();
        let told: Vec<String> = history().into_iter().map(|moment| moment.cid).collect();
        assert_eq!(told, [&*cids[0], &*cids[1], &*cids[0]]);
        here.index.delete("set").unwrap();
        assert_eq!(history().len(), 3);
        assert_eq!(refused(here.index.history("other")).0, "unknown_name");
    });
}

#[test]
fn a_version_points_to_one_entry_for_good() {
    everywhere(|here| {
        let (one, two) = (few(here, "set", 1), few(here, "set", 2));
        let label = |cid: &str, version| here.index.label(cid, "set", version, None);
        label(&one.cid, "v1").unwrap();
        label(&one.cid, "v1").unwrap();
        let (kind, message) = refused(label(&two.cid, "v1"));
        assert!(kind == "conflict" && message.contains(&one.cid), "{message}");
        assert_eq!(refused(label("bafyother", "v2")).0, "unknown_name");
        let long = "v".repeat(101);
        for version in ["a@b", "a\nb", &long] {
            assert_eq!(refused(label(&one.cid, version)).0, "invalid_argument");
        }
        assert_eq!(refused(here.index.label(&one.cid, "../set", "v1", None)).0, "invalid_argument");
        // The name itself may move.
        label(&one.cid, "").unwrap();
        assert_eq!(here.index.find("set").unwrap().cid, one.cid);
    });
}

#[test]
fn a_name_goes_with_its_versions_and_what_nothing_else_names() {
    everywhere(|here| {
        let (one, two) = (few(here, "set", 1), few(here, "set", 2));
        here.index.label(&one.cid, "set", "v1", None).unwrap();
        let mut both = [one.cid, two.cid];
        both.sort();
        assert_eq!(deleted(here, "@local/set"), both);
        for text in ["set", "set@v1", &both[0]] {
            assert_eq!(refused(here.index.find(text)).0, "unknown_name");
        }
        assert_eq!(here.index.current().count() + here.index.entries().count(), 0);
        assert_eq!(refused(here.index.delete("set")).0, "unknown_name");
        assert!(!here.files().is_empty());
    });
}

#[test]
fn a_version_goes_alone_while_its_entry_has_another_name() {
    everywhere(|here| {
        let one = few(here, "set", 1);
        here.index.label(&one.cid, "set", "v1", None).unwrap();
        assert!(deleted(here, "@local/set@v1").is_empty());
        assert_eq!(refused(here.index.find("set@v1")).0, "unknown_name");
        here.index.label(&one.cid, "set", "v1", None).unwrap();
        few(here, "set", 2);
        assert!(deleted(here, "set@v1").is_empty(), "it is in the history of its name");
        assert!(here.index.find(&one.cid).is_ok());
        let other = few(here, "other", 3);
        here.index.label(&other.cid, "set", "v2", None).unwrap();
        assert!(deleted(here, "other").is_empty());
        assert_eq!(deleted(here, "set@v2"), [other.cid]);
        assert_eq!(here.index.history("set").unwrap().len(), 2);
    });
}

#[test]
fn rows_that_no_label_names_go_with_their_name_and_not_with_a_version() {
    everywhere(|here| {
        // As the original writes them: several rows of a name, and no label.
        let entries = [1, 2, 3].map(|count| few(here, "set", count));
        let provider = here.index.provider();
        entries.iter().for_each(|entry| {
            provider.remove_entry(&entry.cid).unwrap();
            provider.put(std::slice::from_ref(entry), &[]).unwrap();
        });
        here.index.label(&entries[2].cid, "set", "v1", None).unwrap();
        assert!(deleted(here, "set@v1").is_empty());
        assert_eq!(deleted(here, "set").len(), 3);
        assert_eq!(here.index.entries().count(), 0);
    });
}

#[test]
fn an_entry_that_another_name_needs_loses_only_this_one() {
    everywhere(|here| {
        let one = few(here, "set", 1);
        here.index.label(&one.cid, "alias", "", Some("the same")).unwrap();
        here.index.label(&one.cid, "alias", "v1", None).unwrap();
        assert!(deleted(here, "set").is_empty());
        assert_eq!(refused(here.index.find("set")).0, "unknown_name");
        let alias = here.index.find("alias").unwrap();
        assert_eq!(
            (&alias.cid, &alias.facts, &alias.metadata),
            (&one.cid, &one.facts, &one.metadata)
        );
        assert_eq!(here.index.find("alias@v1").unwrap().cid, one.cid);
        let names: Vec<String> = here.index.current().map(|entry| entry.unwrap().name).collect();
        assert_eq!(names, ["alias"]);
        assert_eq!(deleted(here, "alias"), [one.cid]);
    });
}

#[test]
fn an_entry_goes_by_its_cid() {
    everywhere(|here| {
        let (one, two) = (few(here, "set", 1), few(here, "set", 2));
        assert_eq!(deleted(here, &one.cid), [one.cid]);
        assert_eq!(deleted(here, &format!("set@{}", two.cid)), [two.cid]);
        assert_eq!(refused(here.index.find("set")).0, "unknown_name");
    });
}
