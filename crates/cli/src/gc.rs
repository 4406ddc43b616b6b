//! `atdata gc`: what lies in the store and nothing names.

use crate::args::{Common, Gc};
use crate::error::{Failure, OK};
use crate::output::{Output, count, counted, size, visible};
use crate::table::{Column, table};
use crate::when;
use atdata::index::Garbage;
use atdata::store::{Found, upload_of};
use serde_json::{Value as Json, json};

/// More files than this are only counted unless asked for.
const LISTED: usize = 20;

/// Lists it, and removes it where that is asked for.
pub(crate) fn run(options: &Gc, common: &Common, out: &mut Output) -> Result<i32, Failure> {
    let data = |error| Failure::data(&error, "");
    let index = common.team.open()?;
    let mut garbage = index.garbage(options.grace).map_err(data)?;
    if options.remove {
        garbage = index.remove_garbage(&garbage).map_err(data)?;
    }
    let store = common.team.store()?.address();
    if common.json {
        out.line(format!("{:#}", to_json(&garbage, &store, options.remove)));
        return Ok(OK);
    }
    if !garbage.found.is_empty() {
        list(&garbage, &store, options.all, out);
    }
    summary(&garbage, &store, options.remove, out);
    Ok(OK)
}

fn list(garbage: &Garbage, store: &str, all: bool, out: &mut Output) {
    let listed = if all { usize::MAX } else { LISTED };
    let name = |url: &str| {
        let within = url.strip_prefix(store).and_then(|rest| rest.strip_prefix('/'));
        visible(within.unwrap_or(url))
    };
    let row = |found: &Found| match upload_of(&found.url) {
        None => [size(found.bytes), when::age(found.modified), name(&found.url)],
        Some((url, _)) => {
            let name = format!("{} (unfinished upload)", name(url));
            [String::from("?"), when::age(found.modified), name]
        }
    };
    let rows: Vec<_> = garbage.found.iter().take(listed).map(row).collect();
    let heading = [Column::Number("size"), Column::Number("age"), Column::Text("file")];
    table(&rows, heading, out);
    if garbage.found.len() > rows.len() {
        let more = count((garbage.found.len() - rows.len()) as u64);
        out.line(out.style.dim(&format!("  … and {more} more; --all lists them")));
    }
    out.line("");
}

fn summary(garbage: &Garbage, store: &str, removed: bool, out: &mut Output) {
    let (store, seen) = (visible(store), count(garbage.seen as u64));
    let found = what_was_found(garbage);
    out.line(match (garbage.found.is_empty(), removed) {
        (true, _) => format!("nothing to remove: looked at {seen} of our files in {store}"),
        (false, true) => format!("removed {found} of {seen} in {store}"),
        (false, false) => format!("{found} of {seen} in {store}; --remove removes them"),
    });
    if let Some(why) = &garbage.unseen {
        out.line(format!("unfinished uploads were not looked for: {}", visible(why)));
    }
}

/// Such as `3 files (5 MB) and 1 unfinished upload`.
fn what_was_found(garbage: &Garbage) -> String {
    let uploads = garbage.found.iter().filter(|found| found.is_upload()).count();
    let files = garbage.found.len() - uploads;
    let bytes = size(garbage.bytes());
    let files = (files > 0).then(|| format!("{} ({bytes})", counted(files as u64, "file")));
    let uploads = (uploads > 0).then(|| counted(uploads as u64, "unfinished upload"));
    [files, uploads].into_iter().flatten().collect::<Vec<_>>().join(" and ")
}

fn to_json(garbage: &Garbage, store: &str, removed: bool) -> Json {
    let file = |found: &Found| json!({"url": found.url, "bytes": found.bytes, "modified": when::seconds(found.modified)});
    json!({
        "store": store,
        "looked_at": garbage.seen,
        "removed": removed,
        "bytes": garbage.bytes(),
        "unseen": garbage.unseen,
        "files": garbage.found.iter().map(file).collect::<Json>(),
    })
}
