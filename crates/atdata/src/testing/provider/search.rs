//! Search.

use super::super::{Outcome, same};
use super::{Check, entry, first, label, names, paged, text};
use crate::provider::{Entry, IndexProvider, Page, Query};
use atdata_format::Value;

pub(super) const CHECKS: &[Check] = &[
    ("words begin words of name, description and tags", by_words),
    ("words are found whatever their case was", by_case),
    ("tags are found exactly", by_tag),
    ("schemas are found by name, whatever the form of the reference", by_schema),
    ("licences are found exactly", by_license),
    ("all that is asked for must fit", combined),
    ("a query that asks for nothing finds all", |provider| {
        fill(provider)?;
        expect(provider, &Query::default(), &["Dogs", "cats", "felines", "maps"])
    }),
    ("what is found comes in pages", pages),
    ("only a name's current entry is found", current_only),
    ("new metadata is found, the old is not", metadata_changes),
    ("what was removed is not found", removed),
    ("long and odd terms are found", odd_terms),
];

fn described(cid: &str, name: &str, description: &str, tags: &[&str], license: &str) -> Entry {
    let tags = tags.iter().map(|tag| text(tag)).collect();
    let metadata = Value::Map(vec![
        (text("description"), text(description)),
        (text("tags"), Value::List(tags)),
        (text("license"), text(license)),
    ]);
    Entry { metadata: Some(metadata), ..entry(cid, name) }
}

fn fill(provider: &dyn IndexProvider) -> Outcome {
    let map = Entry {
        schema_ref: "local://schemas/geo.Map@2.0.0".into(),
        metadata: Some(Value::Map(vec![(text("tags"), text("not a list"))])),
        ..entry("c", "maps")
    };
    let entries = [
        described("a", "cats", "Pictures of Cats, sleeping", &["animal", "House Pet"], "MIT"),
        described("b", "Dogs", "PICTURES of dogs", &["animal"], "CC-BY-4.0"),
        map,
    ];
    let labels = [label("cats", "a"), label("felines", "a"), label("maps", "c")];
    Ok(provider.put(&entries, &labels)?)
}

fn words(words: &[&str]) -> Query {
    Query { words: words.iter().map(ToString::to_string).collect(), ..Query::default() }
}

fn tags(tags: &[&str]) -> Query {
    Query { tags: tags.iter().map(ToString::to_string).collect(), ..Query::default() }
}

fn expect(provider: &dyn IndexProvider, query: &Query, expected: &[&str]) -> Outcome {
    let found = provider.search(query, &first(100))?;
    same(&format!("{query:?}"), &names(&found), &expected.to_vec())
}

fn by_words(provider: &dyn IndexProvider) -> Outcome {
    fill(provider)?;
    expect(provider, &words(&["picture"]), &["Dogs", "cats", "felines"])?;
    expect(provider, &words(&["pic", "sleep"]), &["cats", "felines"])?;
    expect(provider, &words(&["fel"]), &["felines"])?;
    expect(provider, &words(&["house"]), &["cats", "felines"])?;
    expect(provider, &words(&["leeping"]), &[])?;
    expect(provider, &words(&["pictures", "horses"]), &[])
}

fn by_case(provider: &dyn IndexProvider) -> Outcome {
    let given = described("a", "ÄPFEL_Birnen", "STRASSE", &[], "MIT");
    provider.put(std::slice::from_ref(&given), &[])?;
    for word in ["äpf", "birnen", "strasse"] {
        expect(provider, &words(&[word]), &["ÄPFEL_Birnen"])?;
    }
    Ok(())
}

fn by_tag(provider: &dyn IndexProvider) -> Outcome {
    fill(provider)?;
    expect(provider, &tags(&["animal"]), &["Dogs", "cats", "felines"])?;
    expect(provider, &tags(&["animal", "House Pet"]), &["cats", "felines"])?;
    expect(provider, &tags(&["Animal"]), &[])?;
    expect(provider, &tags(&["anim"]), &[])
}

fn by_schema(provider: &dyn IndexProvider) -> Outcome {
    fill(provider)?;
    let schema = |name: &str| Query { schema: Some(name.into()), ..Query::default() };
    expect(provider, &schema("Image"), &["Dogs", "cats", "felines"])?;
    expect(provider, &schema("Map"), &["maps"])?;
    expect(provider, &schema("Ima"), &[])
}

fn by_license(provider: &dyn IndexProvider) -> Outcome {
    fill(provider)?;
    let license = |name: &str| Query { license: Some(name.into()), ..Query::default() };
    expect(provider, &license("CC-BY-4.0"), &["Dogs"])?;
    expect(provider, &license("CC-BY"), &[])
}

fn combined(provider: &dyn IndexProvider) -> Outcome {
    fill(provider)?;
    let all =
        Query { schema: Some("Image".into()), license: Some("MIT".into()), ..tags(&["animal"]) };
    expect(provider, &Query { words: vec!["cat".into()], ..all.clone() }, &["cats", "felines"])?;
    expect(provider, &Query { words: vec!["dog".into()], ..all.clone() }, &[])?;
    expect(provider, &Query { schema: Some("Map".into()), ..all }, &[])
}

fn pages(provider: &dyn IndexProvider) -> Outcome {
    fill(provider)?;
    for query in [words(&["pictures"]), tags(&["animal"])] {
        for limit in 1..5 {
            let name = |entry: &Entry| entry.name.clone();
            let found = paged(limit, name, |page| provider.search(&query, page))?;
            same("names", &names(&found), &vec!["Dogs", "cats", "felines"])?;
        }
        let page = Page { after: Some("aaa".into()), limit: 1 };
        same("between", &names(&provider.search(&query, &page)?), &vec!["cats"])?;
    }
    Ok(())
}

fn current_only(provider: &dyn IndexProvider) -> Outcome {
    fill(provider)?;
    let new = described("n", "cats", "tigers", &[], "MIT");
    provider.put(&[new], &[label("cats", "n")])?;
    expect(provider, &words(&["tigers"]), &["cats"])?;
    expect(provider, &words(&["sleeping"]), &["felines"])?;
    provider.put(&[], &[label("cats", "a")])?;
    expect(provider, &words(&["tigers"]), &[])?;
    expect(provider, &words(&["sleeping"]), &["cats", "felines"])
}

fn metadata_changes(provider: &dyn IndexProvider) -> Outcome {
    fill(provider)?;
    expect(provider, &words(&["sleeping"]), &["cats", "felines"])?;
    provider.put(&[described("a", "cats", "running", &["quick"], "MIT")], &[])?;
    expect(provider, &words(&["sleeping"]), &[])?;
    expect(provider, &words(&["running"]), &["cats", "felines"])?;
    expect(provider, &tags(&["quick"]), &["cats", "felines"])
}

fn removed(provider: &dyn IndexProvider) -> Outcome {
    fill(provider)?;
    provider.remove_label("felines", "")?;
    expect(provider, &tags(&["animal"]), &["Dogs", "cats"])?;
    provider.remove_entry("a")?;
    expect(provider, &tags(&["animal"]), &["Dogs"])
}

fn odd_terms(provider: &dyn IndexProvider) -> Outcome {
    let long = "long ".repeat(2000);
    let odd = ["50%", "a_b", "*", "[x]", "{y}", "it's", "\"", "\\", "日本", &long];
    provider.put(&[described("a", "odd", "日本語 data", &odd, "MIT")], &[])?;
    for tag in odd {
        expect(provider, &tags(&[tag]), &["odd"])?;
    }
    expect(provider, &words(&["日本"]), &["odd"])?;
    for tag in ["%", "a%", "?", "aXb", "long"] {
        expect(provider, &tags(&[tag]), &[])?;
    }
    Ok(())
}
