//! Whether a condition can hold of any sample of a shard, by what its manifest says.

use super::literal::{Key, Literal};
use super::{Comparison, Filter, Node, Operand};
use crate::manifest::{Aggregate, MAX_VALUES};
use std::collections::BTreeMap;

/// What is known of a shard.
struct Known<'a> {
    filter: &'a Filter,
    samples: u64,
    fields: &'a BTreeMap<String, Aggregate>,
}

/// Whether something is true of some sample, and whether it is false of some, as far as is known.
#[derive(Clone, Copy)]
struct May {
    hold: bool,
    fail: bool,
}

const UNKNOWN: May = May { hold: true, fail: true };

impl Filter {
    /// Whether the condition may hold of a sample of a shard with so many samples and fields like
    /// these. False only where it is certain that it holds of none.
    #[must_use]
    pub fn may_keep(&self, samples: u64, fields: &BTreeMap<String, Aggregate>) -> bool {
        samples > 0 && Known { filter: self, samples, fields }.may(&self.expr.node).hold
    }
}

impl Known<'_> {
    fn may(&self, node: &Node) -> May {
        match node {
            Node::And(parts) => parts.iter().map(|part| self.may(part)).fold(
                May { hold: true, fail: false },
                |all, part| May { hold: all.hold && part.hold, fail: all.fail || part.fail },
            ),
            Node::Or(parts) => parts.iter().map(|part| self.may(part)).fold(
                May { hold: false, fail: true },
                |all, part| May { hold: all.hold || part.hold, fail: all.fail && part.fail },
            ),
            Node::Not(inner) => {
                let May { hold, fail } = self.may(inner);
                May { hold: fail, fail: hold }
            }
            Node::Compare { field, how, with: Operand::Literal(literal) } => {
                self.compared(*field, *how, literal)
            }
            Node::In { field, values, negated: false } => {
                let mut given = values.given().iter();
                let equal = |value| self.compared(*field, Comparison::Equal, value).hold;
                May { hold: given.any(equal), fail: true }
            }
            Node::Contains { field, item: Literal::Text(text), negated: false } => {
                May { hold: self.may_contain(*field, text), fail: true }
            }
            _ => UNKNOWN,
        }
    }

    fn aggregate(&self, field: usize) -> Option<&Aggregate> {
        self.fields.get(self.filter.expr.fields.get(field)?)
    }

    fn compared(&self, field: usize, how: Comparison, with: &Literal) -> May {
        match self.aggregate(field) {
            // Where some are left out, they may be NaN, infinite, None, or no numbers.
            Some(&Aggregate::Numeric { min, max, count, .. }) if count == self.samples => {
                let range = (wider(min, false), wider(max, true));
                let may = |how| in_range(range, how, with);
                May { hold: may(how), fail: may(how.opposite()) }
            }
            Some(Aggregate::Categorical { cardinality, value_counts })
                if *cardinality == value_counts.len() as u64 =>
            {
                let hold = value_counts.keys().any(|value| may_be(value, how, with));
                May { hold, fail: true }
            }
            _ => UNKNOWN,
        }
    }

    /// Whether a list may hold a text. A set that is full may have left some out.
    fn may_contain(&self, field: usize, text: &str) -> bool {
        match self.aggregate(field) {
            Some(Aggregate::Set { all_values }) if all_values.len() < MAX_VALUES => {
                all_values.contains(text)
            }
            _ => true,
        }
    }
}

/// A bound moved outwards: integers were rounded to it, and so was its text when it was read.
fn wider(bound: f64, up: bool) -> f64 {
    if up { bound.next_up().next_up() } else { bound.next_down().next_down() }
}

/// Whether a number of a range may compare so.
fn in_range((min, max): (f64, f64), how: Comparison, with: &Literal) -> bool {
    let with = with.key();
    let low = Key::Float(min).compare(&with);
    let high = Key::Float(max).compare(&with);
    let (Some(low), Some(high)) = (low, high) else { return true };
    match how {
        Comparison::Equal => low.is_le() && high.is_ge(),
        Comparison::Less => low.is_lt(),
        Comparison::AtMost => low.is_le(),
        Comparison::Greater => high.is_gt(),
        Comparison::AtLeast => high.is_ge(),
        Comparison::Unequal => true,
    }
}

/// Whether a value that is counted under this text may compare so. The text does not say whether
/// it was a number; what is no number is then an error, which somebody should see.
fn may_be(value: &str, how: Comparison, with: &Literal) -> bool {
    let with = with.key();
    match with {
        Key::Text(text) => how.holds(Some(value.cmp(text))),
        Key::Int(_) | Key::Float(_) => {
            number(value).is_none_or(|number| how.holds(number.key().compare(&with)))
        }
        Key::Bytes(_) => true,
    }
}

/// The integer or truth value of a text. Floats may have been rounded on their way.
fn number(text: &str) -> Option<Literal> {
    match text {
        "True" => Some(Literal::Int(1)),
        "False" => Some(Literal::Int(0)),
        _ => text.parse().ok().map(Literal::Int),
    }
}
