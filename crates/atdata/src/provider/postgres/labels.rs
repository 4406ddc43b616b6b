//! Labels and history; the triggers write the latter.

use super::session::Session;
use super::{Doing, unwatched};
use crate::provider::{Label, Moment};
use std::collections::BTreeMap;

/// In the order of names and versions, so that writers do not wait for each other in a circle.
const PUT: &str = "
    INSERT INTO labels (name, version, cid, description)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
    ON CONFLICT (name, version) DO UPDATE SET
        cid = excluded.cid, description = excluded.description, created_at = now()";

const OF_ENTRY: &str = "SELECT name, version, cid, description FROM labels WHERE cid = $1";

const HISTORY: &str = "
    SELECT cid, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')
    FROM atdata_history WHERE name = $1 ORDER BY moment DESC";

pub(super) fn put(session: &mut Session, labels: &[Label]) -> Doing<()> {
    // Of several for one name and version the last counts.
    let distinct: BTreeMap<(&str, &str), &Label> =
        labels.iter().map(|label| ((label.name.as_str(), label.version.as_str()), label)).collect();
    if distinct.is_empty() {
        return Ok(());
    }
    let (names, versions): (Vec<&str>, Vec<&str>) = distinct.keys().copied().unzip();
    let cids: Vec<&str> = distinct.values().map(|label| label.cid.as_str()).collect();
    let descriptions: Vec<Option<&str>> =
        distinct.values().map(|label| label.description.as_deref()).collect();
    session.execute(PUT, &[&names, &versions, &cids, &descriptions])?;
    if session.is_watched { Ok(()) } else { unwatched::remember(session, &names) }
}

pub(super) fn of_entry(session: &mut Session, cid: &str) -> Doing<Vec<Label>> {
    let rows = session.query(OF_ENTRY, &[&cid])?;
    let label = |row: &postgres::Row| {
        Ok(Label {
            name: row.try_get(0)?,
            version: row.try_get(1)?,
            cid: row.try_get(2)?,
            description: row.try_get(3)?,
        })
    };
    rows.iter().map(label).collect()
}

pub(super) fn history(session: &mut Session, name: &str) -> Doing<Vec<Moment>> {
    let rows = session.query(HISTORY, &[&name])?;
    let moment = |row: &postgres::Row| Ok(Moment { cid: row.try_get(0)?, at: row.try_get(1)? });
    rows.iter().map(moment).collect()
}

pub(super) fn remove(session: &mut Session, name: &str, version: &str) -> Doing<bool> {
    let remove = "DELETE FROM labels WHERE name = $1 AND version = $2";
    Ok(session.execute(remove, &[&name, &version])? > 0)
}
