//! Entries by name, version and CID, listed and searched.

use super::{Here, everywhere, numbers, refused};
use atdata::index::{IndexWrite, SchemaOf};
use atdata::provider::{Page, Query};
use atdata::schema::Schema;
use atdata::{DictSample, Sample};

#[test]
fn a_name_a_version_and_a_cid_are_found() {
    everywhere(|here| {
        let old = here.ten("numbers");
        here.index.label(&old.cid, "numbers", "v1", Some("the first")).unwrap();
        let new = here.index.write(numbers(0..3), "numbers", IndexWrite::new()).unwrap();
        let cid = |text: &str| here.index.find(text).unwrap().cid;
        assert_eq!([cid("numbers"), cid("@local/numbers")], [new.cid.clone(), new.cid.clone()]);
        assert_eq!([cid("numbers@v1"), cid("@local/numbers@v1")], [&*old.cid, &*old.cid]);
        assert_eq!([cid(&format!("numbers@{}", old.cid)), cid(&old.cid)], [&*old.cid, &*old.cid]);
        assert_eq!(here.index.entry(&old.cid).unwrap().cid, old.cid);
    });
}

#[test]
fn what_is_not_there_is_named() {
    let here = Here::new();
    let cid = here.ten("numbers").cid.replace("bafyrei", "bafyref");
    for text in ["other", "numbers@v2", "other@v1", "@local/other", &cid, &format!("x@{cid}")] {
        let (kind, message) = refused(here.index.find(text));
        assert_eq!(kind, "unknown_name", "{text}");
        assert!(message.contains("memory:"), "{message}");
    }
    let long = format!("{}@{}", "n".repeat(10_000), "v".repeat(10_000));
    assert!(refused(here.index.find(&long)).1.len() < 600);
}

#[test]
fn a_name_may_look_like_a_version() {
    everywhere(|here| {
        let plain = here.ten("numbers");
        let odd = here.index.write(numbers(0..3), "numbers@v1", IndexWrite::new()).unwrap();
        assert_eq!(here.index.find("numbers@v1").unwrap(), odd);
        assert_eq!(here.index.find("numbers").unwrap(), plain);
    });
}

#[test]
fn all_are_listed_page_by_page() {
    everywhere(|here| {
        let schema = Schema::new("Foreign");
        let reference = SchemaOf::Reference("local://schemas/m.Foreign@1.0.0", &schema);
        let mut names: Vec<String> = (0..1203).map(|n| format!("set {}", n * 7 % 1203)).collect();
        for name in &names {
            let urls = vec![format!("/data/{name}-{{000000..000009}}.tar")];
            here.index.add_entry(name, urls, reference, &IndexWrite::new()).unwrap();
        }
        names.sort();
        let current = here.index.current().map(|entry| entry.unwrap().name);
        assert_eq!(current.collect::<Vec<_>>(), names);
        let cids: Vec<String> = here.index.entries().map(|entry| entry.unwrap().cid).collect();
        assert!(cids.is_sorted() && cids.len() == 1203);
    });
}

#[test]
fn a_search_meets_all_that_it_asks_for() {
    everywhere(|here| {
        let write = |name: &str, options| here.index.write(numbers(0..1), name, options).unwrap();
        write("cats-2024", IndexWrite::new().tags(["pets", "small"]).description("Photos of cats"));
        write("dogs-2024", IndexWrite::new().tags(["pets"]).description("Drawn, not photos"));
        let licensed = IndexWrite { license: Some("MIT".into()), ..IndexWrite::new() };
        write("birds", licensed);
        let find = |query: Query| -> Vec<String> {
            here.index.search(&query, 10).unwrap().into_iter().map(|entry| entry.name).collect()
        };
        let tagged = |tag: &str| Query { tags: vec![tag.into()], ..Query::default() };
        assert_eq!(find(Query::default().text("PHOTO")), ["cats-2024", "dogs-2024"]);
        assert_eq!(find(Query::default().text("photo 2024 cat")), ["cats-2024"]);
        assert_eq!(find(tagged("pets").text("draw")), ["dogs-2024"]);
        assert_eq!(find(Query { license: Some("MIT".into()), ..Query::default() }), ["birds"]);
        let schema = Some(DictSample::schema().name);
        assert_eq!(find(Query { schema, ..Query::default() }).len(), 3);
        assert!(find(tagged("pet")).is_empty());
        assert_eq!(here.index.search(&tagged("pets"), 1).unwrap()[0].name, "cats-2024");
        let next = Page { after: Some("cats-2024".into()), limit: 5 };
        let rest = here.index.provider().search(&tagged("pets"), &next).unwrap();
        assert_eq!(rest.into_iter().map(|entry| entry.name).collect::<Vec<_>>(), ["dogs-2024"]);
    });
}
