//! `atdata verify`: every byte of every shard.

use crate::args::{Common, Verify};
use crate::error::{Failure, OK, PROBLEMS, UNREADABLE, message};
use crate::json;
use crate::output::{Output, count, counted, size, visible};
use crate::progress::Progress;
use crate::published_verify::RecordCheck;
use crate::target::{Dataset, Target};
use atdata::Shards;
use atdata::atmosphere::{DatasetRecord, Found};
use atdata::format::Place;
use atdata::index::{Index, ShardState};
use atdata::provider::Entry;
use atdata::source::shown;
use atdata::verify::{Problem, ShardCheck, check_shard};
use atdata::waiting::together;
use serde_json::{Value as Json, json};
use std::sync::atomic::{AtomicUsize, Ordering};

/// More problems than this are only counted unless asked for.
const LISTED: usize = 20;

/// How far a check goes before it moves the bar.
const STEP: u64 = 1 << 20;

/// What was found in one shard.
struct Checked {
    check: ShardCheck,
    /// Whether the shard could be opened at all.
    readable: bool,
    /// Whether its bytes are those that an index has the hash of.
    hashed: bool,
}

/// Checks all shards and lists what is wrong, shard by shard.
pub(crate) fn run(options: &Verify, common: &Common, out: &mut Output) -> Result<i32, Failure> {
    let data = |error| Failure::data(&error, &options.target);
    let target = Target::find(&options.target, common)?;
    let shards = target.shards();
    let record = match &target.dataset {
        Dataset::Published(atmosphere, found) => Some(RecordCheck::of(atmosphere, found)?),
        _ => None,
    };
    let mut checked = check_all(&shards, options.jobs).map_err(data)?;
    match &target.dataset {
        Dataset::None => {}
        Dataset::Of(index, entry) => {
            add_hashes(index, entry, &shards, &mut checked).map_err(data)?;
        }
        Dataset::Published(_, found) => published_hashes(found, &mut checked).map_err(data)?,
    }
    for shard in &mut checked {
        shard.check.shard = shown(&shard.check.shard);
    }
    if common.json {
        let mut json = to_json(&shown(&options.target), &checked);
        if let Some(record) = &record {
            json["ok"] = (problems(&checked) + record.problems() == 0).into();
            json["record"] = record.to_json();
        }
        out.line(format!("{json:#}"));
    } else {
        if let Some(record) = &record {
            record.show(out);
        }
        list(&checked, if options.all { usize::MAX } else { LISTED }, out);
        summary(&checked, out);
    }
    Ok(if checked.iter().any(|shard| !shard.readable) {
        UNREADABLE
    } else if problems(&checked) + record.map_or(0, |record| record.problems()) > 0 {
        PROBLEMS
    } else {
        OK
    })
}

/// Checks several shards at a time; the results are in the order of the shards.
fn check_all(shards: &Shards, jobs: usize) -> atdata::Result<Vec<Checked>> {
    let all = shards.names()?.len();
    let bar = Progress::bytes("Verifying", shards.bytes().ok().flatten());
    let next = AtomicUsize::new(0);
    let work = || -> Vec<(usize, Checked)> {
        let numbers = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
        numbers.take_while(|at| *at < all).map(|at| (at, check(shards, at, &bar))).collect()
    };
    let together = together(jobs.min(all), work);
    let stopped = |error| atdata::Error::io("verify", "the shards".as_ref(), error);
    let mut checked: Vec<_> = together.map_err(stopped)?.into_iter().flatten().collect();
    checked.sort_by_key(|(at, _)| *at);
    Ok(checked.into_iter().map(|(_, checked)| checked).collect())
}

/// Hashes the shards of a data set, and adds what differs from what was stored.
fn add_hashes(
    index: &Index,
    entry: &Entry,
    shards: &Shards,
    checked: &mut [Checked],
) -> atdata::Result<()> {
    let bar = Progress::bytes("Hashing", shards.bytes().ok().flatten());
    let mut told = (0, 0);
    let verdicts = index.verify(entry, |shard, so_far| {
        let before = if told.0 == shard { told.1 } else { 0 };
        bar.add(so_far - before);
        told = (shard, so_far);
        true
    })?;
    for (shard, verdict) in checked.iter_mut().zip(verdicts).filter(|(shard, _)| shard.readable) {
        let place = Place { shard: Some(shard.check.shard.clone()), ..Place::default() };
        let problem = |message: &str| Problem { kind: "checksum", message: message.into(), place };
        match verdict.state {
            ShardState::Right => shard.hashed = true,
            ShardState::Unknown => {
                let message = "nobody has kept its SHA-256, so it may have changed";
                shard.check.warnings.push(problem(message));
            }
            ShardState::Wrong(message) => {
                let bare = message.strip_prefix(&format!("{}: ", verdict.url));
                shard.check.problems.push(problem(bare.unwrap_or(&message)));
            }
        }
    }
    Ok(())
}

/// Says of which shards the bytes are known to be those that were published: blobs are what their
/// CIDs say, and files are compared with their SHA-256 while they are read.
fn published_hashes(found: &Found<DatasetRecord>, checked: &mut [Checked]) -> atdata::Result<()> {
    let entry = found.entry()?;
    let compared = found.is_checked()?;
    for shard in checked.iter_mut().filter(|shard| shard.readable) {
        let url = &shard.check.shard;
        let is_wrong = |problem: &Problem| ["checksum", "unverified"].contains(&problem.kind);
        shard.hashed = compared && !shard.check.problems.iter().any(is_wrong);
        if entry.checksum(url).is_none() {
            let place = Place { shard: Some(url.clone()), ..Place::default() };
            let message = "its publisher has not said its SHA-256, so it may have changed";
            let problem = Problem { kind: "checksum", message: message.into(), place };
            shard.check.warnings.push(problem);
        }
    }
    Ok(())
}

/// Checks one shard. One that cannot be read at all is a result like any other.
fn check(shards: &Shards, at: usize, bar: &Progress) -> Checked {
    let mut told = 0;
    let tell = |passed: u64| {
        if passed - told >= STEP {
            bar.add(passed - told);
            told = passed;
        }
    };
    match check_shard(shards, at, tell) {
        Ok(check) => {
            bar.add(check.bytes.saturating_sub(told));
            Checked { check, readable: true, hashed: false }
        }
        Err(error) => {
            let shard = shards.names().ok().and_then(|names| names.get(at)).cloned();
            let place = Place { shard: shard.clone(), ..Place::default() };
            let problem = Problem { kind: error.kind(), message: message(&error), place };
            let (shard, problems) = (shard.unwrap_or_default(), vec![problem]);
            // What came is other bytes: that is a finding, and the shard was read.
            let readable = error.kind() == "unverified";
            Checked {
                check: ShardCheck { shard, problems, ..ShardCheck::default() },
                readable,
                hashed: false,
            }
        }
    }
}

fn problems(checked: &[Checked]) -> usize {
    checked.iter().map(|shard| shard.check.problems.len()).sum()
}

fn hashed(checked: &[Checked]) -> usize {
    checked.iter().filter(|shard| shard.hashed).count()
}

fn warnings(checked: &[Checked]) -> usize {
    checked.iter().map(|shard| shard.check.warnings.len()).sum()
}

/// The shards with something wrong, and what it is.
fn list(checked: &[Checked], limit: usize, out: &mut Output) {
    let style = out.style;
    let mut left = limit;
    for Checked { check, .. } in checked {
        let found = check.problems.iter().map(|problem| (style.error("problem:"), problem));
        let found = found.chain(check.warnings.iter().map(|it| (style.warning("warning:"), it)));
        for (at, (word, problem)) in found.take(left).enumerate() {
            if at == 0 {
                out.line(style.bold(&visible(&check.shard)));
            }
            out.line(format!("  {word} {}", visible(&in_shard(problem))));
            left -= 1;
        }
    }
    let all = problems(checked) + warnings(checked);
    if all > limit {
        let more = count((all - limit) as u64);
        out.line(style.dim(&format!("… and {more} more; --all lists them")));
    }
    if all > 0 {
        out.line("");
    }
}

/// A problem under its shard's name, which need not be said again.
fn in_shard(problem: &Problem) -> String {
    let place = Place { shard: None, ..problem.place.clone() };
    format!("{}{place}", problem.message)
}

fn summary(checked: &[Checked], out: &mut Output) {
    let sum = |of: fn(&ShardCheck) -> u64| checked.iter().map(|shard| of(&shard.check)).sum();
    let samples = counted(sum(|check| check.samples), "sample");
    let shards = counted(checked.len() as u64, "shard");
    let indexes = match sum(|check| u64::from(check.has_index)) {
        0 => "no index".to_owned(),
        indexes => counted(indexes, "index"),
    };
    let read = size(sum(|check| check.bytes));
    let indexes = match hashed(checked) {
        0 => indexes,
        hashed => format!("{indexes}, {hashed} of {} hashes right", checked.len()),
    };
    let warnings = match warnings(checked) {
        0 => String::new(),
        warnings => format!(", {}", counted(warnings as u64, "warning")),
    };
    let problems = problems(checked) as u64;
    if problems == 0 {
        let ok = out.style.good("ok:");
        out.line(format!("{ok} {samples} whole in {shards} ({read}, {indexes}){warnings}"));
        return;
    }
    let broken = checked.iter().filter(|shard| !shard.check.problems.is_empty()).count() as u64;
    let failed = out.style.error("failed:");
    let problems = counted(problems, "problem");
    out.line(format!(
        "{failed} {problems} in {} of {shards}{warnings}; {samples} whole ({read}, {indexes})",
        count(broken)
    ));
}

fn to_json(target: &str, checked: &[Checked]) -> Json {
    let sum =
        |of: fn(&ShardCheck) -> u64| checked.iter().map(|shard| of(&shard.check)).sum::<u64>();
    let list = |problems: &[Problem]| problems.iter().map(json::problem).collect::<Json>();
    let result = |Checked { check, hashed, .. }: &Checked| {
        json!({
            "shard": check.shard,
            "samples": check.samples,
            "bytes": check.bytes,
            "index": check.has_index,
            "hashed": hashed,
            "problems": list(&check.problems),
            "warnings": list(&check.warnings),
        })
    };
    json!({
        "target": target,
        "ok": problems(checked) == 0,
        "shards": checked.len(),
        "samples": sum(|check| check.samples),
        "bytes": sum(|check| check.bytes),
        "indexes": sum(|check| u64::from(check.has_index)),
        "problems": problems(checked),
        "warnings": warnings(checked),
        "results": checked.iter().map(result).collect::<Json>(),
    })
}
