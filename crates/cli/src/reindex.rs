//! `atdata reindex`: the indexes beside shards.

use crate::args::{Common, Reindex};
use crate::error::{Failure, OK, PROBLEMS};
use crate::json;
use crate::output::{Output, count, counted, visible};
use crate::progress::Progress;
use crate::table::{Column, table};
use crate::team::LOCAL;
use atdata::reindex::{IndexState, check};
use atdata::{Error, load};
use serde_json::{Value as Json, json};
use std::path::Path;

/// More shards than this are only counted unless asked for.
const LISTED: usize = 20;

/// What became of one shard.
struct Done {
    shard: String,
    /// What was found, and for how many samples; nothing where the shard cannot be read.
    found: Option<(IndexState, u64)>,
    written: bool,
}

/// Goes through all shards, whatever is wrong with one, and tells the first problem at the end.
pub(crate) fn run(options: &Reindex, common: &Common, out: &mut Output) -> Result<i32, Failure> {
    if options.target.starts_with(LOCAL) {
        let message = "the indexes of a data set's shards are written with them";
        let hint = format!("atdata verify {} checks them", options.target);
        return Err(Failure::usage(message).hint(hint));
    }
    let splits = load::find(&options.target);
    let splits = splits.map_err(|error| Failure::data(&error, &options.target))?;
    let files = splits.into_iter().flat_map(|(_, files)| files).collect();
    let mut problems = Vec::new();
    let done = go_through(files, options.check, &mut problems);
    if common.json {
        out.line(format!("{:#}", to_json(&options.target, &done, &problems)));
    } else if done.iter().any(|done| done.found.is_some()) {
        list(&done, options.all, out);
        summary(&done, options, out);
    }
    if let Some(failure) = Failure::first_of(&problems, &options.target) {
        return Err(failure);
    }
    Ok(if done.iter().all(Done::is_right) { OK } else { PROBLEMS })
}

fn go_through(files: Vec<String>, only_check: bool, problems: &mut Vec<Error>) -> Vec<Done> {
    let bytes = |file: &String| Path::new(file).metadata().map_or(0, |meta| meta.len());
    let bar = Progress::bytes("Reading headers", Some(files.iter().map(bytes).sum()));
    let one = |shard: String| {
        let done = one_shard(&shard, only_check, problems);
        bar.add(bytes(&shard));
        done
    };
    files.into_iter().map(one).collect()
}

fn one_shard(shard: &str, only_check: bool, problems: &mut Vec<Error>) -> Done {
    let mut done = Done { shard: shard.to_owned(), found: None, written: false };
    let checked = match check(shard) {
        Ok(checked) => checked,
        Err(error) => {
            problems.push(error);
            return done;
        }
    };
    done.found = Some((checked.state, checked.index.len() as u64));
    if !only_check && checked.state != IndexState::Right {
        match checked.write() {
            Ok(()) => done.written = true,
            Err(error) => problems.push(error),
        }
    }
    done
}

impl Done {
    fn state(&self) -> Option<IndexState> {
        self.found.map(|(state, _)| state)
    }

    /// Whether the index is right now.
    fn is_right(&self) -> bool {
        self.written || self.state() == Some(IndexState::Right)
    }

    fn word(&self) -> &'static str {
        match (self.state(), self.written) {
            (None, _) => "unreadable",
            (Some(IndexState::Right), _) => "right",
            (Some(IndexState::Missing), true) => "made",
            (Some(IndexState::Missing), false) => "missing",
            (Some(IndexState::Wrong), true) => "made again",
            (Some(IndexState::Wrong), false) => "wrong",
        }
    }

    fn cells(&self) -> [String; 3] {
        let samples = self.found.map_or("?".to_owned(), |(_, samples)| count(samples));
        [self.word().to_owned(), samples, visible(&self.shard)]
    }
}

/// The shards where there was something to do, or all.
fn list(done: &[Done], all: bool, out: &mut Output) {
    let told = done.iter().filter(|done| all || done.state() != Some(IndexState::Right));
    let rows: Vec<_> = told.map(Done::cells).collect();
    let listed = if all { rows.len() } else { rows.len().min(LISTED) };
    let (shown, rest) = rows.split_at(listed);
    if !shown.is_empty() {
        let heading = [Column::Text("index"), Column::Number("samples"), Column::Text("shard")];
        table(shown, heading, out);
        if !rest.is_empty() {
            let more = count(rest.len() as u64);
            out.line(out.style.dim(&format!("  … and {more} more; --all lists them")));
        }
        out.line("");
    }
}

/// `ok: 2 indexes made, 1 made again, 7 right`; `failed: …; 2 shards cannot be read`.
fn summary(done: &[Done], options: &Reindex, out: &mut Output) {
    let words = ["made", "made again", "missing", "wrong", "right"];
    let numbers = words.map(|word| done.iter().filter(|done| done.word() == word).count() as u64);
    let counts = words.iter().zip(numbers).filter(|(_, number)| *number > 0);
    let mut parts = counts
        .enumerate()
        .map(|(at, (word, number))| match at {
            0 => format!("{} {word}", counted(number, "index")),
            _ => format!("{} {word}", count(number)),
        })
        .collect::<Vec<_>>()
        .join(", ");
    if options.check && done.iter().any(|done| done.found.is_some() && !done.is_right()) {
        parts += " (without --check they are made)";
    }
    match done.iter().filter(|done| done.found.is_none()).count() as u64 {
        0 => {}
        lost => parts += &format!("; {} cannot be read", counted(lost, "shard")),
    }
    let is_right = done.iter().all(Done::is_right);
    let (ok, failed) = (out.style.good("ok:"), out.style.error("failed:"));
    let word = if is_right { ok } else { failed };
    out.line(format!("{word} {parts}"));
}

fn to_json(target: &str, done: &[Done], problems: &[Error]) -> Json {
    let results = done.iter().map(|done| {
        json!({
            "shard": done.shard,
            "samples": done.found.map(|(_, samples)| samples),
            "index": done.state().map(json::index_state),
            "written": done.written,
        })
    });
    json!({
        "target": target,
        "ok": done.iter().all(Done::is_right),
        "shards": done.len(),
        "written": done.iter().filter(|done| done.written).count(),
        "results": results.collect::<Json>(),
        "problems": problems.iter().map(json::error).collect::<Json>(),
    })
}
