//! Whether a condition holds of the values of its fields.

use super::literal::{Key, Literal};
use super::{Expr, Node, Operand};
use crate::error::{Error, Kind, Result};
use crate::msgpack::{Token, Walker};

/// The value of a field.
#[derive(Debug, Clone)]
pub(super) enum Slot<'a> {
    /// The payload has no such field.
    Absent,
    Nil,
    Bool(bool),
    Key(Key<'a>),
    /// A list of so many items, which the walker stands before.
    List(usize, Walker<'a>),
    Map,
}

impl<'a> Slot<'a> {
    /// The value that a walker stands before, which then stands behind it.
    #[inline]
    pub(super) fn read(walker: &mut Walker<'a>) -> Result<Self> {
        let before = walker.clone();
        Ok(match walker.token()? {
            Token::Nil => Self::Nil,
            Token::Bool(value) => Self::Bool(value),
            Token::Int(value) => Self::Key(Key::Int(i128::from(value))),
            Token::UInt(value) => Self::Key(Key::Int(i128::from(value))),
            Token::Float(value) => Self::Key(Key::Float(value)),
            Token::Str(text) => Self::Key(Key::Text(text)),
            Token::Bin(bytes) => Self::Key(Key::Bytes(bytes)),
            Token::List(items) => {
                let list = Self::List(items, walker.clone());
                *walker = before;
                walker.pass()?;
                list
            }
            Token::Map(_) => {
                *walker = before;
                walker.pass()?;
                Self::Map
            }
        })
    }

    #[inline]
    fn key(&self) -> Option<Key<'a>> {
        match self {
            Self::Bool(value) => Some(Key::Int(i128::from(*value))),
            Self::Key(key) => Some(*key),
            _ => None,
        }
    }

    const fn is_none(&self) -> bool {
        matches!(self, Self::Nil | Self::Absent)
    }

    const fn describe(&self) -> &'static str {
        match self {
            Self::Absent | Self::Nil => "None",
            Self::Bool(_) => "a bool",
            Self::Key(key) => key.describe(),
            Self::List(..) => "a list",
            Self::Map => "a map",
        }
    }
}

impl Expr {
    /// Whether the condition holds of these values, in the order of its fields.
    #[inline]
    pub(super) fn holds(&self, slots: &[Slot<'_>]) -> Result<bool> {
        self.node_holds(&self.node, slots)
    }

    fn node_holds(&self, node: &Node, slots: &[Slot<'_>]) -> Result<bool> {
        let slot = |field: usize| slots.get(field).unwrap_or(&Slot::Absent);
        let field = match node {
            Node::And(parts) => return self.all(parts, slots),
            Node::Or(parts) => return self.any(parts, slots),
            Node::Not(inner) => return self.node_holds(inner, slots).map(|holds| !holds),
            Node::IsNone { field } => return Ok(slot(*field).is_none()),
            Node::Compare { field, .. }
            | Node::In { field, .. }
            | Node::Contains { field, .. }
            | Node::Starts { field, .. }
            | Node::Ends { field, .. }
            | Node::IsTrue { field } => *field,
        };
        let value = slot(field);
        if value.is_none() {
            return Ok(false);
        }
        let found = match node {
            Node::Compare { how, with: Operand::Literal(literal), .. } => {
                compared(value, &literal.key(), literal.describe()).map(|found| how.holds(found))
            }
            Node::Compare { how, with: Operand::Field(other), .. } => match slot(*other) {
                other if other.is_none() => Ok(false),
                other => match other.key() {
                    Some(key) => compared(value, &key, other.describe()).map(|o| how.holds(o)),
                    None => Err(format!("is compared with {}", other.describe())),
                },
            },
            Node::In { values, negated, .. } => match value.key() {
                Some(key) if values.given().iter().any(|v| v.key().class() == key.class()) => {
                    Ok(values.contain(&key) != *negated)
                }
                Some(_) if values.given().is_empty() => Ok(*negated),
                _ => {
                    Err(format!("is {}, which compares with nothing in the list", value.describe()))
                }
            },
            Node::Contains { item, negated, .. } => contains(value, item)?.map(|is| is != *negated),
            Node::Starts { with, .. } => ended(value, with, true),
            Node::Ends { with, .. } => ended(value, with, false),
            Node::IsTrue { .. } => match value {
                Slot::Bool(value) => Ok(*value),
                other => Err(format!("is {}, not a bool: compare it", other.describe())),
            },
            _ => Ok(false),
        };
        found.map_err(|what| self.wrong(field, &what))
    }

    fn all(&self, parts: &[Node], slots: &[Slot<'_>]) -> Result<bool> {
        for part in parts {
            if !self.node_holds(part, slots)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn any(&self, parts: &[Node], slots: &[Slot<'_>]) -> Result<bool> {
        for part in parts {
            if self.node_holds(part, slots)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    #[cold]
    pub(super) fn wrong(&self, field: usize, what: &str) -> Error {
        let name = self.fields.get(field).map_or("", String::as_str);
        let message = format!("condition: the field '{name}' {what}");
        Error::new(Kind::WrongType, message).in_field(name)
    }
}

type Found<T> = std::result::Result<T, String>;

#[inline]
fn compared(value: &Slot<'_>, with: &Key<'_>, what: &str) -> Found<Option<std::cmp::Ordering>> {
    match value.key() {
        Some(key) if key.class() == with.class() => Ok(key.compare(with)),
        _ => Err(format!("is {}, which does not compare with {what}", value.describe())),
    }
}

/// Whether text, bytes or a list has something in it.
fn contains(value: &Slot<'_>, item: &Literal) -> Result<Found<bool>> {
    Ok(match (value, item.key()) {
        (Slot::Key(Key::Text(text)), Key::Text(part)) => Ok(text.contains(part)),
        (Slot::Key(Key::Bytes(bytes)), Key::Bytes(part)) => {
            Ok(part.is_empty() || bytes.windows(part.len()).any(|window| window == part))
        }
        (Slot::List(items, walker), key) => {
            let mut walker = walker.clone();
            for _ in 0..*items {
                let found = Slot::read(&mut walker)?.key();
                if found.is_some_and(|own| own.compare(&key) == Some(std::cmp::Ordering::Equal)) {
                    return Ok(Ok(true));
                }
            }
            Ok(false)
        }
        _ => Err(format!("is {}, which cannot hold {}", value.describe(), item.describe())),
    })
}

fn ended(value: &Slot<'_>, with: &Literal, first: bool) -> Found<bool> {
    Ok(match (value, with.key()) {
        (Slot::Key(Key::Text(text)), Key::Text(end)) if first => text.starts_with(end),
        (Slot::Key(Key::Text(text)), Key::Text(end)) => text.ends_with(end),
        (Slot::Key(Key::Bytes(bytes)), Key::Bytes(end)) if first => bytes.starts_with(end),
        (Slot::Key(Key::Bytes(bytes)), Key::Bytes(end)) => bytes.ends_with(end),
        _ => {
            let end = if first { "start" } else { "end" };
            let (value, with) = (value.describe(), with.describe());
            return Err(format!("is {value}, which does not {end} with {with}"));
        }
    })
}
