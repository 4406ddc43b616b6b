//! Search over the facets of names, and keeping those.

use super::super::facet_query::{counting, names_that_fit};
use super::super::facets::{Facets, Term, wanted};
use super::{Reading, entries};
use crate::provider::{Entry, Page, Query};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params_from_iter};
use std::collections::BTreeSet;

/// Whether there are names whose facets are to be made again.
pub(super) fn is_pending(connection: &Connection) -> Reading<bool> {
    let any = "SELECT 1 FROM atdata_pending LIMIT 1";
    Ok(connection.query_row(any, [], |_| Ok(())).optional()?.is_some())
}

/// Makes the facets of at most so many names again.
pub(super) fn work_off(connection: &Connection, most: usize) -> Reading<()> {
    let (names, last) = pending(connection, i64::try_from(most).unwrap_or(i64::MAX))?;
    let mut forget = connection.prepare("DELETE FROM atdata_facets WHERE name = ?1")?;
    let mut keep = connection.prepare("INSERT INTO atdata_facets VALUES (?1, ?2)")?;
    let mut current = entries::Current::prepare(connection)?;
    for name in &names {
        forget.execute([name])?;
        for term in current.facets(name)?.terms() {
            keep.execute([&term, name])?;
        }
    }
    connection.execute("DELETE FROM atdata_pending WHERE id <= ?1", [last])?;
    Ok(())
}

/// The first pending names, and the number of the last.
fn pending(connection: &Connection, most: i64) -> Reading<(BTreeSet<String>, i64)> {
    let first = "SELECT id, name FROM atdata_pending ORDER BY id LIMIT ?1";
    let mut statement = connection.prepare(first)?;
    let rows = statement.query_map([most], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let rows: Vec<(i64, String)> = rows.collect::<rusqlite::Result<_>>()?;
    let last = rows.last().map_or(0, |(id, _)| *id);
    Ok((rows.into_iter().map(|(_, name)| name).collect(), last))
}

/// The current entries that fit a query, by their facets.
pub(super) fn search(connection: &Connection, query: &Query, page: &Page) -> Reading<Vec<Entry>> {
    let terms = wanted(query);
    if terms.is_empty() {
        return entries::current(connection, page);
    }
    let texts = terms.iter().map(Term::text);
    let counts = |row: &Row<'_>| (0..terms.len()).map(|column| row.get(column)).collect();
    let counts: Vec<i64> =
        connection.query_row(&counting(&terms), params_from_iter(texts.clone()), counts)?;
    let (after, limit) = (entries::after(page), entries::limit(page));
    let mut given: Vec<&dyn ToSql> = vec![&after, &limit];
    let texts: Vec<&str> = texts.collect();
    given.extend(texts.iter().map(|text| text as &dyn ToSql));
    entries::of_names(connection, &names_that_fit(&terms, &counts), given.as_slice())
}

/// As [`search`], by looking at every current entry: for when the facets are not up to date, and
/// cannot be.
pub(super) fn scan(connection: &Connection, query: &Query, page: &Page) -> Reading<Vec<Entry>> {
    let mut found = Vec::new();
    let mut part = Page { after: page.after.clone(), limit: 1000 };
    while found.len() < page.limit {
        let entries = entries::current(connection, &part)?;
        let Some(last) = entries.last() else { break };
        part.after = Some(last.name.clone());
        found.extend(entries.into_iter().filter(|entry| Facets::of(entry).fit(query)));
    }
    found.truncate(page.limit);
    Ok(found)
}
