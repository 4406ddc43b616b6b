//! Entries.

use super::super::codec::{EntryRow, count, counted};
use super::Doing;
use super::session::Session;
use crate::provider::{Entry, Facts, Page};
use postgres::Row;
use postgres::types::ToSql;
use std::collections::BTreeMap;

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
                       ORDER BY r.created_at DESC NULLS LAST, r.cid DESC LIMIT 1))"
        )
    };
}

/// Entries of the names in a query, which is put in place of `{names}`.
const OF_NAMES: &str = concat!(
    "WITH names AS MATERIALIZED ({names}),
          found AS MATERIALIZED (SELECT n.name, ",
    cid_of!("n.name", "''"),
    " AS cid FROM names n) SELECT ",
    columns!("n.name"),
    " FROM found n JOIN dataset_entries e ON e.cid = n.cid",
    facts!(),
    "ORDER BY n.name COLLATE \"C\""
);

/// Every name with a mark of what it stands for, which differs when that does.
pub(super) const MARKS: &str = concat!(
    "SELECT n.name, 'c:' || md5(e.cid || coalesce(encode(e.metadata, 'hex'), '')) AS mark
     FROM (SELECT name FROM labels WHERE version = '' UNION SELECT name FROM dataset_entries) n
     JOIN dataset_entries e ON e.cid = ",
    cid_of!("n.name", "''")
);

const CURRENT_NAMES: &str = "
    (SELECT l.name FROM labels l WHERE l.version = '' AND l.name COLLATE \"C\" > $1
        AND EXISTS (SELECT 1 FROM dataset_entries x WHERE x.cid = l.cid)
        ORDER BY l.name COLLATE \"C\" LIMIT $2)
    UNION (SELECT DISTINCT e.name COLLATE \"C\" FROM dataset_entries e
        WHERE e.name COLLATE \"C\" > $1 ORDER BY 1 LIMIT $2)
    ORDER BY 1 LIMIT $2";

const BY_CID: &str =
    concat!("SELECT ", columns!("e.name"), " FROM dataset_entries e", facts!(), "WHERE e.cid = $1");

const NAMED: &str = concat!(
    "SELECT ",
    columns!("$1::text"),
    " FROM dataset_entries e",
    facts!(),
    "WHERE e.cid = ",
    cid_of!("$1::text", "$2::text")
);

const ALL: &str = concat!(
    "SELECT ",
    columns!("e.name"),
    " FROM dataset_entries e",
    facts!(),
    "WHERE e.cid COLLATE \"C\" > $1 ORDER BY e.cid COLLATE \"C\" LIMIT $2"
);

/// In the order of the CIDs, so that writers do not wait for each other in a circle; times follow
/// the order in which they were given.
const PUT: &str = "
    INSERT INTO dataset_entries (cid, name, schema_ref, data_urls, metadata, created_at)
    SELECT g.cid, g.name, g.schema_ref, g.data_urls, g.metadata,
        statement_timestamp() + g.number * interval '1 microsecond'
    FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::bytea[], $6::bigint[])
        AS g (cid, name, schema_ref, data_urls, metadata, number)
    ON CONFLICT (cid) DO UPDATE SET metadata = excluded.metadata";

const PUT_FACTS: &str = "
    INSERT INTO atdata_facts AS f
    SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[])
    ON CONFLICT (cid) DO UPDATE SET
        content_cid = coalesce(excluded.content_cid, f.content_cid),
        samples = coalesce(excluded.samples, f.samples),
        bytes = coalesce(excluded.bytes, f.bytes)";

pub(super) fn put(session: &mut Session, entries: &[Entry]) -> Doing<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let rows = distinct(entries)?;
    let text = |of: fn(&EntryRow) -> &str| rows.iter().map(|(_, row)| of(row)).collect::<Vec<_>>();
    let cids = text(|row| &row.cid);
    let urls: Vec<&[u8]> = rows.iter().map(|(_, row)| row.data_urls.as_slice()).collect();
    let metadata: Vec<Option<&[u8]>> =
        rows.iter().map(|(_, row)| row.metadata.as_deref()).collect();
    let numbers: Vec<i64> = rows.iter().map(|(number, _)| *number).collect();
    let (names, schema_refs) = (text(|row| &row.name), text(|row| &row.schema_ref));
    session.execute(PUT, &[&cids, &names, &schema_refs, &urls, &metadata, &numbers])?;
    let facts = || rows.iter().map(|(_, row)| &row.facts);
    let content_cids: Vec<Option<&str>> =
        facts().map(|facts| facts.content_cid.as_deref()).collect();
    let samples = facts().map(|facts| count(facts.samples)).collect::<crate::Result<Vec<_>>>()?;
    let bytes = facts().map(|facts| count(facts.bytes)).collect::<crate::Result<Vec<_>>>()?;
    session.execute(PUT_FACTS, &[&cids, &content_cids, &samples, &bytes])?;
    Ok(())
}

/// The rows of entries with the number of each, in the order of their CIDs. Of several with one CID
/// there is one, as if they had been put one after the other.
fn distinct(entries: &[Entry]) -> crate::Result<Vec<(i64, EntryRow)>> {
    let mut rows: BTreeMap<&str, (i64, EntryRow)> = BTreeMap::new();
    for (entry, number) in entries.iter().zip(0..) {
        let row = EntryRow::of(entry)?;
        match rows.get_mut(entry.cid.as_str()) {
            Some((_, known)) => {
                known.metadata = row.metadata;
                known.facts = row.facts.or(&known.facts);
            }
            None => drop(rows.insert(&entry.cid, (number, row))),
        }
    }
    Ok(rows.into_values().collect())
}

pub(super) fn by_cid(session: &mut Session, cid: &str) -> Doing<Option<Entry>> {
    Ok(many(session, BY_CID, &[&cid])?.pop())
}

pub(super) fn named(session: &mut Session, name: &str, version: &str) -> Doing<Option<Entry>> {
    Ok(many(session, NAMED, &[&name, &version])?.pop())
}

pub(super) fn all(session: &mut Session, page: &Page) -> Doing<Vec<Entry>> {
    many(session, ALL, &[&after(page), &limit(page)])
}

pub(super) fn current(session: &mut Session, page: &Page) -> Doing<Vec<Entry>> {
    of_names(session, CURRENT_NAMES, &[&after(page), &limit(page)])
}

/// The current entries of the names that a query gives.
pub(super) fn of_names(
    session: &mut Session,
    names: &str,
    given: &[&(dyn ToSql + Sync)],
) -> Doing<Vec<Entry>> {
    many(session, &OF_NAMES.replace("{names}", names), given)
}

/// As [`of_names`] of a list of names, for their facets: what cannot be read is left out.
pub(super) fn readable(session: &mut Session, names: &[&str]) -> Doing<Vec<Entry>> {
    let query = OF_NAMES.replace("{names}", "SELECT unnest($1::text[]) AS name");
    let rows = session.query(&query, &[&names])?;
    rows.iter().map(|found| Ok(row(found)?.readable())).collect()
}

pub(super) fn remove(session: &mut Session, cid: &str) -> Doing<bool> {
    session.execute("DELETE FROM labels WHERE cid = $1", &[&cid])?;
    session.execute("DELETE FROM atdata_facts WHERE cid = $1", &[&cid])?;
    Ok(session.execute("DELETE FROM dataset_entries WHERE cid = $1", &[&cid])? > 0)
}

/// What a page begins after.
pub(super) fn after(page: &Page) -> &str {
    page.after.as_deref().unwrap_or_default()
}

/// How much a page holds.
pub(super) fn limit(page: &Page) -> i64 {
    i64::try_from(page.limit).unwrap_or(i64::MAX)
}

fn many(session: &mut Session, query: &str, given: &[&(dyn ToSql + Sync)]) -> Doing<Vec<Entry>> {
    let rows = session.query(query, given)?;
    rows.iter().map(|found| Ok(row(found)?.entry(TABLE)?)).collect()
}

fn row(row: &Row) -> Doing<EntryRow> {
    Ok(EntryRow {
        cid: row.try_get(0)?,
        schema_ref: row.try_get(1)?,
        data_urls: row.try_get(2)?,
        metadata: row.try_get(3)?,
        facts: Facts {
            content_cid: row.try_get(4)?,
            samples: counted(row.try_get(5)?),
            bytes: counted(row.try_get(6)?),
        },
        name: row.try_get(7)?,
    })
}
