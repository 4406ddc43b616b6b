//! Conditions on a sample's fields, such as `score > 0.99 and label in ['cat', 'dog']`.
//!
//! A text is parsed into an [`Expr`], which a [`Filter`] asks of payloads: only the fields that it
//! names are decoded, everything else is passed over.
//!
//! There are fields by name (any other name between backticks), numbers, texts, bytes, `True` and
//! `False`; `== != < <= > >=`, also in chains; `in` and `not in` before a list of constants, or
//! before a field that holds text or a list; `between a and b`; `is None`, `is not None`;
//! `.startswith()`, `.endswith()` and `.contains()`; a field of truth values alone; `and`, `or`,
//! `not` and parentheses. Values mean what they mean in Python:
//!
//! - Numbers are compared exactly, whatever their types; truth values are the numbers 0 and 1.
//!   With NaN only `!=` is true.
//! - Text is compared by code points. Text beside a number is an error, not false.
//! - A comparison with `None` is false, also `!=` and `not in`: `is None` is how one asks. So
//!   `not (score > 1)` is true where the score is `None`, and `score <= 1` is not.
//!
//! ```
//! use atdata_format::expression::{Expr, Filter};
//! let expr: Expr = "score > 0.5 and label in ['cat', 'dog']".parse()?;
//! assert_eq!(expr.fields(), ["score", "label"]);
//! let filter = Filter::open(expr);
//! assert!(filter.keeps(b"\x82\xa5label\xa3cat\xa5score\xcb\x3f\xef\xae\x14\x7a\xe1\x47\xae")?);
//!
//! let wrong = "score >".parse::<Expr>().unwrap_err();
//! assert_eq!(
//!     wrong.to_string(),
//!     "condition, character 8: a field or a constant is missing\n  score >\n         ^"
//! );
//! # Ok::<(), atdata_format::Error>(())
//! ```

mod bounds;
mod display;
mod evaluate;
mod filter;
mod fitting;
mod gather;
mod lexer;
mod literal;
mod parser;
mod sieve;

pub use filter::Filter;
pub(crate) use gather::pass_value;
pub use literal::Literal;
pub use sieve::Sieve;

use crate::error::{Error, Kind, Result};
use literal::Values;
use std::str::FromStr;

/// How long a text may be, in bytes.
pub const MAX_TEXT: usize = 1 << 20;

/// How deep parentheses and `not` may be nested.
pub const MAX_DEPTH: usize = 50;

/// How many fields may be named.
pub const MAX_FIELDS: usize = 1000;

/// A condition on the fields of a sample.
///
/// It is made of a text (`parse`), and its `Display` is a text that gives the same again.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    node: Node,
    fields: Vec<String>,
}

/// Fields are meant by their number among the names.
#[derive(Debug, Clone, PartialEq)]
enum Node {
    Compare { field: usize, how: Comparison, with: Operand },
    In { field: usize, values: Values, negated: bool },
    Contains { field: usize, item: Literal, negated: bool },
    Starts { field: usize, with: Literal },
    Ends { field: usize, with: Literal },
    IsNone { field: usize },
    IsTrue { field: usize },
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
}

#[derive(Debug, Clone, PartialEq)]
enum Operand {
    Field(usize),
    Literal(Literal),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Expr {
    /// The names of the fields, in the order in which they are named first.
    #[must_use]
    pub fn fields(&self) -> &[String] {
        &self.fields
    }

    /// What holds where both do.
    ///
    /// # Errors
    /// [`Kind::BadExpression`] when it is too deep or names too many fields.
    pub fn and(self, other: Self) -> Result<Self> {
        self.joined(other, |left, right| Node::And(flat(left, right, and_parts)))
    }

    /// What holds where one of both does.
    ///
    /// # Errors
    /// As [`Expr::and`].
    pub fn or(self, other: Self) -> Result<Self> {
        self.joined(other, |left, right| Node::Or(flat(left, right, or_parts)))
    }

    /// What holds where this does not.
    ///
    /// # Errors
    /// As [`Expr::and`].
    pub fn negated(self) -> Result<Self> {
        Self { node: Node::Not(Box::new(self.node)), fields: self.fields }.checked()
    }

    fn joined(mut self, mut other: Self, join: impl FnOnce(Node, Node) -> Node) -> Result<Self> {
        let place = |name: &String| match self.fields.iter().position(|own| own == name) {
            Some(at) => at,
            None => {
                self.fields.push(name.clone());
                self.fields.len() - 1
            }
        };
        let places: Vec<usize> = other.fields.iter().map(place).collect();
        other.node.renumber(&places);
        Self { node: join(self.node, other.node), fields: self.fields }.checked()
    }

    fn checked(self) -> Result<Self> {
        let what = if self.fields.len() > MAX_FIELDS {
            format!("a condition names at most {MAX_FIELDS} fields")
        } else if self.node.depth() > MAX_DEPTH {
            format!("a condition is nested at most {MAX_DEPTH} deep")
        } else {
            return Ok(self);
        };
        Err(Error::new(Kind::BadExpression, what))
    }
}

impl FromStr for Expr {
    type Err = Error;

    /// # Errors
    /// [`Kind::BadExpression`], which shows the place.
    fn from_str(text: &str) -> Result<Self> {
        parser::parse(text)
    }
}

impl Node {
    fn depth(&self) -> usize {
        match self {
            Self::And(parts) | Self::Or(parts) => {
                1 + parts.iter().map(Self::depth).max().unwrap_or(0)
            }
            Self::Not(inner) => 1 + inner.depth(),
            _ => 0,
        }
    }

    fn renumber(&mut self, places: &[usize]) {
        let change = |field: &mut usize| *field = places.get(*field).copied().unwrap_or(*field);
        match self {
            Self::And(parts) | Self::Or(parts) => {
                parts.iter_mut().for_each(|part| part.renumber(places));
            }
            Self::Not(inner) => inner.renumber(places),
            Self::Compare { field, with: Operand::Field(other), .. } => {
                change(field);
                change(other);
            }
            Self::Compare { field, .. }
            | Self::In { field, .. }
            | Self::Contains { field, .. }
            | Self::Starts { field, .. }
            | Self::Ends { field, .. }
            | Self::IsNone { field }
            | Self::IsTrue { field } => change(field),
        }
    }
}

/// Two conditions as parts of one, those that are such already opened up.
fn flat(left: Node, right: Node, parts: fn(Node) -> Vec<Node>) -> Vec<Node> {
    let mut all = parts(left);
    all.extend(parts(right));
    all
}

fn and_parts(node: Node) -> Vec<Node> {
    if let Node::And(parts) = node { parts } else { vec![node] }
}

fn or_parts(node: Node) -> Vec<Node> {
    if let Node::Or(parts) = node { parts } else { vec![node] }
}

impl Comparison {
    /// The same seen from the other side: `a < b` is `b > a`.
    const fn flipped(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::AtMost => Self::AtLeast,
            Self::Greater => Self::Less,
            Self::AtLeast => Self::AtMost,
            same => same,
        }
    }

    /// What holds where this does not, NaN and `None` left out.
    const fn opposite(self) -> Self {
        match self {
            Self::Equal => Self::Unequal,
            Self::Unequal => Self::Equal,
            Self::Less => Self::AtLeast,
            Self::AtMost => Self::Greater,
            Self::Greater => Self::AtMost,
            Self::AtLeast => Self::Less,
        }
    }

    /// Whether it holds of two values that compare so; `None` is NaN beside anything.
    #[inline]
    const fn holds(self, ordering: Option<std::cmp::Ordering>) -> bool {
        use std::cmp::Ordering::{Equal, Greater, Less};
        matches!(
            (self, ordering),
            (Self::Equal | Self::AtMost | Self::AtLeast, Some(Equal))
                | (Self::Less | Self::AtMost | Self::Unequal, Some(Less))
                | (Self::Greater | Self::AtLeast | Self::Unequal, Some(Greater))
                | (Self::Unequal, None)
        )
    }
}
