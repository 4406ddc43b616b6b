//! `atdata schema`: what the samples of data sets are.

use crate::args::{Common, SchemaWord};
use crate::error::{self, Failure, OK};
use crate::output::{Output, WIDTH, count, counted, padded, visible, width, wrapped};
use crate::published;
use crate::table::{Column, table};
use crate::team::{reference, short};
use crate::when;
use atdata::Error;
use atdata::format::schema::{Field, FieldChange, Schema, Version};
use atdata::index::{Index, StoredSchema};
use serde_json::{Value as Json, json};
use std::fs;
use std::path::Path;

/// The widest that the column of fields' names becomes.
const NAMES: usize = 24;

/// Does what the word after `schema` says.
pub(crate) fn run(word: &SchemaWord, common: &Common, out: &mut Output) -> Result<i32, Failure> {
    if let SchemaWord::Show { reference } = word
        && is_of_network(reference)
    {
        return published::show_schema(reference, common.json, out);
    }
    let index = common.team.open()?;
    match word {
        SchemaWord::Ls => list(&index, common.json, out)?,
        SchemaWord::Show { reference } => show(&index, reference, common.json, out)?,
        SchemaWord::Diff { old, new } => diff(&index, (old, new), common.json, out)?,
        SchemaWord::Publish { file, version } => {
            publish(&index, file, version.as_deref(), common.json, out)?;
        }
    }
    Ok(OK)
}

/// A schema by its reference, which is given back too, or from a file.
pub(crate) fn schema_of(index: &Index, text: &str) -> Result<(Option<String>, Schema), Failure> {
    let path = Path::new(text);
    if path.is_file() || (text.ends_with(".json") && !text.contains("://")) {
        return Ok((None, from_file(path)?));
    }
    if is_of_network(text) {
        return Ok((None, published::schema(text)?.1.record.schema));
    }
    let stored = stored(index, text)?;
    let schema = stored.schema().map_err(|error| Failure::data(&error, ""))?;
    Ok((Some(stored.reference.to_string()), schema))
}

/// Whether a reference means a schema that somebody has published.
pub(crate) fn is_of_network(reference: &str) -> bool {
    let is_local = || reference.starts_with("atdata://local/");
    reference.starts_with("at://") || (reference.starts_with("atdata://") && !is_local())
}

/// The schema in a JSON file.
pub(crate) fn from_file(path: &Path) -> Result<Schema, Failure> {
    let shown = path.display();
    let text = fs::read_to_string(path).map_err(|error| {
        let failure = Failure::data(&Error::io("read", path, error), "");
        failure
            .hint("a file with a schema as JSON is expected: atdata schema show --json prints one")
    })?;
    let document: Json = serde_json::from_str(&text)
        .map_err(|error| Failure::unreadable(format!("{shown}: it is no JSON: {error}")))?;
    // As `schema show --json` prints it, or the document alone.
    let document = document.get("schema").filter(|inner| inner.is_object()).unwrap_or(&document);
    Schema::from_json(document).map_err(|error| {
        let failure = Failure::unreadable(format!("{shown}: {}{}", error.message(), error.place()));
        failure.hint("atdata schema show --json prints one that can be read")
    })
}

fn stored(index: &Index, text: &str) -> Result<StoredSchema, Failure> {
    index.schema(&reference(text)?).map_err(|error| {
        let failure = Failure::data(&error, "");
        match error {
            Error::UnknownName(_) => failure.hint("atdata schema ls lists all schemas"),
            _ => failure,
        }
    })
}

fn list(index: &Index, json: bool, out: &mut Output) -> Result<(), Failure> {
    let (mut schemas, mut problems) = (Vec::new(), Vec::new());
    for schema in index.schemas() {
        match schema {
            Ok(schema) => schemas.push(schema),
            Err(error @ (Error::BadIndex(_) | Error::Format(_))) => problems.push(error),
            Err(error) => return Err(Failure::data(&error, "")),
        }
    }
    let address = index.provider().address();
    if json {
        let schemas: Json = schemas.iter().map(to_json).collect();
        out.line(format!("{:#}", json!({"index": address, "schemas": schemas})));
    } else if schemas.is_empty() {
        out.line(format!("no schemas in {}", visible(&address)));
    } else {
        let heading =
            [Column::Number("fields"), Column::Text("published (UTC)"), Column::Text("schema")];
        table(&schemas.iter().map(row).collect::<Vec<_>>(), heading, out);
        out.line("");
        let schemas = counted(schemas.len() as u64, "schema");
        out.line(format!("{schemas} in {}", visible(&address)));
    }
    for problem in &problems {
        error::note(&error::message(problem));
    }
    Ok(())
}

fn row(stored: &StoredSchema) -> [String; 3] {
    let fields = stored.schema().map_or("?".to_owned(), |schema| count(schema.fields.len() as u64));
    [fields, when::minute(created(stored)), visible(&short(&stored.reference.to_string()))]
}

fn created(stored: &StoredSchema) -> &str {
    stored.document.get("createdAt").and_then(Json::as_str).unwrap_or_default()
}

fn to_json(stored: &StoredSchema) -> Json {
    json!({"ref": stored.reference.to_string(), "schema": stored.document})
}

fn show(index: &Index, text: &str, json: bool, out: &mut Output) -> Result<(), Failure> {
    let stored = stored(index, text)?;
    if json {
        out.line(format!("{:#}", to_json(&stored)));
        return Ok(());
    }
    let schema = stored.schema().map_err(|error| Failure::data(&error, ""))?;
    let reference = stored.reference.to_string();
    out.line(out.style.bold(&visible(&short(&reference))));
    out.line(format!("  {}", visible(&reference)));
    let published = when::minute(created(&stored));
    if !published.is_empty() {
        out.line(format!("  published {published} UTC"));
    }
    show_fields(&schema, out);
    Ok(())
}

/// Shows what a schema says of itself, and its fields.
pub(crate) fn show_fields(schema: &Schema, out: &mut Output) {
    for line in schema.description.iter().flat_map(|text| text.lines()) {
        for line in wrapped(&visible(line), WIDTH - 2) {
            out.line(format!("  {line}"));
        }
    }
    out.line("");
    out.line(out.style.bold("Fields"));
    let names = schema.fields.iter().map(|field| width(&field.name)).max().unwrap_or(0).min(NAMES);
    for field in &schema.fields {
        show_field(field, names, out);
    }
}

fn show_field(field: &Field, names: usize, out: &mut Output) {
    let none = if field.optional { " | None" } else { "" };
    let name = padded(&visible(&field.name), names);
    out.line(format!("  {name}  {}{none}", visible(&field.ty.to_string())));
    for line in field.description.iter().flat_map(|text| wrapped(&visible(text), WIDTH - 6)) {
        out.line(out.style.dim(&format!("      {line}")));
    }
}

fn diff(
    index: &Index,
    (old, new): (&str, &str),
    json: bool,
    out: &mut Output,
) -> Result<(), Failure> {
    let ((_, from), (_, to)) = (schema_of(index, old)?, schema_of(index, new)?);
    let changes = Schema::diff(&from, &to);
    let breaks = changes.iter().any(FieldChange::breaks);
    if json {
        let changes: Json = changes.iter().map(change_to_json).collect();
        out.line(format!(
            "{:#}",
            json!({"old": old, "new": new, "breaks": breaks, "changes": changes})
        ));
        return Ok(());
    }
    for change in &changes {
        out.line(visible(&change.to_string()));
    }
    out.line(match (changes.is_empty(), breaks) {
        (true, _) => "no difference in the fields",
        (false, true) => "data of the older cannot be read as the newer: a new major version",
        (false, false) => "data of the older can be read as the newer: a new minor version",
    });
    Ok(())
}

fn change_to_json(change: &FieldChange) -> Json {
    let words = |field: &Field| field.to_string();
    let (kind, field, old, new) = match change {
        FieldChange::Added(field) => ("added", field, None, Some(words(field))),
        FieldChange::Removed(field) => ("removed", field, Some(words(field)), None),
        FieldChange::Changed { from, to } => ("changed", to, Some(words(from)), Some(words(to))),
    };
    json!({"change": kind, "field": field.name, "old": old, "new": new, "breaks": change.breaks()})
}

/// Publishes under the version that is given, else under the one the changes call for.
fn publish(
    index: &Index,
    file: &Path,
    version: Option<&str>,
    json: bool,
    out: &mut Output,
) -> Result<(), Failure> {
    let schema = from_file(file)?;
    let data = |error| Failure::data(&error, "");
    let version = version.map(Version::parse).transpose();
    let version = version.map_err(|error| Failure::usage(error.message()))?;
    let (reference, warning) = match version {
        Some(version) => (index.publish_schema(&schema, Some(version), None).map_err(data)?, None),
        None => {
            let published = index.ensure_schema(&schema).map_err(data)?;
            (published.reference.clone(), published.warning())
        }
    };
    let reference = reference.to_string();
    if json {
        out.line(format!("{:#}", json!({"ref": reference})));
    } else {
        let ok = out.style.good("ok:");
        let address = index.provider().address();
        out.line(format!("{ok} {} is in {}", visible(&short(&reference)), visible(&address)));
        out.line(format!("  {}", visible(&reference)));
    }
    if let Some(warning) = warning {
        error::warning(&warning, out.style);
    }
    Ok(())
}
