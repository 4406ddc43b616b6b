//! What a field holds, over all samples of a shard, or of several.

use crate::batch::Column;
use crate::value::Value;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// How many different values are listed; beyond, they are only counted.
pub const MAX_VALUES: usize = 1000;

/// How a field is summed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AggregateKind {
    /// By its smallest, largest and mean value.
    Numeric,
    /// By how often each value comes.
    Categorical,
    /// By the values that its lists hold.
    Set,
}

impl AggregateKind {
    /// The kind of this name: `numeric`, `categorical` or `set`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "numeric" => Some(Self::Numeric),
            "categorical" => Some(Self::Categorical),
            "set" => Some(Self::Set),
            _ => None,
        }
    }
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Aggregate {
    /// Numbers; NaN, infinities and missing ones left out.
    Numeric {
        /// The smallest; 0 where there are none.
        min: f64,
        /// The largest; 0 where there are none.
        max: f64,
        /// The mean; 0 where there are none.
        mean: f64,
        /// How many there are.
        count: u64,
    },
    /// Values of few kinds.
    Categorical {
        /// How many different ones there are.
        cardinality: u64,
        /// How often each comes; at most [`MAX_VALUES`] of them.
        value_counts: BTreeMap<String, u64>,
    },
    /// Lists of values of few kinds.
    Set {
        /// All that come, sorted; at most [`MAX_VALUES`].
        all_values: BTreeSet<String>,
    },
}

impl Aggregate {
    /// Sums up a column.
    #[must_use]
    pub fn of(kind: AggregateKind, column: &Column) -> Self {
        match kind {
            AggregateKind::Numeric => numeric(column),
            AggregateKind::Categorical => categorical(column),
            AggregateKind::Set => set(column),
        }
    }

    /// What the field holds in two shards together; `None` when they were summed up differently.
    #[must_use]
    pub fn merged(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (&Self::Numeric { min, max, mean, count }, Self::Numeric { count: 0, .. }) => {
                Some(Self::Numeric { min, max, mean, count })
            }
            (Self::Numeric { count: 0, .. }, numeric @ Self::Numeric { .. }) => {
                Some(numeric.clone())
            }
            (
                Self::Numeric { min, max, mean, count },
                Self::Numeric { min: low, max: high, mean: also, count: more },
            ) => {
                let all = count + more;
                let mean = (mean * *count as f64 + also * *more as f64) / all as f64;
                Some(Self::Numeric { min: min.min(*low), max: max.max(*high), mean, count: all })
            }
            (
                Self::Categorical { cardinality, value_counts },
                Self::Categorical { cardinality: also, value_counts: more },
            ) => {
                let mut counts = value_counts.clone();
                for (value, count) in more {
                    *counts.entry(value.clone()).or_default() += count;
                }
                let cardinality = (*cardinality).max(*also).max(counts.len() as u64);
                Some(Self::Categorical { cardinality, value_counts: counts })
            }
            (Self::Set { all_values }, Self::Set { all_values: more }) => {
                Some(Self::Set { all_values: all_values.union(more).cloned().collect() })
            }
            _ => None,
        }
    }
}

fn numeric(column: &Column) -> Aggregate {
    let (mut min, mut max, mut sum, mut count) = (f64::INFINITY, f64::NEG_INFINITY, 0.0, 0u64);
    for number in values(column).filter_map(|value| number(&value)).filter(|n| n.is_finite()) {
        (min, max, sum, count) = (min.min(number), max.max(number), sum + number, count + 1);
    }
    match count {
        0 => Aggregate::Numeric { min: 0.0, max: 0.0, mean: 0.0, count },
        _ => Aggregate::Numeric { min, max, mean: sum / count as f64, count },
    }
}

fn categorical(column: &Column) -> Aggregate {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut others: HashSet<u64> = HashSet::new();
    for text in values(column).filter_map(|value| text(&value)) {
        if let Some(count) = counts.get_mut(&text) {
            *count += 1;
        } else if counts.len() < MAX_VALUES {
            counts.insert(text, 1);
        } else {
            // Only told apart, so that a field of free text costs eight bytes a value.
            let mut hasher = DefaultHasher::new();
            text.hash(&mut hasher);
            others.insert(hasher.finish());
        }
    }
    let cardinality = (counts.len() + others.len()) as u64;
    Aggregate::Categorical { cardinality, value_counts: counts }
}

fn set(column: &Column) -> Aggregate {
    let mut all_values = BTreeSet::new();
    for value in values(column) {
        let items = match value {
            Value::List(items) => items,
            other => vec![other],
        };
        for text in items.iter().filter_map(text) {
            if all_values.len() < MAX_VALUES {
                all_values.insert(text);
            }
        }
    }
    Aggregate::Set { all_values }
}

/// A column's values one by one, those of arrays and bytes left out.
fn values(column: &Column) -> Box<dyn Iterator<Item = Value> + '_> {
    match column {
        Column::Bools(values) => Box::new(values.iter().map(|&value| Value::Bool(value))),
        Column::Ints(values) => Box::new(values.iter().map(|&value| Value::Int(value))),
        Column::Floats(values) => Box::new(values.iter().map(|&value| Value::Float(value))),
        Column::Texts(packed) => Box::new(packed.texts().map(|text| Value::Str(text.to_owned()))),
        Column::Values(values) => Box::new(values.iter().cloned()),
        Column::Bytes(_) | Column::Stack(_) | Column::Arrays(_) => Box::new(std::iter::empty()),
    }
}

const fn number(value: &Value) -> Option<f64> {
    match *value {
        Value::Int(value) => Some(value as f64),
        Value::UInt(value) => Some(value as f64),
        Value::Float(value) => Some(value),
        Value::Bool(value) => Some(if value { 1.0 } else { 0.0 }),
        _ => None,
    }
}

/// A value as the key of a count: a whole float keeps its `.0`, truth is `True` or `False`.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Str(text) => Some(text.clone()),
        Value::Int(value) => Some(value.to_string()),
        Value::UInt(value) => Some(value.to_string()),
        Value::Float(value) => Some(format!("{value:?}")),
        Value::Bool(value) => Some(if *value { "True" } else { "False" }.to_owned()),
        _ => None,
    }
}
