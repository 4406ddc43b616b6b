//! Several threads at once.

use super::super::{Failure, Outcome, same};
use super::{Check, document, entry, first, label};
use crate::error::Result;
use crate::provider::{Document, DocumentKind, IndexProvider, Query};
use std::thread;

pub(super) const CHECKS: &[Check] = &[
    ("of threads that create one version, one is told so", one_creates),
    ("what threads put at once is all there", none_lost),
    ("threads that write one name leave it whole", one_name),
];

const THREADS: usize = 8;
const PUTS: usize = 25;

/// Does something in several threads at once; what each of them got.
fn at_once<T: Send>(
    work: impl Fn(usize) -> Result<T> + Sync,
) -> std::result::Result<Vec<T>, Failure> {
    let work = &work;
    let results: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> =
            (0..THREADS).map(|number| scope.spawn(move || work(number))).collect();
        threads.into_iter().map(thread::ScopedJoinHandle::join).collect()
    });
    let panicked = |_| Failure("a thread panicked".into());
    results.into_iter().map(|result| Ok(result.map_err(panicked)??)).collect()
}

fn one_creates(provider: &dyn IndexProvider) -> Outcome {
    for round in 0..5 {
        let version = format!("{round}.0.0");
        let candidate = |number: usize| Document {
            json: format!("{{\"by\": {number}}}"),
            ..document("Image", &version)
        };
        let create = |number| provider.create_document(DocumentKind::Schema, &candidate(number));
        let told = at_once(create)?;
        same("told true", &told.iter().filter(|told| **told).count(), &1)?;
        let winner = told.iter().position(|told| *told).map(candidate);
        same("kept", &provider.document(DocumentKind::Schema, "Image", &version)?, &winner)?;
    }
    Ok(())
}

fn none_lost(provider: &dyn IndexProvider) -> Outcome {
    at_once(|number| {
        (0..PUTS).try_for_each(|put| {
            let name = format!("name-{number}-{put}");
            let cid = format!("cid-{number}-{put}");
            provider.put(&[entry(&cid, &name)], &[label(&name, &cid)])
        })
    })?;
    let all = first(THREADS * PUTS + 1);
    same("entries", &provider.entries(&all)?.len(), &(THREADS * PUTS))?;
    same("names", &provider.current(&all)?.len(), &(THREADS * PUTS))?;
    let query = Query { words: vec!["name".into()], ..Query::default() };
    same("found", &provider.search(&query, &all)?.len(), &(THREADS * PUTS))
}

fn one_name(provider: &dyn IndexProvider) -> Outcome {
    at_once(|number| {
        (0..PUTS).try_for_each(|put| {
            let cid = format!("cid-{number}-{put}");
            provider.put(&[entry(&cid, "cats")], &[label("cats", &cid)])?;
            provider.search(&Query::default(), &first(1)).map(drop)
        })
    })?;
    let history = provider.history("cats")?;
    same("moments", &history.len(), &(THREADS * PUTS))?;
    let current = provider.named("cats", "")?.map(|entry| entry.cid);
    same("current", &current.as_ref(), &history.first().map(|moment| &moment.cid))?;
    let found = provider.search(&Query::default(), &first(9))?;
    same("found", &found.first().map(|entry| &entry.cid), &current.as_ref())
}
