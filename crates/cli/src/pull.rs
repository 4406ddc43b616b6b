//! `atdata pull`: a data set's shards in a folder.

use crate::args::{Common, Pull};
use crate::datasets::extent;
use crate::error::{self, Failure, OK};
use crate::network::{self, is_published};
use crate::output::{Output, counted, size, visible};
use crate::progress::{Progress, watching};
use crate::published;
use crate::target::size_of;
use crate::team::{self, LOCAL, short};
use atdata::SourceOptions;
use atdata::atmosphere::{Atmosphere, DatasetRecord, Found};
use atdata::index::{Index, Pulled, pull_shards};
use atdata::provider::Entry;
use atdata::source::{DataSource, shown};
use atdata::store::prefix_of;
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Copies what is not there yet, and checks what is.
pub(crate) fn run(options: &Pull, common: &Common, out: &mut Output) -> Result<i32, Failure> {
    if let Some(name) = &options.name {
        return import(options, name, common, out);
    }
    let data = |error| Failure::data(&error, &options.target);
    let from = From::of(options, common)?;
    let entry = from.entry().map_err(data)?;
    let folder = match &options.folder {
        Some(folder) => folder.clone(),
        None => PathBuf::from(prefix_of(&entry.name).map_err(data)?),
    };
    let pulled = pull(&*from.source().map_err(data)?, &entry, &folder).map_err(data)?;
    if common.json {
        out.line(format!("{:#}", to_json(&entry, &folder, &pulled)));
    } else {
        summary(&from.name(&entry), &folder, &pulled, out);
    }
    let unchecked = pulled.iter().filter(|shard| !shard.checked).count() as u64;
    if unchecked > 0 {
        let shards = counted(unchecked, "shard");
        error::note(&format!("nobody has kept the SHA-256 of {shards}, so they were not checked"));
    }
    Ok(OK)
}

/// Where a data set is pulled from.
enum From {
    Index(Index, Box<Entry>),
    Network(Atmosphere, Box<Found<DatasetRecord>>),
}

impl From {
    fn of(options: &Pull, common: &Common) -> Result<Self, Failure> {
        if is_published(&options.target) {
            let (atmosphere, found) = network::find(&options.target)?;
            return Ok(Self::Network(atmosphere, Box::new(found)));
        }
        let index = common.team.open()?;
        let entry = team::find(&index, &options.target)?;
        Ok(Self::Index(index, Box::new(entry)))
    }

    fn entry(&self) -> atdata::Result<Entry> {
        match self {
            Self::Index(_, entry) => Ok((**entry).clone()),
            Self::Network(_, found) => found.entry(),
        }
    }

    fn source(&self) -> atdata::Result<Arc<dyn DataSource>> {
        match self {
            Self::Index(index, entry) => index.source(entry, &SourceOptions::default()),
            Self::Network(atmosphere, found) => atmosphere.source(found, &SourceOptions::default()),
        }
    }

    fn name(&self, entry: &Entry) -> String {
        match self {
            Self::Index(..) => format!("{LOCAL}{}", entry.name),
            Self::Network(atmosphere, found) => published::name(atmosphere, found),
        }
    }
}

/// Puts a published data set into the index.
fn import(options: &Pull, name: &str, common: &Common, out: &mut Output) -> Result<i32, Failure> {
    let (atmosphere, found) = network::find(&options.target)?;
    let index = common.team.open()?;
    let copy = (!options.urls).then(|| watching("Pulling", found.record.size.bytes));
    let entry = atmosphere.import_found(&index, &found, Some(name), copy);
    let entry = entry.map_err(|error| network::failure(error, &options.target))?;
    if common.json {
        let urls: Json = entry.data_urls.iter().map(|url| shown(url)).collect();
        let from = found.uri.to_string();
        let (name, cid, schema) = (&entry.name, &entry.cid, &entry.schema_ref);
        let json = json!({"name": name, "cid": cid, "schema": schema, "from": from, "urls": urls});
        out.line(format!("{json:#}"));
        return Ok(OK);
    }
    let from = visible(&published::name(&atmosphere, &found));
    let ok = out.style.good("ok:");
    out.line(format!("{ok} {LOCAL}{} from {from}: {}", visible(&entry.name), extent(&entry)));
    out.line(format!("  schema  {}", visible(&short(&entry.schema_ref))));
    out.line(format!("  cid     {}", entry.cid));
    Ok(OK)
}

fn pull(source: &dyn DataSource, entry: &Entry, folder: &Path) -> atdata::Result<Vec<Pulled>> {
    let total = match entry.facts.bytes {
        Some(bytes) => bytes,
        None => source.shards()?.iter().map(|shard| size_of(source, shard)).sum(),
    };
    let bar = Progress::bytes("Pulling", Some(total));
    pull_shards(source, entry, folder, |bytes| {
        bar.add(bytes);
        true
    })
}

/// `ok: 3 shards of @local/flowers in flowers (1.2 MiB), 2 of them there already`.
fn summary(name: &str, folder: &Path, pulled: &[Pulled], out: &mut Output) {
    let shards = counted(pulled.len() as u64, "shard");
    let bytes = size(pulled.iter().map(|shard| shard.bytes).sum());
    let there = match pulled.iter().filter(|shard| shard.was_there).count() {
        0 => String::new(),
        there if there == pulled.len() => ", all there already".to_owned(),
        there => format!(", {there} of them there already"),
    };
    let (name, folder) = (visible(name), visible(&folder.display().to_string()));
    let ok = out.style.good("ok:");
    out.line(format!("{ok} {shards} of {name} in {folder} ({bytes}){there}"));
}

fn to_json(entry: &Entry, folder: &Path, pulled: &[Pulled]) -> Json {
    let shard = |shard: &Pulled| {
        json!({
            "url": shown(&shard.url),
            "path": shard.path.display().to_string(),
            "bytes": shard.bytes,
            "was_there": shard.was_there,
            "checked": shard.checked,
        })
    };
    json!({
        "name": entry.name,
        "cid": entry.cid,
        "folder": folder.display().to_string(),
        "bytes": pulled.iter().map(|shard| shard.bytes).sum::<u64>(),
        "shards": pulled.iter().map(shard).collect::<Json>(),
    })
}
