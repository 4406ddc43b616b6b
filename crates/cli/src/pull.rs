//! `atdata pull`: a data set's shards in a folder.

use crate::args::{Common, Pull};
use crate::error::{self, Failure, OK};
use crate::output::{Output, counted, size, visible};
use crate::progress::Progress;
use crate::target::size_of;
use crate::team;
use atdata::SourceOptions;
use atdata::index::{Index, Pulled};
use atdata::provider::Entry;
use atdata::source::shown;
use atdata::store::prefix_of;
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};

/// Copies what is not there yet, and checks what is.
pub(crate) fn run(options: &Pull, common: &Common, out: &mut Output) -> Result<i32, Failure> {
    let index = common.team.open()?;
    let entry = team::find(&index, &options.target)?;
    let data = |error| Failure::data(&error, &options.target);
    let folder = match &options.folder {
        Some(folder) => folder.clone(),
        None => PathBuf::from(prefix_of(&entry.name).map_err(data)?),
    };
    let pulled = pull(&index, &entry, &folder).map_err(data)?;
    if common.json {
        out.line(format!("{:#}", to_json(&entry, &folder, &pulled)));
    } else {
        summary(&entry, &folder, &pulled, out);
    }
    let unchecked = pulled.iter().filter(|shard| !shard.checked).count() as u64;
    if unchecked > 0 {
        let shards = counted(unchecked, "shard");
        error::note(&format!("nobody has kept the SHA-256 of {shards}, so they were not checked"));
    }
    Ok(OK)
}

fn pull(index: &Index, entry: &Entry, folder: &Path) -> atdata::Result<Vec<Pulled>> {
    let total = match entry.facts.bytes {
        Some(bytes) => bytes,
        None => {
            let source = index.source(entry, &SourceOptions::default())?;
            source.shards()?.iter().map(|shard| size_of(&*source, shard)).sum()
        }
    };
    let bar = Progress::bytes("Pulling", Some(total));
    index.pull(entry, folder, |bytes| {
        bar.add(bytes);
        true
    })
}

/// `ok: 3 shards of @local/flowers in flowers (1.2 MiB), 2 of them there already`.
fn summary(entry: &Entry, folder: &Path, pulled: &[Pulled], out: &mut Output) {
    let shards = counted(pulled.len() as u64, "shard");
    let bytes = size(pulled.iter().map(|shard| shard.bytes).sum());
    let there = match pulled.iter().filter(|shard| shard.was_there).count() {
        0 => String::new(),
        there if there == pulled.len() => ", all there already".to_owned(),
        there => format!(", {there} of them there already"),
    };
    let (name, folder) = (visible(&entry.name), visible(&folder.display().to_string()));
    let ok = out.style.good("ok:");
    out.line(format!("{ok} {shards} of @local/{name} in {folder} ({bytes}){there}"));
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
