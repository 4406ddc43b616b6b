//! `atdata ls`: data sets, shards and their indexes, or the keys of their samples.

use crate::args::{Common, Ls};
use crate::datasets;
use crate::error::{Failure, OK};
use crate::json;
use crate::network::account;
use crate::output::{Output, count, counted, size, visible};
use crate::progress::Progress;
use crate::published_list::{self, Blobs};
use crate::table::{Column, table};
use crate::target::{Dataset, Target, size_of};
use atdata::format::ShardIndex;
use atdata::load::Split;
use atdata::reindex::IndexState;
use atdata::source::shown;
use atdata::{Error, Shards};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// What is listed of one shard; nothing of its samples where it cannot be read.
struct Row {
    split: String,
    shard: String,
    bytes: u64,
    state: IndexState,
    index: Option<Arc<ShardIndex>>,
}

/// Lists what can be read, then tells the first thing that cannot.
pub(crate) fn run(options: &Ls, common: &Common, out: &mut Output) -> Result<i32, Failure> {
    let Some(target) = &options.target else {
        return datasets::list_all(options.all, common, out);
    };
    if let Some(account) = account(target) {
        return published_list::list(account, common, out);
    }
    let found = Target::find(target, common)?;
    if let Dataset::Published(_, record) = &found.dataset
        && !options.keys
        && let Some(blobs) = Blobs::of(record)
    {
        blobs.list(target, common.json, out);
        return Ok(OK);
    }
    let is_named = !matches!(found.dataset, Dataset::None);
    let found_in = is_named.then(|| common_folder(&found.splits)).flatten();
    let mut problems = Vec::new();
    let rows = rows(found, &mut problems);
    if common.json {
        out.line(format!("{:#}", to_json(&shown(target), options.keys, &rows, &problems)));
    } else if options.keys {
        list_keys(&rows, out);
    } else if rows.iter().any(|row| row.index.is_some()) {
        list_shards(&rows, found_in.as_deref(), out);
    }
    Failure::first_of(&problems, target).map_or(Ok(OK), Err)
}

fn rows(target: Target, problems: &mut Vec<Error>) -> Vec<Row> {
    let shards = target.shards();
    let bar = Progress::bytes("Reading indexes", shards.bytes().ok().flatten());
    let named = target
        .splits
        .into_iter()
        .flat_map(|(split, files)| files.into_iter().map(move |shard| (split.clone(), shard)));
    let row = |(number, (split, shard)): (usize, (String, String))| {
        let bytes = size_of(&**shards.source(), &shard);
        let (state, index) = found(&shards, number, problems);
        bar.add(bytes);
        Row { split, shard: shown(&shard), bytes, state, index }
    };
    named.enumerate().map(row).collect()
}

fn found(
    shards: &Shards,
    number: usize,
    problems: &mut Vec<Error>,
) -> (IndexState, Option<Arc<ShardIndex>>) {
    let state = shards.index_state(number).unwrap_or(IndexState::Missing);
    match shards.survey(number) {
        Ok((index, met)) => {
            problems.extend(met);
            (state, Some(index))
        }
        Err(error) => {
            problems.push(error);
            (state, None)
        }
    }
}

/// The folder of all shards, where they are in one: in a store, its address would fill every line.
fn common_folder(splits: &[Split]) -> Option<String> {
    let mut shards = splits.iter().flat_map(|(_, shards)| shards);
    let (folder, _) = shards.next()?.rsplit_once('/')?;
    let same = |shard: &String| shard.rsplit_once('/').is_some_and(|(other, _)| other == folder);
    shards.all(same).then(|| folder.to_owned())
}

fn list_shards(rows: &[Row], folder: Option<&str>, out: &mut Output) {
    let heading = [
        Column::Text("split"),
        Column::Number("samples"),
        Column::Number("size"),
        Column::Text("index"),
        Column::Text("shard"),
    ];
    table(&rows.iter().map(|row| row.cells(folder)).collect::<Vec<_>>(), heading, out);
    let samples = counted(samples(rows), "sample");
    let shards = counted(rows.len() as u64, "shard");
    let bytes = size(rows.iter().map(|row| row.bytes).sum());
    out.line("");
    out.line(format!("{samples} in {shards} ({bytes}, {})", indexes(rows)));
    if let Some(folder) = folder {
        out.line(format!("in {}", visible(folder)));
    }
}

/// `no index`, `3 indexes`, `3 indexes, 1 of them wrong`.
fn indexes(rows: &[Row]) -> String {
    let are = |state| rows.iter().filter(|row| row.state == state).count() as u64;
    let wrong = are(IndexState::Wrong);
    match (are(IndexState::Right) + wrong, wrong) {
        (0, _) => "no index".to_owned(),
        (1, 1) => "1 wrong index".to_owned(),
        (all, 0) => counted(all, "index"),
        (all, wrong) => format!("{}, {} of them wrong", counted(all, "index"), count(wrong)),
    }
}

fn samples(rows: &[Row]) -> u64 {
    rows.iter().filter_map(Row::samples).sum()
}

fn list_keys(rows: &[Row], out: &mut Output) {
    for index in rows.iter().filter_map(|row| row.index.as_ref()) {
        for sample in 0..index.len() {
            if !out.is_open() {
                return;
            }
            out.line(visible(index.key(sample)));
        }
    }
}

impl Row {
    fn samples(&self) -> Option<u64> {
        self.index.as_ref().map(|index| index.len() as u64)
    }

    fn cells(&self, folder: Option<&str>) -> [String; 5] {
        let state = match self.state {
            IndexState::Right => "yes",
            IndexState::Missing => "no",
            IndexState::Wrong => "wrong",
        };
        let samples = self.samples().map_or("?".to_owned(), count);
        let within = folder.and_then(|folder| self.shard.strip_prefix(folder)?.strip_prefix('/'));
        let shard = visible(within.unwrap_or(&self.shard));
        [visible(&self.split), samples, size(self.bytes), state.to_owned(), shard]
    }

    fn to_json(&self, with_keys: bool) -> Json {
        let mut row = json!({
            "shard": self.shard,
            "split": self.split,
            "samples": self.samples(),
            "bytes": self.bytes,
            "index": json::index_state(self.state),
        });
        if let Some(index) = self.index.as_ref().filter(|_| with_keys) {
            row["keys"] = (0..index.len()).map(|sample| index.key(sample)).collect();
        }
        row
    }
}

fn to_json(target: &str, keys: bool, rows: &[Row], problems: &[Error]) -> Json {
    let are_there = rows.iter().filter(|row| row.state != IndexState::Missing);
    json!({
        "target": target,
        "shards": rows.len(),
        "samples": samples(rows),
        "bytes": rows.iter().map(|row| row.bytes).sum::<u64>(),
        "indexes": are_there.count(),
        "results": rows.iter().map(|row| row.to_json(keys)).collect::<Json>(),
        "problems": problems.iter().map(json::error).collect::<Json>(),
    })
}
