//! Data sets of an index: as rows of a table, and one in all that is known of it.

use crate::args::Common;
use crate::error::{Failure, OK};
use crate::output::{Output, WIDTH, count, counted, cut, padded, size, visible, wrapped};
use crate::table::{Column, table};
use crate::team::short;
use crate::when;
use atdata::Value;
use atdata::format::pattern;
use atdata::index::Index;
use atdata::provider::{Entry, Page};
use atdata::source::shown;
use serde_json::{Value as Json, json};

/// More data sets than this are not listed unless asked for.
const LISTED: usize = 100;

/// The widest that the column of schemas becomes.
const SCHEMAS: usize = 24;

/// A data set, and what is known of it beside its entry.
pub(crate) struct About {
    entry: Entry,
    /// Since when the name has pointed to it; empty where that is not known.
    since: String,
    versions: Vec<String>,
    address: String,
}

/// Lists what the index names.
pub(crate) fn list_all(all: bool, common: &Common, out: &mut Output) -> Result<i32, Failure> {
    let data = |error| Failure::data(&error, "");
    let index = common.team.open()?;
    let entries = if all || common.json {
        index.current().collect::<atdata::Result<Vec<_>>>()
    } else {
        index.provider().current(&Page { after: None, limit: LISTED + 1 })
    };
    let mut entries = entries.map_err(data)?;
    let more = !all && !common.json && entries.len() > LISTED;
    if more {
        entries.truncate(LISTED);
    }
    show_all(&index, entries, common.json, out).map_err(data)?;
    if more {
        out.line(out.style.dim("  … and more; --all lists them"));
    }
    Ok(OK)
}

/// Shows data sets, a row each.
pub(crate) fn show_all(
    index: &Index,
    entries: Vec<Entry>,
    json: bool,
    out: &mut Output,
) -> atdata::Result<()> {
    let about = entries.into_iter().map(|entry| About::brief(index, entry));
    let about = about.collect::<atdata::Result<Vec<_>>>()?;
    let address = index.provider().address();
    if json {
        let datasets: Json = about.iter().map(About::to_json).collect();
        out.line(format!("{:#}", json!({"index": address, "datasets": datasets})));
        return Ok(());
    }
    if about.is_empty() {
        out.line(format!("no data sets in {}", visible(&address)));
        return Ok(());
    }
    let heading = [
        Column::Number("samples"),
        Column::Number("size"),
        Column::Number("shards"),
        Column::Text("since (UTC)"),
        Column::Text("schema"),
        Column::Text("name"),
    ];
    table(&about.iter().map(About::cells).collect::<Vec<_>>(), heading, out);
    out.line("");
    out.line(format!("{} in {}", counted(about.len() as u64, "data set"), visible(&address)));
    Ok(())
}

/// What is known of an entry's size: `300 samples in 3 shards (1.2 MiB)`.
pub(crate) fn extent(entry: &Entry) -> String {
    let shards = counted(shards_of(entry), "shard");
    let bytes = entry.facts.bytes.map(|bytes| format!(" ({})", size(bytes))).unwrap_or_default();
    match entry.facts.samples {
        Some(samples) => format!("{} in {shards}{bytes}", counted(samples, "sample")),
        None => format!("{shards}{bytes}"),
    }
}

/// Shows what is known, below a heading.
pub(crate) fn show_facts(rows: &[(&str, String)], out: &mut Output) {
    out.line("");
    out.line(out.style.bold("Data set"));
    for (name, words) in rows.iter().filter(|(_, words)| !words.is_empty()) {
        let name = padded(name, 11);
        // An address is copied as a whole.
        let room = if words.contains(' ') { WIDTH - 15 } else { usize::MAX };
        for (at, line) in wrapped(&visible(words), room).iter().enumerate() {
            let name = if at == 0 { name.clone() } else { padded("", 11) };
            out.line(format!("  {name}  {line}"));
        }
    }
}

fn shards_of(entry: &Entry) -> u64 {
    let shards = |url: &String| pattern::expand(url).map_or(1, |shards| shards.len() as u64);
    entry.data_urls.iter().map(shards).sum()
}

impl About {
    /// All that is known.
    pub(crate) fn of(index: &Index, entry: &Entry) -> atdata::Result<Self> {
        let labels = index.provider().labels(&entry.cid)?.into_iter();
        let versions = labels.filter(|label| label.name == entry.name && !label.version.is_empty());
        let versions = versions.map(|label| label.version).collect();
        Ok(Self { versions, ..Self::brief(index, entry.clone())? })
    }

    /// The same without its versions.
    fn brief(index: &Index, entry: Entry) -> atdata::Result<Self> {
        let moments = index.provider().history(&entry.name)?;
        let since = moments.into_iter().find(|moment| moment.cid == entry.cid);
        let since = since.map(|moment| moment.at).unwrap_or_default();
        Ok(Self { entry, since, versions: Vec::new(), address: index.provider().address() })
    }

    fn cells(&self) -> [String; 6] {
        let facts = &self.entry.facts;
        let known = |fact: Option<String>| fact.unwrap_or_else(|| "?".to_owned());
        [
            known(facts.samples.map(count)),
            known(facts.bytes.map(size)),
            count(shards_of(&self.entry)),
            when::minute(&self.since),
            cut(&visible(&short(&self.entry.schema_ref)), SCHEMAS),
            visible(&self.entry.name),
        ]
    }

    /// Shows it below a heading.
    pub(crate) fn show(&self, out: &mut Output) {
        let text = |key| self.said(key).unwrap_or_default();
        let since = match when::minute(&self.since) {
            since if since.is_empty() => since,
            since => format!("{since} UTC"),
        };
        let rows = [
            ("name", self.entry.name.clone()),
            ("description", text("description")),
            ("tags", self.tags().join(", ")),
            ("licence", text("license")),
            ("schema", short(&self.entry.schema_ref)),
            ("versions", self.versions.join(", ")),
            ("since", since),
            ("content", self.entry.facts.content_cid.clone().unwrap_or_default()),
            ("cid", self.entry.cid.clone()),
            ("index", self.address.clone()),
        ];
        show_facts(&rows, out);
    }

    fn said(&self, key: &str) -> Option<String> {
        match self.entry.about(key)? {
            Value::Str(text) => Some(text.clone()),
            _ => None,
        }
    }

    fn tags(&self) -> Vec<String> {
        let Some(Value::List(tags)) = self.entry.about("tags") else { return Vec::new() };
        let text = |tag: &Value| match tag {
            Value::Str(tag) => Some(tag.clone()),
            _ => None,
        };
        tags.iter().filter_map(text).collect()
    }

    /// The same for programs.
    pub(crate) fn to_json(&self) -> Json {
        let Entry { cid, name, schema_ref, data_urls, facts, .. } = &self.entry;
        let since = Some(&self.since).filter(|since| !since.is_empty());
        json!({
            "name": name,
            "cid": cid,
            "content_cid": facts.content_cid,
            "schema": schema_ref,
            "samples": facts.samples,
            "bytes": facts.bytes,
            "shards": shards_of(&self.entry),
            "urls": data_urls.iter().map(|url| shown(url)).collect::<Json>(),
            "since": since,
            "description": self.said("description"),
            "tags": self.tags(),
            "license": self.said("license"),
        })
    }
}
