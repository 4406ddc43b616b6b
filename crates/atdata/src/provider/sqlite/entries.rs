//! Entries.

use super::super::codec::{EntryRow, count, counted};
use super::super::facets::Facets;
use super::Reading;
use crate::provider::{Entry, Facts, Page};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Params, Row, Statement, params};

const TABLE: &str = "dataset_entries";

/// The columns of an entry, its name last: it is not always that of the row.
macro_rules! columns {
    ($name:literal) => {
        concat!(
            "e.cid, e.schema_ref, e.data_urls, e.metadata, f.content_cid, f.samples, f.bytes, ",
            $name
        )
    };
}

/// Follows `e`, the entries.
macro_rules! facts {
    () => {
        " LEFT JOIN atdata_facts f ON f.cid = e.cid "
    };
}

/// The CID that a name and version stand for. A label without its entry is as none.
macro_rules! cid_of {
    ($name:literal, $version:literal) => {
        concat!(
            "coalesce((SELECT l.cid FROM labels l JOIN dataset_entries x ON x.cid = l.cid
                       WHERE l.name = ",
            $name,
            " AND l.version = ",
            $version,
            "),
                      (SELECT r.cid FROM dataset_entries r
                       WHERE r.name = ",
            $name,
            " AND ",
            $version,
            " = ''
                       ORDER BY r.created_at DESC, r.rowid DESC LIMIT 1))"
        )
    };
}

/// Entries of the names in a query, which is put in place of `{names}`.
const OF_NAMES: &str = concat!(
    "WITH names(name) AS ({names}) SELECT ",
    columns!("n.name"),
    " FROM names n CROSS JOIN dataset_entries e ON e.cid = ",
    cid_of!("n.name", "''"),
    facts!(),
    "ORDER BY n.name"
);

const CURRENT_NAMES: &str = "
    SELECT l.name FROM labels l WHERE l.version = '' AND l.name > ?1
        AND EXISTS (SELECT 1 FROM dataset_entries x WHERE x.cid = l.cid)
    UNION SELECT name FROM dataset_entries WHERE name > ?1 ORDER BY 1 LIMIT ?2";

const BY_CID: &str =
    concat!("SELECT ", columns!("e.name"), " FROM dataset_entries e", facts!(), "WHERE e.cid = ?1");

const NAMED: &str = concat!(
    "SELECT ",
    columns!("?1"),
    " FROM dataset_entries e",
    facts!(),
    "WHERE e.cid = ",
    cid_of!("?1", "?2")
);

const ALL: &str = concat!(
    "SELECT ",
    columns!("e.name"),
    " FROM dataset_entries e",
    facts!(),
    "WHERE e.cid > ?1 ORDER BY e.cid LIMIT ?2"
);

const PUT: &str = "
    INSERT INTO dataset_entries (cid, name, schema_ref, data_urls, metadata)
    VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (cid) DO UPDATE SET metadata = excluded.metadata";

const PUT_FACTS: &str = "
    INSERT INTO atdata_facts VALUES (?1, ?2, ?3, ?4) ON CONFLICT (cid) DO UPDATE SET
        content_cid = coalesce(excluded.content_cid, content_cid),
        samples = coalesce(excluded.samples, samples),
        bytes = coalesce(excluded.bytes, bytes)";

pub(super) fn put(connection: &Connection, entries: &[Entry]) -> Reading<()> {
    let mut put = connection.prepare(PUT)?;
    let mut put_facts = connection.prepare(PUT_FACTS)?;
    for entry in entries {
        let row = EntryRow::of(entry)?;
        put.execute(params![row.cid, row.name, row.schema_ref, row.data_urls, row.metadata])?;
        let Facts { content_cid, samples, bytes } = row.facts;
        put_facts.execute(params![row.cid, content_cid, count(samples)?, count(bytes)?])?;
    }
    Ok(())
}

pub(super) fn by_cid(connection: &Connection, cid: &str) -> Reading<Option<Entry>> {
    one(connection, BY_CID, [cid])
}

pub(super) fn named(connection: &Connection, name: &str, version: &str) -> Reading<Option<Entry>> {
    one(connection, NAMED, [name, version])
}

/// Looks up the current entries of many names.
pub(super) struct Current<'a>(Statement<'a>);

impl<'a> Current<'a> {
    pub(super) fn prepare(connection: &'a Connection) -> Reading<Self> {
        Ok(Self(connection.prepare(NAMED)?))
    }

    /// What a name is found by; what of its row cannot be read is left out.
    pub(super) fn facets(&mut self, name: &str) -> Reading<Facets> {
        let row = self.0.query_row([name, ""], row).optional()?;
        Ok(row.map(|row| Facets::of(&row.readable())).unwrap_or_default())
    }
}

pub(super) fn all(connection: &Connection, page: &Page) -> Reading<Vec<Entry>> {
    many(connection, ALL, params![after(page), limit(page)])
}

pub(super) fn current(connection: &Connection, page: &Page) -> Reading<Vec<Entry>> {
    of_names(connection, CURRENT_NAMES, params![after(page), limit(page)])
}

/// The current entries of the names that a query gives.
pub(super) fn of_names(
    connection: &Connection,
    names: &str,
    given: impl Params,
) -> Reading<Vec<Entry>> {
    many(connection, &OF_NAMES.replace("{names}", names), given)
}

pub(super) fn remove(connection: &Connection, cid: &str) -> Reading<bool> {
    connection.execute("DELETE FROM labels WHERE cid = ?1", [cid])?;
    connection.execute("DELETE FROM atdata_facts WHERE cid = ?1", [cid])?;
    Ok(connection.execute("DELETE FROM dataset_entries WHERE cid = ?1", [cid])? > 0)
}

/// What a page begins after.
pub(super) fn after(page: &Page) -> &str {
    page.after.as_deref().unwrap_or_default()
}

/// How much a page holds.
pub(super) fn limit(page: &Page) -> i64 {
    i64::try_from(page.limit).unwrap_or(i64::MAX)
}

fn one(connection: &Connection, query: &str, given: impl Params) -> Reading<Option<Entry>> {
    let found = connection.query_row(query, given, row).optional()?;
    Ok(found.map(|row| row.entry(TABLE)).transpose()?)
}

fn many(connection: &Connection, query: &str, given: impl Params) -> Reading<Vec<Entry>> {
    let mut statement = connection.prepare(query)?;
    let rows = statement.query_map(given, row)?;
    rows.map(|row| Ok(row?.entry(TABLE)?)).collect()
}

fn row(row: &Row<'_>) -> rusqlite::Result<EntryRow> {
    Ok(EntryRow {
        cid: row.get(0)?,
        schema_ref: row.get(1)?,
        data_urls: bytes(row.get_ref(2)?).unwrap_or_default(),
        metadata: bytes(row.get_ref(3)?),
        facts: Facts {
            content_cid: row.get(4)?,
            samples: counted(row.get(5)?),
            bytes: counted(row.get(6)?),
        },
        name: row.get(7)?,
    })
}

/// Bytes of a column that may hold anything: what is neither bytes nor text shows as no bytes.
fn bytes(value: ValueRef<'_>) -> Option<Vec<u8>> {
    match value {
        ValueRef::Null => None,
        ValueRef::Blob(bytes) | ValueRef::Text(bytes) => Some(bytes.to_vec()),
        ValueRef::Integer(_) | ValueRef::Real(_) => Some(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::connect::Place;
    use super::*;

    /// How `SQLite` goes about a query.
    fn plan(query: &str) -> Vec<String> {
        let connection = Place::memory().connect().unwrap();
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {query}")).unwrap();
        // What parameters hold does not matter: they are left unbound.
        let mut rows = statement.raw_query();
        let mut steps = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            steps.push(row.get(3).unwrap());
        }
        steps
    }

    #[test]
    fn every_query_is_served_by_an_index() {
        let history = super::super::labels::HISTORY;
        let labels = super::super::labels::OF_ENTRY;
        let current = OF_NAMES.replace("{names}", CURRENT_NAMES);
        for query in [BY_CID, NAMED, ALL, &current, history, labels] {
            let steps = plan(query);
            let is_scan = |step: &&String| step.starts_with("SCAN") && *step != "SCAN n";
            assert_eq!(steps.iter().find(is_scan), None, "{query}: {steps:#?}");
        }
    }
}
