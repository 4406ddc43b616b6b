//! Names, versions and history.

use super::super::{Outcome, holds, same};
use super::{Check, entry, label, version};
use crate::provider::{Entry, IndexProvider, Label, Moment};

pub(super) const CHECKS: &[Check] = &[
    ("a name follows its label", follows),
    ("a name without a label is its newest entry", newest),
    ("a label goes before newer entries of its name", label_first),
    ("two names of one entry both resolve, each under its own name", two_names),
    ("versions of a name stay where they are", versions),
    ("a label's description comes back and is replaced", descriptions),
    ("a label that is removed is gone, its entry is not", removed),
    ("history has the newest first, and no moment without a change", history),
    ("versions are no part of history", version_history),
];

fn follows(provider: &dyn IndexProvider) -> Outcome {
    provider.put(&[entry("a", "cats")], &[label("cats", "a")])?;
    same("first", &provider.named("cats", "")?, &Some(entry("a", "cats")))?;
    provider.put(&[entry("b", "cats")], &[label("cats", "b")])?;
    same("second", &provider.named("cats", "")?, &Some(entry("b", "cats")))?;
    provider.put(&[], &[label("cats", "a")])?;
    same("back", &provider.named("cats", "")?, &Some(entry("a", "cats")))?;
    same("another case", &provider.named("Cats", "")?, &None)
}

fn newest(provider: &dyn IndexProvider) -> Outcome {
    for cid in ["b", "c", "a"] {
        provider.put(&[entry(cid, "cats")], &[])?;
    }
    same("newest", &provider.named("cats", "")?, &Some(entry("a", "cats")))?;
    same("no version", &provider.named("cats", "1.0")?, &None)
}

fn label_first(provider: &dyn IndexProvider) -> Outcome {
    provider.put(&[entry("a", "cats")], &[label("cats", "a")])?;
    provider.put(&[entry("b", "cats")], &[])?;
    same("labelled", &provider.named("cats", "")?, &Some(entry("a", "cats")))
}

fn two_names(provider: &dyn IndexProvider) -> Outcome {
    provider.put(&[entry("a", "cats")], &[label("cats", "a")])?;
    provider.put(&[entry("a", "pets")], &[label("pets", "a")])?;
    for name in ["cats", "pets"] {
        same(name, &provider.named(name, "")?, &Some(entry("a", name)))?;
    }
    let mut names: Vec<String> =
        provider.labels("a")?.into_iter().map(|label| label.name).collect();
    names.sort();
    same("labels", &names, &vec!["cats".into(), "pets".into()])
}

fn versions(provider: &dyn IndexProvider) -> Outcome {
    let labels = [version("cats", "1.0.0", "a"), version("cats", "2.0.0", "b"), label("cats", "b")];
    provider.put(&[entry("a", "cats"), entry("b", "cats")], &labels)?;
    same("1.0.0", &provider.named("cats", "1.0.0")?, &Some(entry("a", "cats")))?;
    same("2.0.0", &provider.named("cats", "2.0.0")?, &Some(entry("b", "cats")))?;
    same("3.0.0", &provider.named("cats", "3.0.0")?, &None)?;
    provider.put(&[], &[version("cats", "1.0.0", "b")])?;
    same("moved", &provider.named("cats", "1.0.0")?, &Some(entry("b", "cats")))
}

fn descriptions(provider: &dyn IndexProvider) -> Outcome {
    let told = Label { description: Some("best so far".into()), ..version("cats", "1", "a") };
    provider.put(&[entry("a", "cats")], std::slice::from_ref(&told))?;
    same("told", &provider.labels("a")?, &vec![told])?;
    provider.put(&[], &[version("cats", "1", "a")])?;
    same("replaced", &provider.labels("a")?, &vec![version("cats", "1", "a")])
}

fn removed(provider: &dyn IndexProvider) -> Outcome {
    let labels = [label("pets", "a"), version("pets", "1", "a")];
    provider.put(&[entry("a", "cats")], &labels)?;
    same("there", &provider.remove_label("pets", "1")?, &true)?;
    same("not there", &provider.remove_label("pets", "1")?, &false)?;
    same("gone", &provider.named("pets", "1")?, &None)?;
    same("the other stays", &provider.labels("a")?, &vec![label("pets", "a")])?;
    same("last", &provider.remove_label("pets", "")?, &true)?;
    same("no such name", &provider.named("pets", "")?, &None)?;
    same("its own name", &provider.named("cats", "")?, &Some(entry("a", "cats")))
}

fn history(provider: &dyn IndexProvider) -> Outcome {
    provider.put(&["a", "b"].map(|cid| entry(cid, "cats")), &[])?;
    for cid in ["a", "a", "b", "b", "a"] {
        provider.put(&[], &[label("cats", cid)])?;
    }
    provider.put(&[], &[label("other", "b")])?;
    let moments = provider.history("cats")?;
    let cids: Vec<&str> = moments.iter().map(|moment| moment.cid.as_str()).collect();
    same("newest first", &cids, &vec!["a", "b", "a"])?;
    holds("times like 2026-01-31T12:00:00.000000Z", moments.iter().all(is_time))?;
    holds("times descend", moments.is_sorted_by(|newer, older| newer.at >= older.at))
}

fn is_time(moment: &Moment) -> bool {
    let form = "dddd-dd-ddTdd:dd:dd.ddddddZ";
    let fits = |(found, form): (char, char)| found == form || form == 'd' && found.is_ascii_digit();
    moment.at.len() == form.len() && moment.at.chars().zip(form.chars()).all(fits)
}

fn version_history(provider: &dyn IndexProvider) -> Outcome {
    let other = Entry { schema_ref: "x".into(), ..entry("b", "cats") };
    provider.put(&[entry("a", "cats"), other], &[label("cats", "a"), version("cats", "1", "b")])?;
    same("history", &provider.history("cats")?.len(), &1)
}
