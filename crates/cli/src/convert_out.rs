//! `atdata convert` of shards into other formats.

use crate::args::{Common, Convert};
use crate::convert::{show_schema, span};
use crate::error::{Failure, OK};
use crate::output::{Output, counted, size, visible};
use crate::progress::Progress;
use crate::target::Target;
use atdata::convert::{Format, OutOptions, Outgoing, to_path};
use atdata::{DictSample, Shards};
use serde_json::{Value as Json, json};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// Looks at the samples' types, then writes them.
pub(crate) fn run(
    options: &Convert,
    to: Format,
    common: &Common,
    out: &mut Output,
) -> Result<i32, Failure> {
    let data = |error: atdata::Error| {
        let failure = Failure::data(&error, &options.source);
        match error {
            atdata::Error::Conflict(_) => failure.hint("--overwrite replaces it"),
            _ => failure,
        }
    };
    if options.maxsize.is_some() || options.schema.is_some() {
        let message = "--maxsize and --schema are for shards";
        return Err(Failure::usage(message).hint("--maxcount limits the samples of a file"));
    }
    let target = Target::find(&options.source, common)?;
    if target.splits.len() > 1 {
        let splits: Vec<_> = target.splits.iter().map(|(split, _)| split.as_str()).collect();
        let message = format!("the shards are of several splits: {}", splits.join(", "));
        return Err(Failure::usage(message).hint("convert each by itself: name its files"));
    }
    let dataset = atdata::Dataset::<DictSample>::from_source(Arc::clone(&target.source));
    let (samples, schema) = look(&dataset).map_err(data)?;
    let total = dataset.len().map_err(data)?;
    let bar = Arc::new(Mutex::new(Progress::samples("Writing", total)));
    let mut samples = samples.watched(move |done| {
        if let Ok(bar) = bar.lock() {
            bar.set(done);
        }
        Ok(())
    });
    let wanted = OutOptions {
        max_count: options.maxcount,
        overwrite: options.overwrite,
        ..OutOptions::default()
    };
    let paths = to_path(&mut samples, &options.target, to, &wanted).map_err(data)?;
    drop(samples);
    if common.json {
        out.line(format!("{:#}", to_json(to, total, &paths)));
    } else {
        show_schema(&schema);
        summary(to, total, &paths, out);
    }
    Ok(OK)
}

fn look(dataset: &atdata::Dataset) -> atdata::Result<(Outgoing, atdata::schema::Schema)> {
    let shards: &Shards = dataset.shards();
    let bar = Progress::bytes("Looking at types", shards.bytes().ok().flatten());
    Outgoing::of_shards(dataset, |bytes| bar.add(bytes))
}

fn bytes(paths: &[PathBuf]) -> u64 {
    paths.iter().map(|path| path.metadata().map_or(0, |found| found.len())).sum()
}

fn summary(to: Format, samples: u64, paths: &[PathBuf], out: &mut Output) {
    let ok = out.style.good("ok:");
    let (samples, files) = (counted(samples, "sample"), counted(paths.len() as u64, "file"));
    out.line(format!("{ok} shards to {to}: {samples} in {files} ({})", size(bytes(paths))));
    out.line(format!("  {}", visible(&span(paths))));
}

fn to_json(to: Format, samples: u64, paths: &[PathBuf]) -> Json {
    json!({
        "from": "shards",
        "to": to.name(),
        "samples": samples,
        "bytes": bytes(paths),
        "paths": paths.iter().map(|path| path.display().to_string()).collect::<Json>(),
    })
}
