//! The tables: those of the original, and ours beside them.

use super::address::Address;
use super::session::Session;
use super::{Doing, Failure};
use crate::error::Error;
use postgres::error::SqlState;

/// The layout of our tables that this version writes.
const LAYOUT: i64 = 1;

/// Held while tables are made, so that processes that start at once do it one after the other.
const LOCK: i64 = 0x6174_6461_7461;

const THEIRS: &str = include_str!("theirs.sql");
const INDEXES: &str = include_str!("indexes.sql");
const OURS: &str = include_str!("ours.sql");
const TRIGGERS: &str = include_str!("triggers.sql");
const SEED: &str = include_str!("seed.sql");

/// Sees that all tables are there.
///
/// # Errors
/// [`Error::BadIndex`] for a database of a newer layout; what the server says.
pub(super) fn prepare(session: &mut Session, address: &Address) -> Doing<()> {
    let (number, is_watched) = match layout(session)? {
        Some(known) => known,
        None => install(session)?,
    };
    session.is_watched = is_watched;
    if number == LAYOUT { Ok(()) } else { Err(newer_layout(address, number).into()) }
}

/// The number of the layout, and whether triggers notice writes; `None` where our tables are not
/// there.
fn layout(session: &mut Session) -> Doing<Option<(i64, bool)>> {
    if session.query("SELECT 1 WHERE to_regclass('atdata_meta') IS NOT NULL", &[])?.is_empty() {
        return Ok(None);
    }
    let known = "SELECT value::bigint,
            NOT EXISTS (SELECT 1 FROM atdata_meta WHERE key = 'triggers' AND value = 'none')
        FROM atdata_meta WHERE key = 'layout'";
    let rows = session.query(known, &[])?;
    rows.first().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).transpose()
}

fn install(session: &mut Session) -> Doing<(i64, bool)> {
    // The original makes its tables without a lock and may come between; then all is tried again.
    let came_between = [SqlState::UNIQUE_VIOLATION, SqlState::DUPLICATE_TABLE];
    for _ in 0..5 {
        match session.transaction(install_once) {
            Err(Failure::Server(error))
                if error.code().is_some_and(|code| came_between.contains(code)) => {}
            result => return result,
        }
    }
    session.transaction(install_once)
}

fn install_once(session: &mut Session) -> Doing<(i64, bool)> {
    session.query("SELECT pg_advisory_xact_lock($1)", &[&LOCK])?;
    if let Some(known) = layout(session)? {
        return Ok(known);
    }
    session.batch(THEIRS)?;
    // Without these, lists are sorted when they are asked for.
    if_allowed(session, INDEXES)?;
    session.batch(OURS)?;
    // Without these, each search compares what it knows with all rows there are.
    let is_watched = if_allowed(session, TRIGGERS)?;
    session.batch(SEED)?;
    let meta = "INSERT INTO atdata_meta VALUES ('layout', $1), ('triggers', $2)";
    let triggers = if is_watched { "made" } else { "none" };
    session.execute(meta, &[&LAYOUT.to_string(), &triggers])?;
    Ok((LAYOUT, is_watched))
}

/// Does what only the owner of the original's tables may; whether it was allowed.
fn if_allowed(session: &mut Session, script: &str) -> Doing<bool> {
    session.batch("SAVEPOINT allowed")?;
    match session.batch(script) {
        Err(Failure::Server(error)) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
            session.batch("ROLLBACK TO SAVEPOINT allowed").map(|()| false)
        }
        result => result.map(|()| true),
    }
}

fn newer_layout(address: &Address, number: i64) -> Error {
    Error::BadIndex(format!(
        "{address} has layout {number}, made by a newer atdata; this one knows up to {LAYOUT}: \
         upgrade atdata. Nothing was changed"
    ))
}
