//! A connection and its prepared statements.

use super::address::Address;
use super::{Doing, layout};
use crate::error::Result;
use postgres::types::ToSql;
use postgres::{Client, Row, Statement};
use std::collections::HashMap;

/// More statements than this are not kept prepared.
const PREPARED: usize = 100;

/// Every query of ours walks along indexes, from few rows to few rows. The planner, who may not have
/// counted the rows yet or keeps a plan from when they were few, is not asked.
const WALK: &str = "
    SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off;
    SET enable_mergejoin = off; SET jit = off";

/// A connection to a database with all that belongs into it.
pub(super) struct Session {
    client: Client,
    prepared: HashMap<String, Statement>,
    /// Whether triggers notice every write.
    pub(super) is_watched: bool,
}

impl Session {
    /// Connects, and sees that our tables are there.
    ///
    /// # Errors
    /// A server that cannot be reached, refuses, or holds a newer layout.
    pub(super) fn open(address: &Address) -> Result<Self> {
        let connected = address.config.connect(address.trust.connector()?);
        let client = connected.map_err(|error| super::Failure::Server(error).told(address))?;
        let mut session = Self { client, prepared: HashMap::new(), is_watched: true };
        let ready = session.batch(WALK).and_then(|()| layout::prepare(&mut session, address));
        ready.map_err(|failure| failure.told(address))?;
        Ok(session)
    }

    /// Runs a statement, in one round trip once it is prepared.
    pub(super) fn query(&mut self, query: &str, given: &[&(dyn ToSql + Sync)]) -> Doing<Vec<Row>> {
        let statement = self.prepared(query)?;
        Ok(self.client.query(&statement, given)?)
    }

    /// Runs a statement; how many rows it changed.
    pub(super) fn execute(&mut self, query: &str, given: &[&(dyn ToSql + Sync)]) -> Doing<u64> {
        let statement = self.prepared(query)?;
        Ok(self.client.execute(&statement, given)?)
    }

    /// Runs statements without parameters.
    pub(super) fn batch(&mut self, script: &str) -> Doing<()> {
        Ok(self.client.batch_execute(script)?)
    }

    /// Does something in one transaction: all or nothing.
    pub(super) fn transaction<T>(&mut self, work: impl FnOnce(&mut Self) -> Doing<T>) -> Doing<T> {
        self.batch("BEGIN")?;
        match work(self) {
            Ok(value) => self.batch("COMMIT").map(|()| value),
            Err(failure) => {
                // Of a connection that is lost, the server rolls back by itself.
                let _ = self.batch("ROLLBACK");
                Err(failure)
            }
        }
    }

    fn prepared(&mut self, query: &str) -> Doing<Statement> {
        if let Some(statement) = self.prepared.get(query) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(query)?;
        if self.prepared.len() < PREPARED {
            self.prepared.insert(query.to_owned(), statement.clone());
        }
        Ok(statement)
    }
}
