//! Search over the facets of names, and keeping those.

use super::super::facets::{Facets, Term, wanted};
use super::{Reading, entries};
use crate::provider::{Entry, Page, Query};
use rusqlite::{Connection, OptionalExtension, ToSql, params};
use std::collections::BTreeSet;

/// A term that so many names have is no good to begin with.
const COMMON: i64 = 2000;

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
    let mut counted = Vec::new();
    for (number, term) in terms.iter().enumerate() {
        counted.push((count(connection, term)?, matches!(term, Term::Beginning(_)), number));
    }
    let Some((names, is_beginning, first)) = counted.into_iter().min() else {
        return entries::current(connection, page);
    };
    let by_name = names == COMMON && is_beginning;
    let names = names_that_fit(&terms, (!by_name).then_some(first));
    let (after, limit) = (entries::after(page), entries::limit(page));
    let bounds: Vec<String> = terms.iter().flat_map(Term::bounds).collect();
    let mut given: Vec<&dyn ToSql> = vec![&after, &limit];
    given.extend(bounds.iter().map(|bound| bound as &dyn ToSql));
    entries::of_names(connection, &names, given.as_slice())
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

/// How many names have a term; no more than [`COMMON`] are counted.
fn count(connection: &Connection, term: &Term) -> Reading<i64> {
    let [from, to] = term.bounds();
    let count = "SELECT count(*) FROM
        (SELECT 1 FROM atdata_facets WHERE term >= ?1 AND term < ?2 LIMIT ?3)";
    Ok(connection.query_row(count, params![from, to, COMMON], |row| row.get(0))?)
}

/// A query for the names that have all terms, whose bounds are its parameters from the third on.
/// It begins with the names that have the term number `first`, else goes through all names in
/// their order: quick where all terms are common, for then a page is soon full.
fn names_that_fit(terms: &[Term], first: Option<usize>) -> String {
    let is = |table: &str, number: usize| {
        let (from, to) = (2 * number + 3, 2 * number + 4);
        match &terms[number] {
            Term::Exactly(_) => format!("{table}.term = ?{from} AND ?{to} IS NOT NULL"),
            Term::Beginning(_) => format!("{table}.term >= ?{from} AND {table}.term < ?{to}"),
        }
    };
    let others = (0..terms.len()).filter(|number| Some(*number) != first);
    let others: String = others
        .map(|number| {
            let is = is("x", number);
            format!(
                " AND EXISTS (SELECT 1 FROM atdata_facets x INDEXED BY atdata_facets_name
                              WHERE x.name = d.name AND {is})"
            )
        })
        .collect();
    let first = first.map_or_else(String::new, |number| format!(" AND {}", is("d", number)));
    let names = "SELECT DISTINCT d.name FROM atdata_facets d";
    format!("{names} WHERE d.name > ?1{first}{others} ORDER BY d.name LIMIT ?2")
}
