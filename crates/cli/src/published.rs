//! A data set that somebody has published: what its record and its schema say.

use crate::args::Inspect;
use crate::datasets::show_facts;
use crate::error::{Failure, OK};
use crate::network::{failure, reading};
use crate::output::{Output, count, counted, size, visible};
use crate::published_list::show_shards;
use crate::schema::show_fields;
use crate::team::short;
use crate::{statistics, when};
use atdata::Shards;
use atdata::atmosphere::{Atmosphere, DatasetRecord, Found, SchemaRecord, Storage};
use atdata::format::schema::{Field, Schema};
use atdata::source::shown;
use atdata::{Error, SourceOptions};
use serde_json::{Value as Json, json};

/// What it is called: `@alice.example.com/flowers`, with the DID of an account that has no handle.
pub(crate) fn name(atmosphere: &Atmosphere, found: &Found<DatasetRecord>) -> String {
    format!("@{}/{}", publisher(atmosphere, found), found.record.name)
}

fn publisher(atmosphere: &Atmosphere, found: &Found<DatasetRecord>) -> String {
    let did = found.uri.authority();
    let handle = atmosphere.network().identity(did).ok().and_then(|account| account.handle);
    handle.map_or_else(|| did.to_owned(), |handle| handle.to_string())
}

/// The schema that an at-uri means, or `atdata://handle/sampleSchema/Name@version`.
pub(crate) fn schema(reference: &str) -> Result<(Atmosphere, Found<SchemaRecord>), Failure> {
    let atmosphere = reading()?;
    let found = atmosphere.schema(reference).map_err(|error| failure(error, reference))?;
    Ok((atmosphere, found))
}

/// `Flowers@1.0.0`.
pub(crate) fn type_of(schema: &Schema) -> String {
    match &schema.version {
        Some(version) => format!("{}@{version}", schema.name),
        None => schema.name.clone(),
    }
}

/// Shows a schema that somebody has published.
pub(crate) fn show_schema(reference: &str, json: bool, out: &mut Output) -> Result<i32, Failure> {
    let (_, found) = schema(reference)?;
    let uri = found.uri.to_string();
    if json {
        let cid = found.cid.to_string();
        out.line(format!("{:#}", json!({"ref": uri, "cid": cid, "schema": found.value})));
        return Ok(OK);
    }
    out.line(out.style.bold(&visible(&type_of(found.schema()))));
    out.line(format!("  {}", visible(&uri)));
    out.line(format!("  {}", found.cid));
    let published = when::minute(&found.record.created_at);
    if !published.is_empty() {
        out.line(format!("  published {published} UTC"));
    }
    show_fields(found.schema(), out);
    Ok(OK)
}

/// Shows what is said of a data set; no shard of it is fetched.
pub(crate) fn inspect(
    options: &Inspect,
    (atmosphere, found): (&Atmosphere, &Found<DatasetRecord>),
    json: bool,
    out: &mut Output,
) -> Result<i32, Failure> {
    let schema = atmosphere.follow::<SchemaRecord>(&found.record.schema);
    let statistics = match found.record.manifests {
        Some(_) => source(atmosphere, found).and_then(|shards| shards.statistics()).map(Some),
        None => Ok(None),
    };
    if json {
        let mut json = to_json(found, schema.as_ref().ok());
        json["target"] = options.target.clone().into();
        json["fields"] = schema.as_ref().map_or(Json::Null, |found| fields(found.schema()));
        let known = statistics.as_ref().ok().and_then(Option::as_ref);
        json["statistics"] = known.map(statistics::to_json).into();
        out.line(format!("{json:#}"));
    } else {
        out.line(out.style.bold(&visible(&name(atmosphere, found))));
        out.line(format!("  {}", extent(&found.record)));
        show_facts(&facts(atmosphere, found, schema.as_ref().ok()), out);
        out.line("");
        out.line(out.style.bold("Shards"));
        show_shards(found, options.all, out);
        if let Ok(schema) = &schema {
            show_fields(schema.schema(), out);
        }
        if let Ok(Some(found)) = statistics.as_ref().map(Option::as_ref) {
            out.line("");
            out.line(out.style.bold(&statistics::title(found)));
            statistics::show(found, out);
        }
    }
    let met: Option<Error> = schema.err().or(statistics.err());
    met.map_or(Ok(OK), |error| Err(failure(error, &options.target)))
}

fn source(atmosphere: &Atmosphere, found: &Found<DatasetRecord>) -> atdata::Result<Shards> {
    Ok(Shards::new(atmosphere.source(found, &SourceOptions::default())?))
}

/// What is known of its size: `300 samples in 3 shards (1.2 MiB)`.
pub(crate) fn extent(record: &DatasetRecord) -> String {
    let shards = counted(shards_of(record), "shard");
    let bytes = record.size.bytes.map(|bytes| format!(" ({})", size(bytes))).unwrap_or_default();
    match record.size.samples {
        Some(samples) => format!("{} in {shards}{bytes}", counted(samples, "sample")),
        None => format!("{shards}{bytes}"),
    }
}

pub(crate) fn shards_of(record: &DatasetRecord) -> u64 {
    let listed = match &record.storage {
        Storage::External(shards) => shards.len(),
        Storage::Blobs(blobs) => blobs.len(),
    };
    record.size.shards.unwrap_or(listed as u64)
}

/// Where the shards are, in words.
pub(crate) fn storage(atmosphere: &Atmosphere, found: &Found<DatasetRecord>) -> String {
    match &found.record.storage {
        Storage::Blobs(blobs) => {
            let server = atmosphere.network().identity(found.uri.authority());
            let server = server.map_or_else(|_| "its server".to_owned(), |account| account.pds);
            format!("{} at {server}", counted(blobs.len() as u64, "blob"))
        }
        Storage::External(shards) => {
            let known = shards.iter().filter(|shard| shard.sha256.is_some()).count();
            let known = match known {
                0 => "no SHA-256 known".to_owned(),
                all if all == shards.len() => "SHA-256 known".to_owned(),
                some => format!("SHA-256 of {} known", count(some as u64)),
            };
            format!("{}, {known}", counted(shards.len() as u64, "address"))
        }
    }
}

fn facts(
    atmosphere: &Atmosphere,
    found: &Found<DatasetRecord>,
    schema: Option<&Found<SchemaRecord>>,
) -> [(&'static str, String); 12] {
    let record = &found.record;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let since = match when::minute(&record.created_at) {
        since if since.is_empty() => since,
        since => format!("{since} UTC"),
    };
    let schema = schema.map_or_else(|| short(&record.schema.uri), |found| type_of(found.schema()));
    [
        ("name", record.name.clone()),
        ("by", format!("@{} ({})", publisher(atmosphere, found), found.uri.authority())),
        ("description", text(&record.description)),
        ("tags", record.tags.join(", ")),
        ("licence", text(&record.license)),
        ("schema", schema),
        ("", record.schema.uri.clone()),
        ("storage", storage(atmosphere, found)),
        ("since", since),
        ("content", text(&record.content_cid)),
        ("uri", found.uri.to_string()),
        ("cid", found.cid.to_string()),
    ]
}

fn fields(schema: &Schema) -> Json {
    let field = |field: &Field| json!({"name": field.name, "type": field.ty.to_string(), "optional": field.optional});
    schema.fields.iter().map(field).collect()
}

/// The addresses of the shards.
pub(crate) fn urls(found: &Found<DatasetRecord>) -> Vec<String> {
    let entry = found.entry().map(|entry| entry.data_urls).unwrap_or_default();
    entry.iter().map(|url| shown(url)).collect()
}

/// A data set for programs.
pub(crate) fn to_json(found: &Found<DatasetRecord>, schema: Option<&Found<SchemaRecord>>) -> Json {
    let record = &found.record;
    json!({
        "name": record.name,
        "uri": found.uri.to_string(),
        "cid": found.cid.to_string(),
        "content_cid": record.content_cid,
        "schema": record.schema.uri,
        "schema_cid": record.schema.cid.map(|cid| cid.to_string()),
        "type": schema.map(|found| type_of(found.schema())),
        "samples": record.size.samples,
        "bytes": record.size.bytes,
        "shards": shards_of(record),
        "storage": record.storage.kind(),
        "urls": urls(found),
        "since": record.created_at,
        "description": record.description,
        "tags": record.tags,
        "license": record.license,
    })
}
