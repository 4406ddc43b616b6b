//! Schemas and lenses.

use super::Doing;
use super::entries::{after, limit};
use super::session::Session;
use crate::provider::{Document, DocumentKind, Page};
use postgres::Row;

/// A statement over the table of a kind: `{table}` and `{json}` are put in.
fn of(kind: DocumentKind, statement: &str) -> String {
    let (table, json) = match kind {
        DocumentKind::Schema => ("schemas", "schema_json"),
        DocumentKind::Lens => ("lenses", "lens_json"),
    };
    statement.replace("{table}", table).replace("{json}", json)
}

pub(super) fn create(
    session: &mut Session,
    kind: DocumentKind,
    document: &Document,
) -> Doing<bool> {
    let create = "INSERT INTO {table} (name, version, {json}) VALUES ($1, $2, $3)
                  ON CONFLICT DO NOTHING";
    let Document { name, version, json } = document;
    Ok(session.execute(&of(kind, create), &[name, version, json])? > 0)
}

pub(super) fn get(
    session: &mut Session,
    kind: DocumentKind,
    name: &str,
    version: &str,
) -> Doing<Option<Document>> {
    let get = "SELECT name, version, {json} FROM {table} WHERE name = $1 AND version = $2";
    let rows = session.query(&of(kind, get), &[&name, &version])?;
    rows.first().map(document).transpose()
}

pub(super) fn versions(
    session: &mut Session,
    kind: DocumentKind,
    name: &str,
) -> Doing<Vec<String>> {
    let rows = session.query(&of(kind, "SELECT version FROM {table} WHERE name = $1"), &[&name])?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

pub(super) fn all(session: &mut Session, kind: DocumentKind, page: &Page) -> Doing<Vec<Document>> {
    let all = "SELECT name, version, {json} FROM {table}
               WHERE (name || '@' || version) COLLATE \"C\" > $1
               ORDER BY (name || '@' || version) COLLATE \"C\" LIMIT $2";
    let rows = session.query(&of(kind, all), &[&after(page), &limit(page)])?;
    rows.iter().map(document).collect()
}

fn document(row: &Row) -> Doing<Document> {
    Ok(Document { name: row.try_get(0)?, version: row.try_get(1)?, json: row.try_get(2)? })
}
