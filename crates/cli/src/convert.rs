//! `atdata convert`: shards of other formats; [`convert_out`](crate::convert_out) is the way back.

use crate::args::{Common, Convert};
use crate::convert_out;
use crate::error::{self, Failure, OK};
use crate::network::is_published;
use crate::output::{Output, counted, padded, size, visible, width};
use crate::progress::Progress;
use crate::schema::schema_of;
use crate::team::LOCAL;
use atdata::convert::{ConvertOptions, Converted, Done, Format, from_path};
use atdata::format::schema::Schema;
use atdata::source::is_remote;
use serde_json::{Value as Json, json};
use std::path::Path;

/// Sees which of both sides are shards.
pub(crate) fn run(options: &Convert, common: &Common, out: &mut Output) -> Result<i32, Failure> {
    let target = options.target.to_string_lossy();
    if is_named(&target) || is_remote(&target) {
        let hint = "write a file, then atdata push FILE NAME";
        return Err(Failure::usage("only files on this machine can be written").hint(hint));
    }
    let to = to_format(options)?;
    let from = from_format(options)?;
    match (from, to) {
        (Format::Shards, Some(Format::Shards)) => {
            let hint = "--to webdataset writes plain tar archives";
            Err(Failure::usage("both sides would be shards").hint(hint))
        }
        (Format::Shards, Some(to)) => convert_out::run(options, to, common, out),
        (Format::Shards, None) => {
            let hint = "name a file such as data.parquet, or say --to webdataset";
            Err(Failure::usage("the target's ending does not say a format").hint(hint))
        }
        (from, Some(Format::Shards) | None) => into_shards(options, from, common, out),
        (from, Some(to)) => {
            let hint = "convert to shards first, then those";
            let message = format!("one side must be shards, not {from} to {to}");
            Err(Failure::usage(message).hint(hint))
        }
    }
}

/// Whether an index or the network names it.
fn is_named(text: &str) -> bool {
    text.starts_with(LOCAL) || is_published(text)
}

fn named(name: &str) -> Result<Format, Failure> {
    name.parse().map_err(|error| Failure::data(&error, ""))
}

/// The format to write; none for an ending that says none. `.tar` is shards unless it is told.
fn to_format(options: &Convert) -> Result<Option<Format>, Failure> {
    if let Some(name) = &options.to {
        return named(name).map(Some);
    }
    Ok(Format::by_ending(&options.target.to_string_lossy()))
}

fn from_format(options: &Convert) -> Result<Format, Failure> {
    if let Some(name) = &options.from {
        return named(name);
    }
    if is_named(&options.source) || is_remote(&options.source) {
        return Ok(Format::Shards);
    }
    Format::of_input(Path::new(&options.source)).map_err(|error| {
        let failure = Failure::data(&error, &options.source);
        let unknown = matches!(error, atdata::Error::Invalid(_));
        if unknown { failure.hint("--from FORMAT says which") } else { failure }
    })
}

fn into_shards(
    options: &Convert,
    from: Format,
    common: &Common,
    out: &mut Output,
) -> Result<i32, Failure> {
    let target = options.target.display().to_string();
    if !target.ends_with(".tar") {
        let message = format!("{}: the name of shards ends in .tar", visible(&target));
        return Err(Failure::usage(message).hint("atdata convert FROM data.tar"));
    }
    let converted =
        from_path(Path::new(&options.source), &options.target, wanted(options, from, common)?);
    let converted = converted.map_err(|error| {
        let failure = Failure::data(&error, &options.source);
        match error {
            atdata::Error::Conflict(_) => failure.hint("--overwrite replaces it"),
            _ => failure,
        }
    })?;
    if common.json {
        out.line(format!("{:#}", to_json(from, &converted)));
    } else {
        show_schema(&converted.schema);
        summary(from, &converted, out);
    }
    if !converted.left_out.is_empty() {
        let names = converted.left_out.join(", ");
        error::note(&format!("the schema does not have these, so they were left out: {names}"));
    }
    Ok(OK)
}

fn wanted(options: &Convert, from: Format, common: &Common) -> Result<ConvertOptions, Failure> {
    let mut wanted = ConvertOptions::new()
        .format(from)
        .rename_dots(options.rename_dots)
        .overwrite(options.overwrite)
        .progress(bars());
    if let Some(text) = &options.schema {
        wanted = wanted.schema(schema(text, common)?);
    }
    if let Some(name) = &options.type_name {
        wanted = wanted.type_name(name.as_str());
    }
    if let Some(samples) = options.maxcount {
        wanted = wanted.max_count(samples);
    }
    if let Some(bytes) = options.maxsize {
        wanted = wanted.max_size(bytes);
    }
    if let Some(delimiter) = options.delimiter()? {
        wanted = wanted.delimiter(delimiter);
    }
    Ok(wanted)
}

/// A schema of a file, which needs no index, or of the index.
fn schema(text: &str, common: &Common) -> Result<Schema, Failure> {
    if Path::new(text).is_file() || text.ends_with(".json") {
        return crate::schema::from_file(Path::new(text));
    }
    Ok(schema_of(&common.team.open()?, text)?.1)
}

/// A bar for each pass: with one for types, either has half of all bytes.
fn bars() -> impl FnMut(Done) -> bool + Send {
    let (mut bar, mut passes): (Option<(bool, Progress)>, u64) = (None, 1);
    move |done| {
        passes = if done.looking { 2 } else { passes };
        let total = done.total / passes;
        if bar.as_ref().is_none_or(|(looking, _)| *looking != done.looking) {
            let verb = if done.looking { "Looking at types" } else { "Writing shards" };
            bar = Some((done.looking, Progress::bytes(verb, Some(total))));
        }
        let before = if done.looking { 0 } else { done.total - total };
        if let Some((_, bar)) = &bar {
            bar.set(done.bytes.saturating_sub(before));
        }
        true
    }
}

/// Tells the fields on stderr, since they are no result.
pub(crate) fn show_schema(schema: &Schema) {
    let names = schema.fields.iter().map(|field| width(&field.name)).max().unwrap_or(0);
    let mut text = format!("{}\n", visible(&schema.name));
    for field in &schema.fields {
        let none = if field.optional { " | None" } else { "" };
        let name = padded(&visible(&field.name), names);
        text += &format!("  {name}  {}{none}\n", visible(&field.ty.to_string()));
    }
    error::plain(&text);
}

/// `ok: csv to shards: 3 samples in 1 shard (2.5 KiB)`, and where the shards of each split are.
fn summary(from: Format, converted: &Converted, out: &mut Output) {
    let ok = out.style.good("ok:");
    let samples = counted(converted.samples(), "sample");
    let shards = counted(converted.paths().count() as u64, "shard");
    out.line(format!("{ok} {from} to shards: {samples} in {shards} ({})", size(converted.bytes())));
    for (split, written) in &converted.splits {
        let of = match converted.splits.len() {
            1 => String::new(),
            _ => format!("{split}: {}: ", counted(written.progress.samples, "sample")),
        };
        out.line(format!("  {of}{}", visible(&span(&written.paths))));
    }
}

/// `a-000000.tar ... a-000007.tar`.
pub(crate) fn span(paths: &[std::path::PathBuf]) -> String {
    let name = |path: Option<&std::path::PathBuf>| path.map(|path| path.display().to_string());
    match paths {
        [one] => one.display().to_string(),
        _ => {
            let (first, last) = (name(paths.first()), name(paths.last()));
            format!("{} ... {}", first.unwrap_or_default(), last.unwrap_or_default())
        }
    }
}

fn to_json(from: Format, converted: &Converted) -> Json {
    let splits = converted.splits.iter().map(|(split, written)| {
        json!({
            "split": split,
            "samples": written.progress.samples,
            "bytes": written.progress.bytes,
            "paths": written.paths.iter().map(|path| path.display().to_string()).collect::<Json>(),
        })
    });
    json!({
        "from": from.name(),
        "to": "shards",
        "samples": converted.samples(),
        "bytes": converted.bytes(),
        "schema": converted.schema.to_json(""),
        "splits": splits.collect::<Json>(),
        "left_out": converted.left_out,
    })
}
