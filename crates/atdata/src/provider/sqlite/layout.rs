//! The tables: those of the original, and ours beside them.

use super::connect::Place;
use super::failure::failed;
use crate::error::{Error, Result};
use rusqlite::{Connection, ErrorCode, OptionalExtension, TransactionBehavior};
use std::thread;
use std::time::Duration;

/// The layout of our tables that this version writes.
const LAYOUT: i64 = 1;

const THEIRS: &str = include_str!("theirs.sql");
const OURS: &str = include_str!("ours.sql");
const TRIGGERS: &str = include_str!("triggers.sql");
const SEED: &str = include_str!("seed.sql");

/// Sees that all tables are there. Where nothing can be written, ours are made in memory, for as
/// long as the connection lives.
///
/// # Errors
/// [`Error::BadIndex`] for a database of a newer layout; what `SQLite` meets.
pub(super) fn prepare(connection: &mut Connection, place: &Place) -> Result<()> {
    let told = |error| failed(place, error);
    match layout(connection).map_err(told)? {
        Some(LAYOUT) => Ok(()),
        Some(newer) => Err(newer_layout(place, newer)),
        None if connection.is_readonly("main").map_err(told)? => overlay(connection).map_err(told),
        None => install(connection).map_err(told),
    }
}

/// The number of the layout; `None` where our tables are not there.
fn layout(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    let is_there = "SELECT 1 FROM sqlite_master WHERE name = 'atdata_meta'";
    if connection.query_row(is_there, [], |_| Ok(())).optional()?.is_none() {
        return Ok(None);
    }
    let number = "SELECT CAST(value AS INTEGER) FROM atdata_meta WHERE key = 'layout'";
    connection.query_row(number, [], |row| row.get(0)).optional()
}

fn install(connection: &mut Connection) -> rusqlite::Result<()> {
    use_wal(connection)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if layout(&transaction)?.is_none() {
        for script in [THEIRS, OURS, TRIGGERS, SEED] {
            transaction.execute_batch(script)?;
        }
        let number = "INSERT INTO atdata_meta VALUES ('layout', ?1)";
        transaction.execute(number, [LAYOUT.to_string()])?;
    }
    transaction.commit()
}

/// Lets readers and a writer work at once, from now on. While others have the file open `SQLite`
/// refuses at once, so it is tried again; a file system that cannot do it is no obstacle.
fn use_wal(connection: &Connection) -> rusqlite::Result<()> {
    for _ in 0..200 {
        match connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                thread::sleep(Duration::from_millis(20));
            }
            other => return other,
        }
    }
    Ok(())
}

/// Our tables, empty; search sees that they are not up to date, history is not known.
fn overlay(connection: &Connection) -> rusqlite::Result<()> {
    let ours = OURS.replace("CREATE TABLE", "CREATE TEMP TABLE");
    connection.execute_batch(&ours.replace("CREATE INDEX ", "CREATE INDEX temp."))?;
    connection.execute_batch("INSERT INTO atdata_pending (name) VALUES ('')")
}

fn newer_layout(place: &Place, number: i64) -> Error {
    Error::BadIndex(format!(
        "{place} has layout {number}, made by a newer atdata; this one knows up to {LAYOUT}: \
         upgrade atdata. Nothing was changed"
    ))
}
