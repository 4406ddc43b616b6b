//! Queries over the table of facets, in what `SQLite` and `PostgreSQL` have in common.

use super::facets::Term;

/// More names than this are not counted: a term that so many have is no good to begin with.
const COMMON: i64 = 2000;

/// A query that counts how many names have each term, one column a term; the terms are its
/// parameters.
pub(crate) fn counting(terms: &[Term]) -> String {
    let count = |(number, term)| {
        let is = fits("d", term, number + 1);
        format!(
            "(SELECT count(*) FROM (SELECT 1 FROM atdata_facets d WHERE {is} LIMIT {COMMON}) AS counted)"
        )
    };
    let counts: Vec<String> = terms.iter().enumerate().map(count).collect();
    format!("SELECT {}", counts.join(", "))
}

/// A query for the names after `?1` that have all terms, at most `?2` in their order; the terms are
/// its parameters from the third on. It begins with the names of the rarest term. Where all are
/// common it goes through the names in their order, for then a page is soon full.
pub(crate) fn names_that_fit(terms: &[Term], counts: &[i64]) -> String {
    let first = begin_with(terms, counts);
    let conditions: Vec<String> = (terms.iter().enumerate())
        .map(|(number, term)| match first {
            Some(first) if first == number => fits("d", term, number + 3),
            _ => {
                let is = fits("x", term, number + 3);
                format!("EXISTS (SELECT 1 FROM atdata_facets x WHERE x.name = d.name AND {is})")
            }
        })
        .collect();
    // An expression instead of the column keeps a database from going through all names in their
    // order where it should begin with a term.
    let is_beginning = first.is_some_and(|first| matches!(terms[first], Term::Beginning(_)));
    let name = if is_beginning { "(d.name || '')" } else { "d.name" };
    let conditions = conditions.join(" AND ");
    format!(
        "SELECT DISTINCT {name} AS name FROM atdata_facets d
         WHERE {name} > ?1 AND {conditions} ORDER BY 1 LIMIT ?2"
    )
}

/// The number of the term to begin with, if any is good for that. An exact one always is: the names
/// that have it are in order.
fn begin_with(terms: &[Term], counts: &[i64]) -> Option<usize> {
    let of = |number: &usize| (counts[*number], matches!(terms[*number], Term::Beginning(_)));
    let rarest = (0..terms.len()).min_by_key(of)?;
    (of(&rarest) < (COMMON, true)).then_some(rarest)
}

fn fits(table: &str, term: &Term, parameter: usize) -> String {
    match term {
        Term::Exactly(_) => format!("{table}.term = ?{parameter}"),
        Term::Beginning(_) => format!(
            "{table}.term >= ?{parameter} AND {table}.term < ?{parameter} || '{}'",
            char::MAX
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms() -> [Term; 2] {
        [Term::Beginning("w:ca".into()), Term::Exactly("t:animal".into())]
    }

    #[test]
    fn the_rarest_term_comes_first() {
        assert_eq!(begin_with(&terms(), &[5, 9]), Some(0));
        assert_eq!(begin_with(&terms(), &[9, 5]), Some(1));
    }

    #[test]
    fn of_common_terms_only_an_exact_one_comes_first() {
        assert_eq!(begin_with(&terms(), &[COMMON, COMMON]), Some(1));
        assert_eq!(begin_with(&terms()[..1], &[COMMON]), None);
    }
}
