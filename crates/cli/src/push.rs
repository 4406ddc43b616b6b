//! `atdata push`: shards into the store, under a name in the index.

use crate::args::{Common, Push};
use crate::datasets::extent;
use crate::error::{self, Failure, OK};
use crate::output::{Output, visible};
use crate::progress::{Progress, watching};
use crate::schema::schema_of;
use crate::target::Target;
use crate::team::{LOCAL, short};
use atdata::format::schema::Schema;
use atdata::index::{Index, IndexWrite, Published, SchemaOf};
use atdata::infer::{Inference, type_name};
use atdata::provider::Entry;
use atdata::source::DataSource;
use atdata::{Shards, SourceOptions, open_source};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Finds the schema, copies the shards, and names them.
pub(crate) fn run(options: &Push, common: &Common, out: &mut Output) -> Result<i32, Failure> {
    let data = |error| Failure::data(&error, options.paths.first().map_or("", String::as_str));
    let index = common.team.open()?;
    let shards = Shards::new(source(&options.paths, common)?);
    let (reference, schema) = match &options.schema {
        Some(given) => fitting(&shards, schema_of(&index, given)?, |known| &known.1)?,
        None => (None, infer(&shards, options.type_name.as_deref(), &options.name)?),
    };
    let schema_of = match &reference {
        Some(reference) => SchemaOf::Reference(reference, &schema),
        None => SchemaOf::Type(&schema),
    };
    let write = written(options, shards.bytes().ok().flatten());
    let inserted = index.insert(&shards, &options.name, schema_of, write);
    let (entry, published) = inserted.map_err(data)?;
    if common.json {
        out.line(format!("{:#}", to_json(&entry, published.as_ref())));
    } else {
        let found = options.schema.is_none().then_some(&schema);
        summary(&index, &entry, found, published.as_ref(), out);
    }
    if let Some(warning) = published.and_then(|published| published.warning()) {
        error::warning(&warning, out.style);
    }
    Ok(OK)
}

/// All shards in the order in which they were given.
pub(crate) fn source(paths: &[String], common: &Common) -> Result<Arc<dyn DataSource>, Failure> {
    let (mut shards, mut splits) = (Vec::new(), Vec::new());
    for path in paths {
        for (split, files) in Target::find(path, common)?.splits {
            shards.extend(files);
            splits.push(split);
        }
    }
    splits.dedup();
    if splits.len() > 1 {
        let splits = splits.join(" and ");
        error::note(&format!(
            "{splits} become one data set; push each by itself to keep them apart"
        ));
    }
    let source = open_source(shards, &SourceOptions::default());
    source.map_err(|error| Failure::data(&error, ""))
}

/// How many samples must fit a schema that was given.
const TRIED: u64 = 100;

/// What was given, if the first samples fit its schema.
pub(crate) fn fitting<T>(
    shards: &Shards,
    known: T,
    schema: impl Fn(&T) -> &Schema,
) -> Result<T, Failure> {
    let mut inference = Inference::default();
    let added = inference.add_first(shards.source(), TRIED, |_| {});
    added.map_err(|error| Failure::data(&error, ""))?;
    let misfits = match inference.samples() {
        0 => Vec::new(),
        _ => inference.misfits(schema(&known)),
    };
    if misfits.is_empty() {
        return Ok(known);
    }
    let message = format!("the samples do not fit {}: {}", schema(&known).name, misfits.join("; "));
    let hint = "without --schema, one that they fit is found";
    Err(Failure::unreadable(message).hint(hint))
}

/// The schema that all samples fit, under the name that is given or one made of the data set's.
pub(crate) fn infer(
    shards: &Shards,
    given: Option<&str>,
    dataset: &str,
) -> Result<Schema, Failure> {
    let bar = Progress::bytes("Reading samples", shards.bytes().ok().flatten());
    let mut inference = Inference::default();
    let added = inference.add_first(shards.source(), u64::MAX, |bytes| bar.add(bytes));
    drop(bar);
    added.map_err(|error| Failure::data(&error, ""))?;
    if inference.samples() == 0 {
        let failure = Failure::usage("there are no samples, so no schema can be found in them");
        return Err(failure.hint("--schema says which it is"));
    }
    let name = given.map_or_else(|| type_name(dataset), str::to_owned);
    Ok(inference.schema(&name))
}

fn written(options: &Push, total: Option<u64>) -> IndexWrite {
    IndexWrite {
        description: options.description.clone(),
        tags: options.tags.clone(),
        license: options.license.clone(),
        prefix: options.prefix.clone(),
        progress: watching("Pushing", total),
        ..IndexWrite::new()
    }
}

fn summary(
    index: &Index,
    entry: &Entry,
    found: Option<&Schema>,
    published: Option<&Published>,
    out: &mut Output,
) {
    let ok = out.style.good("ok:");
    out.line(format!("{ok} {LOCAL}{}: {}", visible(&entry.name), extent(entry)));
    let store = index.store().map(|store| store.address()).unwrap_or_default();
    let previous = published.and_then(|published| published.previous);
    let after = previous.map(|previous| format!(", after {previous}")).unwrap_or_default();
    out.line(format!("  schema  {}{after}", visible(&short(&entry.schema_ref))));
    for field in found.iter().flat_map(|schema| &schema.fields) {
        out.line(format!("            {}", visible(&field.to_string())));
    }
    out.line(format!("  cid     {}", entry.cid));
    out.line(format!("  index   {}", visible(&index.provider().address())));
    out.line(format!("  store   {}", visible(&store)));
}

fn to_json(entry: &Entry, published: Option<&Published>) -> Json {
    let changes = published.map(|published| &published.changes[..]).unwrap_or_default();
    json!({
        "name": entry.name,
        "cid": entry.cid,
        "content_cid": entry.facts.content_cid,
        "schema": entry.schema_ref,
        "changes": changes.iter().map(ToString::to_string).collect::<Json>(),
        "samples": entry.facts.samples,
        "bytes": entry.facts.bytes,
        "urls": entry.data_urls,
    })
}
