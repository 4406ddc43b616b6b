//! A condition as the text that it can be parsed from.

use super::{Comparison, Expr, Literal, Node, Operand};
use std::fmt::{self, Display, Formatter, Write};

/// What a name cannot be without backticks.
pub(super) const KEYWORDS: [&str; 9] =
    ["and", "or", "not", "in", "is", "between", "None", "True", "False"];

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Shown { expr: self, node: &self.node }.fmt(f)
    }
}

impl Display for Comparison {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Equal => "==",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
        })
    }
}

struct Shown<'a> {
    expr: &'a Expr,
    node: &'a Node,
}

impl Shown<'_> {
    fn name(&self, field: usize) -> Name<'_> {
        Name(self.expr.fields.get(field).map_or("", String::as_str))
    }

    /// A part, in parentheses where it would be read as something else.
    fn part(&self, node: &Node, f: &mut Formatter<'_>) -> fmt::Result {
        let inner = Shown { expr: self.expr, node };
        match (self.node, node) {
            (Node::And(_) | Node::Not(_), Node::And(_) | Node::Or(_))
            | (Node::Or(_), Node::Or(_)) => write!(f, "({inner})"),
            _ => inner.fmt(f),
        }
    }

    fn joined(&self, parts: &[Node], word: &str, f: &mut Formatter<'_>) -> fmt::Result {
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                f.write_str(word)?;
            }
            self.part(part, f)?;
        }
        Ok(())
    }
}

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let not = |negated: bool| if negated { "not " } else { "" };
        match self.node {
            Node::Compare { field, how, with: Operand::Field(other) } => {
                write!(f, "{} {how} {}", self.name(*field), self.name(*other))
            }
            Node::Compare { field, how, with: Operand::Literal(literal) } => {
                write!(f, "{} {how} {literal}", self.name(*field))
            }
            Node::In { field, values, negated } => {
                write!(f, "{} {}in [", self.name(*field), not(*negated))?;
                list(values.given(), f)
            }
            Node::Contains { field, item, negated } => {
                write!(f, "{item} {}in {}", not(*negated), self.name(*field))
            }
            Node::Starts { field, with } => write!(f, "{}.startswith({with})", self.name(*field)),
            Node::Ends { field, with } => write!(f, "{}.endswith({with})", self.name(*field)),
            Node::IsNone { field } => write!(f, "{} is None", self.name(*field)),
            Node::IsTrue { field } => self.name(*field).fmt(f),
            Node::And(parts) => self.joined(parts, " and ", f),
            Node::Or(parts) => self.joined(parts, " or ", f),
            Node::Not(inner) => match **inner {
                Node::IsNone { field } => write!(f, "{} is not None", self.name(field)),
                _ => {
                    f.write_str("not ")?;
                    self.part(inner, f)
                }
            },
        }
    }
}

fn list(literals: &[Literal], f: &mut Formatter<'_>) -> fmt::Result {
    for (at, literal) in literals.iter().enumerate() {
        let comma = if at > 0 { ", " } else { "" };
        write!(f, "{comma}{literal}")?;
    }
    f.write_char(']')
}

struct Name<'a>(&'a str);

impl Display for Name<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let name = self.0;
        let mut letters = name.chars();
        let starts = letters.next().is_some_and(|letter| letter == '_' || letter.is_alphabetic());
        let plain = starts && letters.all(|letter| letter == '_' || letter.is_alphanumeric());
        if plain && !KEYWORDS.contains(&name) {
            return f.write_str(name);
        }
        write!(f, "`{}`", name.replace('`', "``"))
    }
}
