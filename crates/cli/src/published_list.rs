//! What an account has published, and the shards of a data set as its record has them.

use crate::args::Common;
use crate::error::{Failure, OK};
use crate::network::{failure, reading};
use crate::output::{Output, count, counted, cut, size, visible};
use crate::published::{shards_of, to_json, type_of};
use crate::table::{Column, table};
use crate::team::short;
use crate::when;
use atdata::atmosphere::{Atmosphere, DatasetRecord, Found, SchemaRecord, Storage};
use atdata::atproto::BlobRef;
use atdata::source::shown;
use serde_json::{Value as Json, json};
use std::collections::HashMap;

/// The widest that the column of schemas becomes.
const SCHEMAS: usize = 24;

/// More shards than this are not all listed unless asked for.
const LISTED: usize = 10;

/// Schemas by their addresses.
type Schemas = HashMap<String, Found<SchemaRecord>>;

/// Lists the data sets of an account, the newest of every name.
pub(crate) fn list(account: &str, common: &Common, out: &mut Output) -> Result<i32, Failure> {
    let met = |error| failure(error, &format!("@{account}"));
    let atmosphere = reading()?;
    let identity = atmosphere.network().identity(account);
    let identity = identity.map_err(|error| met(error.into()))?;
    let datasets = atmosphere.datasets(Some(account)).map_err(met)?;
    let schemas = schemas(&atmosphere, account, &datasets).map_err(met)?;
    let who = identity.handle.map_or_else(|| identity.did.to_string(), |handle| handle.to_string());
    if common.json {
        let schema = |found: &Found<DatasetRecord>| schemas.get(&found.record.schema.uri);
        let datasets: Json = datasets.iter().map(|it| to_json(it, schema(it))).collect();
        let json = json!({"account": who, "did": identity.did.as_str(), "datasets": datasets});
        out.line(format!("{json:#}"));
        return Ok(OK);
    }
    if datasets.is_empty() {
        out.line(format!("@{} has published no data set", visible(&who)));
        return Ok(OK);
    }
    let heading = [
        Column::Number("samples"),
        Column::Number("size"),
        Column::Number("shards"),
        Column::Text("since (UTC)"),
        Column::Text("schema"),
        Column::Text("name"),
    ];
    let rows: Vec<_> = datasets.iter().map(|found| row(found, &schemas)).collect();
    table(&rows, heading, out);
    out.line("");
    let datasets = counted(datasets.len() as u64, "data set");
    out.line(format!("{datasets} of @{} at {}", visible(&who), visible(&identity.pds)));
    Ok(OK)
}

/// The schemas of data sets, as far as they can be had: mostly they are of the same account.
fn schemas(
    atmosphere: &Atmosphere,
    account: &str,
    datasets: &[Found<DatasetRecord>],
) -> atdata::Result<Schemas> {
    let own = atmosphere.list::<SchemaRecord>(Some(account), None)?;
    let mut known: Schemas = own.into_iter().map(|found| (found.uri.to_string(), found)).collect();
    for found in datasets {
        let link = &found.record.schema;
        if !known.contains_key(&link.uri)
            && let Ok(found) = atmosphere.follow(link)
        {
            known.insert(link.uri.clone(), found);
        }
    }
    Ok(known)
}

fn row(found: &Found<DatasetRecord>, schemas: &Schemas) -> [String; 6] {
    let record = &found.record;
    let known = |fact: Option<String>| fact.unwrap_or_else(|| "?".to_owned());
    let schema = schemas.get(&record.schema.uri).map(|found| type_of(found.schema()));
    let schema = schema.unwrap_or_else(|| short(&record.schema.uri));
    [
        known(record.size.samples.map(count)),
        known(record.size.bytes.map(size)),
        count(shards_of(record)),
        when::minute(&record.created_at),
        cut(&visible(&schema), SCHEMAS),
        visible(&record.name),
    ]
}

/// Shows the shards of a data set, with their sizes where the record says them.
pub(crate) fn show_shards(found: &Found<DatasetRecord>, all: bool, out: &mut Output) {
    let rows: Vec<(Option<u64>, String)> = match &found.record.storage {
        Storage::Blobs(blobs) => {
            blobs.iter().map(|blob| (Some(blob.size), blob.cid.to_string())).collect()
        }
        Storage::External(shards) => shards.iter().map(|shard| (None, shown(&shard.url))).collect(),
    };
    let listed = if all || rows.len() <= LISTED { rows.len() } else { LISTED };
    let cells = |(bytes, name): &(Option<u64>, String)| {
        [bytes.map_or_else(|| "?".to_owned(), size), visible(name)]
    };
    let cells: Vec<_> = rows.iter().take(listed).map(cells).collect();
    table(&cells, [Column::Number("size"), Column::Text("shard")], out);
    if listed < rows.len() {
        let more = count((rows.len() - listed) as u64);
        out.line(out.style.dim(&format!("  … and {more} more; --all lists them")));
    }
}

/// The blobs of a data set: what is listed of them is known without fetching them.
pub(crate) struct Blobs<'a> {
    found: &'a Found<DatasetRecord>,
    blobs: &'a [BlobRef],
}

impl<'a> Blobs<'a> {
    pub(crate) fn of(found: &'a Found<DatasetRecord>) -> Option<Self> {
        match &found.record.storage {
            Storage::Blobs(blobs) => Some(Self { found, blobs }),
            Storage::External(_) => None,
        }
    }

    pub(crate) fn list(&self, target: &str, json: bool, out: &mut Output) {
        let size_of = &self.found.record.size;
        let bytes = self.blobs.iter().map(|blob| blob.size).sum::<u64>();
        if json {
            let urls = crate::published::urls(self.found);
            let row = |(blob, url): (&BlobRef, &String)| json!({"shard": url, "split": "train", "samples": null, "bytes": blob.size, "index": "missing"});
            let rows: Json = self.blobs.iter().zip(&urls).map(row).collect();
            let json = json!({
                "target": target,
                "shards": self.blobs.len(),
                "samples": size_of.samples,
                "bytes": bytes,
                "indexes": 0,
                "results": rows,
                "problems": [],
            });
            out.line(format!("{json:#}"));
            return;
        }
        show_shards(self.found, true, out);
        out.line("");
        out.line(crate::published::extent(&self.found.record));
        out.line(format!("in at://{}/blob", visible(self.found.uri.authority())));
    }
}
