//! A whole index as one file: a line of JSON for each schema, lens, entry and label.

mod values;

use super::house::check_version;
use super::{Index, pages};
use crate::error::{Error, Result};
use crate::provider::{Document, DocumentKind, Entry, Facts, Label};
use crate::store::check_name;
use crate::write::staged::{Staged, writable};
use atdata_format::cid::entry_cid;
use atdata_format::schema::Schema;
use serde_json::{Value as Json, json};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

/// The layout of the file; readers refuse one that they do not know.
pub const LAYOUT: u64 = 1;

/// What the first line says, beside the layout.
const MAGIC: &str = "atdata-index";

/// The longest line that is read, in bytes.
const MAX_LINE: u64 = 256 << 20;

/// What importing an index came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// Entries that were put in.
    pub entries: usize,
    /// Schemas and lenses that were not there yet.
    pub documents: usize,
    /// Labels that were put in.
    pub labels: usize,
    /// Labels that were left as they are, since they point to other entries here.
    pub kept: Vec<String>,
}

impl Index {
    /// Writes everything in the index but its history into one file, which is there as a whole or
    /// not at all. Shards are not in it.
    ///
    /// # Errors
    /// A path that cannot be written to; what the provider meets.
    pub fn export(&self, path: &Path) -> Result<()> {
        let mut staged = Staged::beside(writable(path, "index.jsonl")?);
        let failed = |error| Error::io("write", path, error);
        let file = File::create_new(&staged.temporary).map_err(failed)?;
        let mut out = BufWriter::new(file);
        let mut line = |line: Json| writeln!(out, "{line}").map_err(failed);
        line(json!({ MAGIC: LAYOUT }))?;
        for (kind, word) in KINDS {
            for document in self.documents(kind) {
                line(json!({ word: document_to_json(&document?) }))?;
            }
        }
        for entry in self.entries() {
            let entry = entry?;
            line(json!({ "entry": entry_to_json(&entry)? }))?;
            for label in self.provider().labels(&entry.cid)? {
                line(json!({ "label": label_to_json(&label) }))?;
            }
        }
        let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
        file.sync_all().map_err(failed)?;
        staged.publish()
    }

    fn documents(&self, kind: DocumentKind) -> impl Iterator<Item = Result<Document>> + use<> {
        let provider = std::sync::Arc::clone(self.provider());
        pages(
            move |page| provider.documents(kind, page),
            |row| format!("{}@{}", row.name, row.version),
        )
    }

    /// Puts what such a file holds into this index. What is here stays as it is: a label that points
    /// to another entry here is kept unless `replace` is asked for, and then becomes history.
    ///
    /// # Errors
    /// A file that is no such file, with its line, before anything is put in; [`Error::Conflict`]
    /// where a version of a schema or lens is another one here.
    pub fn import(&self, path: &Path, replace: bool) -> Result<Imported> {
        let mut checked = Lines::open(path)?;
        while checked.next()?.is_some() {}
        let mut imported = Imported::default();
        let mut lines = Lines::open(path)?;
        while let Some(row) = lines.next()? {
            self.import_row(row, replace, &mut imported)?;
        }
        Ok(imported)
    }

    fn import_row(&self, row: Row, replace: bool, imported: &mut Imported) -> Result<()> {
        match row {
            Row::Document(kind, document) => self.import_document(kind, &document, imported),
            Row::Entry(entry) => {
                imported.entries += 1;
                self.provider().put(&[*entry], &[])
            }
            Row::Label(label) => self.import_label(label, replace, imported),
        }
    }

    fn import_document(
        &self,
        kind: DocumentKind,
        document: &Document,
        imported: &mut Imported,
    ) -> Result<()> {
        if self.provider().create_document(kind, document)? {
            imported.documents += 1;
            return Ok(());
        }
        let known = self.provider().document(kind, &document.name, &document.version)?;
        if known.is_some_and(|known| means_the_same(kind, &known.json, &document.json)) {
            return Ok(());
        }
        let Document { name, version, .. } = document;
        Err(Error::Conflict(format!("{name}@{version} is another one in {}", self.address())))
    }

    fn import_label(&self, label: Label, replace: bool, imported: &mut Imported) -> Result<()> {
        self.entry(&label.cid)?;
        let known = self.provider().named(&label.name, &label.version)?;
        if !replace && known.is_some_and(|known| known.cid != label.cid) {
            imported.kept.push(label.name);
            return Ok(());
        }
        imported.labels += 1;
        self.provider().put(&[], &[label])
    }
}

const KINDS: [(DocumentKind, &str); 2] =
    [(DocumentKind::Schema, "schema"), (DocumentKind::Lens, "lens")];

/// Whether two documents say the same, whoever published them when.
fn means_the_same(kind: DocumentKind, a: &str, b: &str) -> bool {
    let parsed = |text: &str| serde_json::from_str::<Json>(text).ok();
    let (Some(mut a), Some(mut b)) = (parsed(a), parsed(b)) else { return a == b };
    if kind == DocumentKind::Schema
        && let (Ok(a), Ok(b)) = (Schema::from_json(&a), Schema::from_json(&b))
    {
        return Schema::diff(&a, &b).is_empty();
    }
    for document in [&mut a, &mut b] {
        if let Json::Object(members) = document {
            members.remove("created_at");
        }
    }
    a == b
}

/// What a line holds.
enum Row {
    Document(DocumentKind, Document),
    Entry(Box<Entry>),
    Label(Label),
}

fn row_of(line: &Json) -> Option<Row> {
    for (kind, word) in KINDS {
        if let Some(document) = line.get(word) {
            return Some(Row::Document(kind, document_of(document)?));
        }
    }
    if let Some(entry) = line.get("entry") {
        return Some(Row::Entry(Box::new(entry_of(entry)?)));
    }
    Some(Row::Label(label_of(line.get("label")?)?))
}

/// The rows in a file, one a line.
struct Lines<'a> {
    input: BufReader<File>,
    path: &'a Path,
    number: usize,
}

impl<'a> Lines<'a> {
    /// Opens a file that says in its first line what it is.
    fn open(path: &'a Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| Error::io("read", path, error))?;
        let mut lines = Lines { input: BufReader::new(file), path, number: 0 };
        let first = match lines.json() {
            Err(Error::BadIndex(_)) => None,
            first => first?,
        };
        match first.as_ref().and_then(|first| first.get(MAGIC)) {
            Some(layout) if layout.as_u64() == Some(LAYOUT) => Ok(lines),
            Some(_) => Err(lines.wrong("a newer atdata wrote this file; update to read it")),
            None => Err(lines.wrong("this is no exported index")),
        }
    }

    fn next(&mut self) -> Result<Option<Row>> {
        let Some(line) = self.json()? else { return Ok(None) };
        let unknown = || self.wrong("this line is no schema, lens, entry or label");
        let row = row_of(&line).ok_or_else(unknown)?;
        if let Row::Label(label) = &row {
            check_name(&label.name)?;
            check_version(&label.version)?;
        }
        Ok(Some(row))
    }

    fn json(&mut self) -> Result<Option<Json>> {
        let mut line = Vec::new();
        let mut limited = std::io::Read::take(&mut self.input, MAX_LINE);
        let read = limited.read_until(b'\n', &mut line);
        self.number += 1;
        match read {
            Ok(0) => Ok(None),
            Ok(_) => match serde_json::from_slice(&line) {
                Ok(json) => Ok(Some(json)),
                Err(_) => Err(self.wrong("this line is no JSON")),
            },
            Err(error) => Err(Error::io("read", self.path, error)),
        }
    }

    fn wrong(&self, what: &str) -> Error {
        Error::BadIndex(format!("{}, line {}: {what}", self.path.display(), self.number))
    }
}

fn document_to_json(document: &Document) -> Json {
    let parsed = serde_json::from_str(&document.json).unwrap_or_else(|_| json!(document.json));
    json!({ "name": document.name, "version": document.version, "document": parsed })
}

fn document_of(json: &Json) -> Option<Document> {
    let text = match json.get("document")? {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    Some(Document { name: text_of(json, "name")?, version: text_of(json, "version")?, json: text })
}

fn entry_to_json(entry: &Entry) -> Result<Json> {
    Ok(json!({
        "cid": entry.cid,
        "name": entry.name,
        "schema_ref": entry.schema_ref,
        "data_urls": entry.data_urls,
        "metadata": entry.metadata.as_ref().map(values::to_json).transpose()?,
        "content_cid": entry.facts.content_cid,
        "samples": entry.facts.samples,
        "bytes": entry.facts.bytes,
    }))
}

/// An entry, if its CID is that of its schema and URLs.
fn entry_of(json: &Json) -> Option<Entry> {
    let metadata = match json.get("metadata") {
        None | Some(Json::Null) => None,
        Some(metadata) => Some(values::from_json(metadata)?),
    };
    let urls = json.get("data_urls")?.as_array()?;
    let entry = Entry {
        cid: text_of(json, "cid")?,
        name: text_of(json, "name")?,
        schema_ref: text_of(json, "schema_ref")?,
        data_urls: urls.iter().map(|url| url.as_str().map(str::to_owned)).collect::<Option<_>>()?,
        metadata,
        facts: Facts {
            content_cid: text_of(json, "content_cid"),
            samples: json.get("samples").and_then(Json::as_u64),
            bytes: json.get("bytes").and_then(Json::as_u64),
        },
    };
    let cid = entry_cid(&entry.schema_ref, &entry.data_urls).ok()?;
    (cid.to_string() == entry.cid).then_some(entry)
}

fn label_to_json(label: &Label) -> Json {
    json!({
        "name": label.name,
        "version": label.version,
        "cid": label.cid,
        "description": label.description,
    })
}

fn label_of(json: &Json) -> Option<Label> {
    Some(Label {
        name: text_of(json, "name")?,
        version: text_of(json, "version")?,
        cid: text_of(json, "cid")?,
        description: text_of(json, "description"),
    })
}

fn text_of(json: &Json, key: &str) -> Option<String> {
    json.get(key)?.as_str().map(str::to_owned)
}
