//! What triggers would do, where the role may make none: on tables that another role owns.
//!
//! What the original writes is found by search all the same, but is no part of history.

use super::Doing;
use super::entries::MARKS;
use super::session::Session;

/// Adds to the history of names that were put just now.
pub(super) fn remember(session: &mut Session, names: &[&str]) -> Doing<()> {
    let remember = "
        INSERT INTO atdata_history (name, cid)
        SELECT l.name, l.cid FROM labels l WHERE l.name = ANY ($1) AND l.version = ''
            AND l.cid IS DISTINCT FROM
                (SELECT h.cid FROM atdata_history h WHERE h.name = l.name
                 ORDER BY h.moment DESC LIMIT 1)";
    session.execute(remember, &[&names]).map(drop)
}

/// Finds the names whose facets are to be made again, by going through all there are.
pub(super) fn find_pending(session: &mut Session) -> Doing<()> {
    let find = format!(
        "INSERT INTO atdata_pending (name)
         SELECT coalesce(now.name, known.name) FROM ({MARKS}) now
         FULL JOIN (SELECT name, term FROM atdata_facets WHERE term >= 'c:' AND term < 'c;') known
             ON known.name = now.name
         WHERE now.mark IS DISTINCT FROM known.term"
    );
    session.execute(&find, &[]).map(drop)
}

/// Marks names whose facets were made just now.
pub(super) fn mark(session: &mut Session, names: &[&str]) -> Doing<()> {
    let mark = format!(
        "INSERT INTO atdata_facets SELECT now.mark, now.name FROM ({MARKS}) now
         WHERE now.name = ANY ($1)"
    );
    session.execute(&mark, &[&names]).map(drop)
}
