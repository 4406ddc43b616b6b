//! Labels and history; the triggers write the latter.

use super::Reading;
use crate::provider::{Label, Moment};
use rusqlite::{Connection, params};

const PUT: &str = "
    INSERT INTO labels (name, version, cid, description) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (name, version) DO UPDATE SET
        cid = excluded.cid, description = excluded.description, created_at = datetime('now')";

pub(super) const OF_ENTRY: &str =
    "SELECT name, version, cid, description FROM labels WHERE cid = ?1";

pub(super) const HISTORY: &str =
    "SELECT cid, at FROM atdata_history WHERE name = ?1 ORDER BY moment DESC";

pub(super) fn put(connection: &Connection, labels: &[Label]) -> Reading<()> {
    let mut put = connection.prepare(PUT)?;
    for Label { name, version, cid, description } in labels {
        put.execute(params![name, version, cid, description])?;
    }
    Ok(())
}

pub(super) fn of_entry(connection: &Connection, cid: &str) -> Reading<Vec<Label>> {
    let mut statement = connection.prepare(OF_ENTRY)?;
    let labels = statement.query_map([cid], |row| {
        Ok(Label {
            name: row.get(0)?,
            version: row.get(1)?,
            cid: row.get(2)?,
            description: row.get(3)?,
        })
    })?;
    Ok(labels.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn history(connection: &Connection, name: &str) -> Reading<Vec<Moment>> {
    let mut statement = connection.prepare(HISTORY)?;
    let moments =
        statement.query_map([name], |row| Ok(Moment { cid: row.get(0)?, at: row.get(1)? }))?;
    Ok(moments.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn remove(connection: &Connection, name: &str, version: &str) -> Reading<bool> {
    let removed = connection
        .execute("DELETE FROM labels WHERE name = ?1 AND version = ?2", [name, version])?;
    Ok(removed > 0)
}
