//! Conditions, and what they are of a sample, in the plainest words.

use crate::strategies::value;
use atdata_format::{DictSample, Value};
use proptest::collection::vec;
use proptest::prelude::*;

/// A test of a field, said as text, and what it is of a number.
#[derive(Debug, Clone)]
pub(super) enum Plain {
    Compare(&'static str, &'static str, f64),
    In(&'static str, Vec<i64>),
    IsNone(&'static str),
    Not(Box<Plain>),
    And(Vec<Plain>),
    Or(Vec<Plain>),
}

impl Plain {
    pub(super) fn text(&self) -> String {
        let joined = |parts: &[Self], word| {
            parts.iter().map(|part| format!("({})", part.text())).collect::<Vec<_>>().join(word)
        };
        match self {
            Self::Compare(field, how, with) => format!("{field} {how} {with:?}"),
            Self::In(field, values) => format!("{field} in {values:?}"),
            Self::IsNone(field) => format!("{field} is None"),
            Self::Not(inner) => format!("not ({})", inner.text()),
            Self::And(parts) => joined(parts, " and "),
            Self::Or(parts) => joined(parts, " or "),
        }
    }

    pub(super) fn holds(&self, sample: &DictSample) -> bool {
        let number = |field: &str| match sample.get(field) {
            Some(Value::Int(value)) => Some(*value as f64),
            Some(Value::Float(value)) => Some(*value),
            Some(Value::Bool(value)) => Some(f64::from(u8::from(*value))),
            _ => None,
        };
        match self {
            Self::Compare(field, how, with) => number(field).is_some_and(|value| match *how {
                "==" => value == *with,
                "!=" => value != *with,
                "<" => value < *with,
                "<=" => value <= *with,
                ">" => value > *with,
                _ => value >= *with,
            }),
            Self::In(field, values) => {
                number(field).is_some_and(|value| values.iter().any(|own| *own as f64 == value))
            }
            Self::IsNone(field) => number(field).is_none(),
            Self::Not(inner) => !inner.holds(sample),
            Self::And(parts) => parts.iter().all(|part| part.holds(sample)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(sample)),
        }
    }
}

fn field() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("a"), Just("b"), Just("c")]
}

pub(super) fn plain() -> impl Strategy<Value = Plain> {
    let how = prop_oneof![Just("=="), Just("!="), Just("<"), Just("<="), Just(">"), Just(">=")];
    let with = prop_oneof![(-4i64..5).prop_map(|n| n as f64), -4.0..4.0];
    let leaf = prop_oneof![
        (field(), how, with).prop_map(|(field, how, with)| Plain::Compare(field, how, with)),
        (field(), vec(-4i64..5, 0..12)).prop_map(|(field, values)| Plain::In(field, values)),
        field().prop_map(Plain::IsNone),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| Plain::Not(Box::new(inner))),
            vec(inner.clone(), 1..4).prop_map(Plain::And),
            vec(inner, 1..4).prop_map(Plain::Or),
        ]
    })
}

pub(super) fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Nil),
        any::<bool>().prop_map(Value::Bool),
        (-4i64..5).prop_map(Value::Int),
        prop_oneof![Just(f64::NAN), Just(f64::INFINITY), -4.0..4.0].prop_map(Value::Float),
    ]
}

pub(super) fn numbers() -> impl Strategy<Value = DictSample> {
    (number(), number(), number(), value(), any::<bool>()).prop_map(|(a, b, c, other, last)| {
        let mut fields = vec![("a", a), ("b", b), ("c", c)];
        fields.insert(if last { 3 } else { 1 }, ("other", other));
        fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    })
}
