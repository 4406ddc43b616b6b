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
    let number = match layout(session)? {
        Some(number) => number,
        None => install(session)?,
    };
    if number == LAYOUT { Ok(()) } else { Err(newer_layout(address, number).into()) }
}

/// The number of the layout; `None` where our tables are not there.
fn layout(session: &mut Session) -> Doing<Option<i64>> {
    if session.query("SELECT 1 WHERE to_regclass('atdata_meta') IS NOT NULL", &[])?.is_empty() {
        return Ok(None);
    }
    let rows = session.query("SELECT value::bigint FROM atdata_meta WHERE key = 'layout'", &[])?;
    Ok(rows.first().map(|row| row.try_get(0)).transpose()?)
}

fn install(session: &mut Session) -> Doing<i64> {
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

fn install_once(session: &mut Session) -> Doing<i64> {
    session.query("SELECT pg_advisory_xact_lock($1)", &[&LOCK])?;
    if let Some(number) = layout(session)? {
        return Ok(number);
    }
    session.batch(THEIRS)?;
    make_indexes(session)?;
    for script in [OURS, TRIGGERS, SEED] {
        session.batch(script)?;
    }
    let number = "INSERT INTO atdata_meta VALUES ('layout', $1)";
    session.execute(number, &[&LAYOUT.to_string()])?;
    Ok(LAYOUT)
}

/// Indexes of ours on the original's tables, which only the tables' owner may make. Without them
/// lists are sorted when they are asked for.
fn make_indexes(session: &mut Session) -> Doing<()> {
    session.batch("SAVEPOINT indexes")?;
    match session.batch(INDEXES) {
        Err(Failure::Server(error)) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
            session.batch("ROLLBACK TO SAVEPOINT indexes")
        }
        result => result,
    }
}

fn newer_layout(address: &Address, number: i64) -> Error {
    Error::BadIndex(format!(
        "{address} has layout {number}, made by a newer atdata; this one knows up to {LAYOUT}: \
         upgrade atdata. Nothing was changed"
    ))
}
