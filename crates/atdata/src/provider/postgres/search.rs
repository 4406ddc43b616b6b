//! Search over the facets of names, and keeping those.

use super::super::facet_query::{ANY, counting, names_that_fit};
use super::super::facets::{Facets, Term, wanted};
use super::session::Session;
use super::{Doing, entries, unwatched};
use crate::provider::{Entry, Page, Query};
use postgres::types::ToSql;
use std::collections::BTreeSet;

/// So many names have their facets made in one transaction.
const BATCH: usize = 1000;

/// Held while facets are made, so that two who search at once do not make the same.
const LOCK: i64 = 0x6174_6661_6365;

/// The current entries that fit a query, by their facets.
pub(super) fn search(session: &mut Session, query: &Query, page: &Page) -> Doing<Vec<Entry>> {
    bring_up_to_date(session)?;
    let terms = wanted(query);
    if terms.is_empty() {
        return entries::current(session, page);
    }
    let texts: Vec<&str> = terms.iter().map(Term::text).collect();
    let texts: Vec<&(dyn ToSql + Sync)> = texts.iter().map(|text| text as _).collect();
    let rows = session.query(&numbered(&counting(&terms)), &texts)?;
    let count = |column| rows.first().map_or(Ok(0), |row| row.try_get(column));
    let counts = (0..terms.len()).map(count).collect::<Result<Vec<i64>, _>>()?;
    let (after, limit) = (entries::after(page), entries::limit(page));
    let given = [&[&after as _, &limit as _], texts.as_slice()].concat();
    entries::of_names(session, &numbered(&names_that_fit(&terms, &counts)), &given)
}

/// A query with parameters as `PostgreSQL` writes them.
fn numbered(query: &str) -> String {
    query.replace('?', "$")
}

/// Makes the facets of all pending names.
fn bring_up_to_date(session: &mut Session) -> Doing<()> {
    if !session.is_watched {
        session.transaction(|session| locked(session, unwatched::find_pending))?;
    }
    while !session.query("SELECT 1 FROM atdata_pending LIMIT 1", &[])?.is_empty() {
        session.transaction(|session| locked(session, work_off))?;
    }
    Ok(())
}

/// Does something that no other who searches does meanwhile.
fn locked(session: &mut Session, work: fn(&mut Session) -> Doing<()>) -> Doing<()> {
    session.query("SELECT pg_advisory_xact_lock($1)", &[&LOCK])?;
    work(session)
}

/// Makes the facets of some pending names.
fn work_off(session: &mut Session) -> Doing<()> {
    let some = format!("SELECT id, name FROM atdata_pending ORDER BY id LIMIT {BATCH}");
    let rows = session.query(&some, &[])?;
    let mut ids: Vec<i64> = Vec::new();
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for row in &rows {
        ids.push(row.try_get(0)?);
        names.insert(row.try_get(1)?);
    }
    make_again(session, &names.into_iter().collect::<Vec<_>>())?;
    session.execute("DELETE FROM atdata_pending WHERE id = ANY ($1)", &[&ids])?;
    Ok(())
}

fn make_again(session: &mut Session, names: &[&str]) -> Doing<()> {
    let entries = entries::readable(session, names)?;
    let (mut terms, mut of_names) = (Vec::new(), Vec::new());
    for entry in &entries {
        let of_entry = Facets::of(entry).terms();
        for term in of_entry.into_iter().chain([ANY.to_owned()]) {
            terms.push(term);
            of_names.push(&entry.name);
        }
    }
    session.execute("DELETE FROM atdata_facets WHERE name = ANY ($1)", &[&names])?;
    let keep = "INSERT INTO atdata_facets SELECT * FROM unnest($1::text[], $2::text[])";
    session.execute(keep, &[&terms, &of_names])?;
    if session.is_watched { Ok(()) } else { unwatched::mark(session, names) }
}
