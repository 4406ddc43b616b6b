//! Entries by CID: putting, putting again, removing.

use super::super::{Outcome, holds, same};
use super::{Check, entry, label, version};
use crate::provider::{Entry, Facts, IndexProvider, Label};
use atdata_format::Value;

pub(super) const CHECKS: &[Check] = &[
    ("it can be reached", |provider| Ok(provider.check()?)),
    ("an empty index has nothing", empty),
    ("an entry comes back as it was put", comes_back),
    ("an entry without metadata and facts comes back", bare),
    ("an entry put again keeps its name and takes the new metadata", put_again),
    ("facts that are not told stay", facts_stay),
    ("the address holds no password", |provider| {
        holds("no password", !provider.address().contains("secret"))
    }),
    ("many entries and labels are put at once", many),
    ("putting nothing changes nothing", |provider| Ok(provider.put(&[], &[])?)),
    ("a removed entry takes its labels along", removed),
    ("what was removed can be put again", removed_and_put),
];

fn empty(provider: &dyn IndexProvider) -> Outcome {
    same("entry", &provider.entry("a")?, &None)?;
    same("named", &provider.named("a", "")?, &None)?;
    same("labels", &provider.labels("a")?, &vec![])?;
    same("history", &provider.history("a")?, &vec![])?;
    same("current", &provider.current(&super::first(9))?, &vec![])?;
    same("entries", &provider.entries(&super::first(9))?, &vec![])?;
    same("search", &provider.search(&Default::default(), &super::first(9))?, &vec![])?;
    same("remove_entry", &provider.remove_entry("a")?, &false)?;
    same("remove_label", &provider.remove_label("a", "")?, &false)
}

fn comes_back(provider: &dyn IndexProvider) -> Outcome {
    let values = [
        Value::Nil,
        Value::Bool(true),
        Value::Int(-5),
        Value::UInt(u64::MAX),
        Value::Float(0.5),
        Value::Bytes(vec![0, 255]),
    ];
    let metadata = Value::Map(vec![(super::text("values"), Value::List(values.to_vec()))]);
    let urls = ["/a b/ü.tar", "s3://b/{0..9}.tar"].map(str::to_owned).to_vec();
    let given = Entry { metadata: Some(metadata), data_urls: urls, ..entry("a", "cats") };
    provider.put(std::slice::from_ref(&given), &[])?;
    same("entry", &provider.entry("a")?, &Some(given))
}

fn bare(provider: &dyn IndexProvider) -> Outcome {
    let given = Entry { cid: "a".into(), name: "cats".into(), ..Entry::default() };
    provider.put(std::slice::from_ref(&given), &[])?;
    same("entry", &provider.entry("a")?, &Some(given))
}

fn put_again(provider: &dyn IndexProvider) -> Outcome {
    provider.put(&[entry("a", "cats")], &[])?;
    let again = Entry { metadata: None, ..entry("a", "dogs") };
    provider.put(std::slice::from_ref(&again), &[])?;
    let expected = Entry { name: "cats".into(), ..again };
    same("entry", &provider.entry("a")?, &Some(expected))?;
    same("no name without a label", &provider.named("dogs", "")?, &None)
}

fn facts_stay(provider: &dyn IndexProvider) -> Outcome {
    let with = |facts| Entry { facts, ..entry("a", "cats") };
    let facts = Facts { content_cid: None, samples: Some(7), bytes: None };
    provider.put(&[entry("a", "cats")], &[])?;
    provider.put(&[with(Facts::default())], &[])?;
    provider.put(&[with(facts)], &[])?;
    let expected = Facts { samples: Some(7), ..entry("a", "cats").facts };
    same("facts", &provider.entry("a")?.map(|entry| entry.facts), &Some(expected))
}

fn many(provider: &dyn IndexProvider) -> Outcome {
    let entries: Vec<Entry> =
        (0..250).map(|n| entry(&format!("cid{n}"), &format!("name{n}"))).collect();
    let labels: Vec<Label> = entries.iter().map(|entry| label(&entry.name, &entry.cid)).collect();
    provider.put(&entries, &labels)?;
    provider.put(&entries, &labels)?;
    for given in &entries {
        same("named", &provider.named(&given.name, "")?.as_ref(), &Some(given))?;
    }
    Ok(())
}

fn removed(provider: &dyn IndexProvider) -> Outcome {
    let labels = [label("cats", "b"), version("cats", "1.0", "b"), version("cats", "0.9", "a")];
    provider.put(&[entry("a", "cats"), entry("b", "cats")], &labels)?;
    same("there", &provider.remove_entry("b")?, &true)?;
    same("not there", &provider.remove_entry("b")?, &false)?;
    same("entry", &provider.entry("b")?, &None)?;
    same("its labels", &provider.labels("b")?, &vec![])?;
    same("its version", &provider.named("cats", "1.0")?, &None)?;
    same("the other entry", &provider.named("cats", "0.9")?, &Some(entry("a", "cats")))?;
    same("history stays", &provider.history("cats")?.len(), &1)?;
    let newest = provider.named("cats", "")?;
    same("the newest that is left", &newest, &Some(entry("a", "cats")))
}

fn removed_and_put(provider: &dyn IndexProvider) -> Outcome {
    provider.put(&[entry("a", "cats")], &[label("cats", "a")])?;
    provider.remove_entry("a")?;
    let bare = Entry { facts: Facts::default(), ..entry("a", "dogs") };
    provider.put(std::slice::from_ref(&bare), &[])?;
    same("nothing of the old one", &provider.entry("a")?, &Some(bare))?;
    same("the old name", &provider.named("cats", "")?, &None)
}
