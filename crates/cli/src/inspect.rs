//! `atdata inspect`: shards, sizes, fields and one sample.

use crate::args::{Common, Inspect};
use crate::error::{Failure, OK, message};
use crate::fields::Fields;
use crate::output::{Output, WIDTH, count, counted, cut, cut_start, padded, size, visible, width};
use crate::progress::Progress;
use crate::samples::{Found, Samples};
use crate::table::{Column, table};
use crate::target::{Dataset, Target, size_of};
use crate::{datasets, head, json, published, show, statistics};
use atdata::manifest::Statistics;
use atdata::source::{DataSource, shown};
use atdata::{Error, Shards, load};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// More shards than this are not all listed unless asked for.
const LISTED: usize = 10;

const SAMPLES: Column = Column::Number("samples");
const SIZE: Column = Column::Number("size");

/// The widest that the column of shards, or of fields, becomes.
const NAMES: usize = 48;

/// All that is shown.
struct Overview {
    splits: Vec<SplitSizes>,
    fields: Fields,
    sample: Option<Found>,
    statistics: Statistics,
    problems: Vec<Error>,
}

struct SplitSizes {
    name: String,
    shards: Vec<ShardSize>,
}

struct ShardSize {
    name: String,
    samples: u64,
    bytes: u64,
}

/// Shows what can be read, then the first thing that cannot.
pub(crate) fn run(options: &Inspect, common: &Common, out: &mut Output) -> Result<i32, Failure> {
    let data = |error| Failure::data(&error, &options.target);
    let target = Target::find(&options.target, common)?;
    let about = match &target.dataset {
        Dataset::None => None,
        Dataset::Of(index, entry) => Some(datasets::About::of(index, entry)),
        Dataset::Published(atmosphere, found) => {
            return published::inspect(options, (atmosphere, found), common.json, out);
        }
    };
    let about = about.transpose().map_err(data)?;
    let overview = Overview::of(target, options.samples).map_err(data)?;
    if common.json {
        let mut json = overview.to_json(&shown(&options.target));
        if let Some(about) = about {
            json["dataset"] = about.to_json();
        }
        out.line(format!("{json:#}"));
    } else {
        overview.show(options, about.as_ref(), out);
    }
    Failure::first_of(&overview.problems, &options.target).map_or(Ok(OK), Err)
}

impl Overview {
    fn of(target: Target, samples: u64) -> atdata::Result<Self> {
        let mut problems = Vec::new();
        let shards = target.shards();
        let splits = measure(target.splits, &shards, &mut problems);
        let statistics = shards.statistics()?;
        let (mut fields, mut sample) = (Fields::default(), None);
        let looked = look(&target.source, samples, &mut fields, &mut sample);
        if let Err(error) = looked {
            let known = problems.iter().any(|known| message(known) == message(&error));
            if !known {
                problems.insert(0, error);
            }
        }
        Ok(Self { splits, fields, sample, statistics, problems })
    }

    fn shards(&self) -> impl Iterator<Item = &ShardSize> {
        self.splits.iter().flat_map(|split| &split.shards)
    }

    fn show(&self, options: &Inspect, about: Option<&datasets::About>, out: &mut Output) {
        let (samples, bytes) = sums(self.shards());
        let shards = counted(self.shards().count() as u64, "shard");
        out.line(out.style.bold(&visible(&shown(&options.target))));
        out.line(format!("  {} in {shards}, {}", counted(samples, "sample"), size(bytes)));
        if let Some(about) = about {
            about.show(out);
        }
        if self.splits.len() > 1 {
            section("Splits", out);
            let rows: Vec<_> = self.splits.iter().map(SplitSizes::row).collect();
            table(&rows, [Column::Text("split"), SAMPLES, SIZE], out);
        }
        section("Shards", out);
        self.show_shards(options.all, out);
        if self.fields.samples() > 0 {
            self.show_fields(samples, out);
        }
        if !self.statistics.fields.is_empty() {
            section(&statistics::title(&self.statistics), out);
            statistics::show(&self.statistics, out);
        }
        if let Some(found) = &self.sample {
            section("First sample", out);
            head::heading(found, false, out);
            show::fields(
                found.sample.fields().iter().map(|(name, value)| (name.as_str(), value)),
                out,
            );
        }
    }

    fn show_shards(&self, all: bool, out: &mut Output) {
        let total = self.shards().count();
        let listed = if all || total <= LISTED { total } else { LISTED };
        let rows: Vec<_> = self.shards().take(listed).map(ShardSize::row).collect();
        table(&rows, [Column::Text("shard"), SAMPLES, SIZE], out);
        if listed < total {
            let more = count((total - listed) as u64);
            out.line(out.style.dim(&format!("  … and {more} more; --all lists them")));
        }
    }

    fn show_fields(&self, samples: u64, out: &mut Output) {
        let looked_at = self.fields.samples();
        let part = if looked_at < samples { "first " } else { "" };
        section(&format!("Fields (seen in {part}{})", counted(looked_at, "sample")), out);
        let rows: Vec<_> = self.fields.rows().collect();
        let names = rows.iter().map(|(name, ..)| width(name)).max().unwrap_or(0).min(NAMES / 2);
        for (name, words, note) in rows {
            let note = note.map(|note| format!("  ({note})")).unwrap_or_default();
            let mut lines = wrapped(&words, WIDTH.saturating_sub(4 + names + width(&note)));
            if let Some(last) = lines.last_mut() {
                *last += &out.style.dim(&note);
            }
            for (at, line) in lines.iter().enumerate() {
                let name = if at == 0 { cut(&name, names) } else { String::new() };
                out.line(format!("  {}  {line}", padded(&name, names)));
            }
        }
    }

    fn to_json(&self, target: &str) -> Json {
        let (samples, bytes) = sums(self.shards());
        let fields = |found: &Found| {
            let fields = found.sample.fields().iter().map(|(name, value)| (name.as_str(), value));
            json::sample(found, fields, false)
        };
        json!({
            "target": target,
            "shards": self.shards().count(),
            "samples": samples,
            "bytes": bytes,
            "splits": self.splits.iter().map(SplitSizes::to_json).collect::<Json>(),
            "looked_at": self.fields.samples(),
            "fields": self.fields.to_json(),
            "statistics": statistics::to_json(&self.statistics),
            "sample": self.sample.as_ref().map(fields),
            "problems": self.problems.iter().map(json::error).collect::<Json>(),
        })
    }
}

fn section(title: &str, out: &mut Output) {
    out.line("");
    out.line(out.style.bold(title));
}

/// Several types below each other, where they do not fit one line.
fn wrapped(words: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words.split_inclusive(" | ") {
        match lines.last_mut() {
            Some(line) if width(line) + width(word.trim_end()) <= room => *line += word,
            _ => lines.push(cut(word, room.max(8))),
        }
    }
    lines.into_iter().map(|line| line.trim_end().to_owned()).collect()
}

impl SplitSizes {
    fn row(&self) -> [String; 3] {
        let (samples, bytes) = sums(self.shards.iter());
        [visible(&self.name), count(samples), size(bytes)]
    }

    fn to_json(&self) -> Json {
        let (samples, bytes) = sums(self.shards.iter());
        let shards: Json = self.shards.iter().map(ShardSize::to_json).collect();
        json!({"name": self.name, "samples": samples, "bytes": bytes, "shards": shards})
    }
}

impl ShardSize {
    fn row(&self) -> [String; 3] {
        [cut_start(&visible(&self.name), NAMES), count(self.samples), size(self.bytes)]
    }

    fn to_json(&self) -> Json {
        json!({"name": self.name, "samples": self.samples, "bytes": self.bytes})
    }
}

fn sums<'a>(shards: impl Iterator<Item = &'a ShardSize>) -> (u64, u64) {
    shards.fold((0, 0), |(samples, bytes), shard| (samples + shard.samples, bytes + shard.bytes))
}

/// The sizes of all shards; what is wrong with one is noted, and the next one measured.
fn measure(found: Vec<load::Split>, shards: &Shards, problems: &mut Vec<Error>) -> Vec<SplitSizes> {
    let bar = Progress::bytes("Reading headers", shards.bytes().ok().flatten());
    let mut number = 0..;
    let mut size_of = |name: String| {
        let at = number.next().unwrap_or_default();
        let bytes = size_of(&**shards.source(), &name);
        let (samples, met) = match shards.survey(at) {
            Ok((index, met)) => (index.len() as u64, met),
            Err(error) => (0, vec![error]),
        };
        problems.extend(met);
        bar.add(bytes);
        ShardSize { name: shown(&name), samples, bytes }
    };
    let mut split = |(name, files): load::Split| SplitSizes {
        name,
        shards: files.into_iter().map(&mut size_of).collect(),
    };
    found.into_iter().map(&mut split).collect()
}

/// Looks at the first samples, and keeps the very first.
fn look(
    source: &Arc<dyn DataSource>,
    limit: u64,
    fields: &mut Fields,
    first: &mut Option<Found>,
) -> atdata::Result<()> {
    let mut samples = Samples::open(source, None)?;
    while fields.samples() < limit {
        let Some(found) = samples.next()? else { break };
        fields.add(&found.sample);
        first.get_or_insert(found);
    }
    Ok(())
}
