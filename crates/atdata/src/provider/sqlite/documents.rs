//! Schemas and lenses.

use super::Reading;
use super::entries::{after, limit};
use crate::provider::{Document, DocumentKind, Page};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// A statement over the table of a kind: `{table}` and `{json}` are put in.
fn of(kind: DocumentKind, statement: &str) -> String {
    let (table, json) = match kind {
        DocumentKind::Schema => ("schemas", "schema_json"),
        DocumentKind::Lens => ("lenses", "lens_json"),
    };
    statement.replace("{table}", table).replace("{json}", json)
}

pub(super) fn create(
    connection: &Connection,
    kind: DocumentKind,
    document: &Document,
) -> Reading<bool> {
    let create = "INSERT OR IGNORE INTO {table} (name, version, {json}) VALUES (?1, ?2, ?3)";
    let Document { name, version, json } = document;
    Ok(connection.execute(&of(kind, create), [name, version, json])? > 0)
}

pub(super) fn get(
    connection: &Connection,
    kind: DocumentKind,
    name: &str,
    version: &str,
) -> Reading<Option<Document>> {
    let get = "SELECT name, version, {json} FROM {table} WHERE name = ?1 AND version = ?2";
    Ok(connection.query_row(&of(kind, get), [name, version], row).optional()?)
}

pub(super) fn versions(
    connection: &Connection,
    kind: DocumentKind,
    name: &str,
) -> Reading<Vec<String>> {
    let mut statement =
        connection.prepare(&of(kind, "SELECT version FROM {table} WHERE name = ?1"))?;
    let versions = statement.query_map([name], |row| row.get(0))?;
    Ok(versions.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn all(
    connection: &Connection,
    kind: DocumentKind,
    page: &Page,
) -> Reading<Vec<Document>> {
    let all = "SELECT name, version, {json} FROM {table} WHERE name || '@' || version > ?1
               ORDER BY name || '@' || version LIMIT ?2";
    let mut statement = connection.prepare(&of(kind, all))?;
    let documents = statement.query_map(params![after(page), limit(page)], row)?;
    Ok(documents.collect::<rusqlite::Result<_>>()?)
}

fn row(row: &Row<'_>) -> rusqlite::Result<Document> {
    Ok(Document { name: row.get(0)?, version: row.get(1)?, json: row.get(2)? })
}
