//! What is asked of a field.

use super::{Parsed, Parser, one_or};
use crate::expression::lexer::Word;
use crate::expression::literal::{Literal, Values};
use crate::expression::{Comparison, Node, Operand, and_parts};

impl Parser<'_> {
    pub(super) fn comparison(&mut self) -> Parsed<Option<Comparison>> {
        let found = match self.ahead.1 {
            Word::Sign("==") => Comparison::Equal,
            Word::Sign("!=") => Comparison::Unequal,
            Word::Sign("<") => Comparison::Less,
            Word::Sign("<=") => Comparison::AtMost,
            Word::Sign(">") => Comparison::Greater,
            Word::Sign(">=") => Comparison::AtLeast,
            _ => return Ok(None),
        };
        self.take()?;
        Ok(Some(found))
    }

    /// `a < b <= c` is `a < b and b <= c`.
    pub(super) fn chain(&mut self, at: usize, left: Operand, first: Comparison) -> Parsed<Node> {
        let (mut left, mut next, mut parts) = (left, Some(first), Vec::new());
        while let Some(how) = next {
            let right = self.operand()?;
            parts.push(compared(at, left, how, right.clone())?);
            left = right;
            next = self.comparison()?;
        }
        Ok(one_or(parts, and_parts, Node::And))
    }

    pub(super) fn between(&mut self, at: usize, left: &Operand, negated: bool) -> Parsed<Node> {
        let low = self.operand()?;
        if !self.takes_word("and")? {
            return Err((self.ahead.0, "`between` is followed by two values: a and b".to_owned()));
        }
        let high = self.operand()?;
        let compare = |how, with| compared(at, left.clone(), how, with);
        Ok(if negated {
            Node::Or(vec![compare(Comparison::Less, low)?, compare(Comparison::Greater, high)?])
        } else {
            Node::And(vec![compare(Comparison::AtLeast, low)?, compare(Comparison::AtMost, high)?])
        })
    }

    pub(super) fn is_none(&mut self, at: usize, left: &Operand) -> Parsed<Node> {
        let negated = self.takes_word("not")?;
        let here = self.ahead.0;
        if !self.takes_word("None")? {
            return Err((here, "`is` compares with None only; write ==".to_owned()));
        }
        let node = Node::IsNone { field: asked(at, left)? };
        Ok(if negated { Node::Not(Box::new(node)) } else { node })
    }

    pub(super) fn within(&mut self, at: usize, left: Operand, negated: bool) -> Parsed<Node> {
        let close = match self.ahead.1 {
            Word::Sign("[") => "]",
            Word::Sign("(") => ")",
            _ => {
                let (here, right) = (self.ahead.0, self.operand()?);
                let field = asked(here, &right)?;
                return match left {
                    Operand::Literal(item) => Ok(Node::Contains { field, item, negated }),
                    Operand::Field(_) => {
                        Err((here, "a list of constants is wanted here, not a field".to_owned()))
                    }
                };
            }
        };
        self.take()?;
        let mut values = Vec::new();
        while !self.is_sign(close) {
            values.push(self.constant()?);
            if !self.takes_sign(",")? {
                break;
            }
        }
        self.require_sign(close)?;
        Ok(Node::In { field: asked(at, &left)?, values: Values::new(values), negated })
    }

    /// `field.startswith('a')`.
    pub(super) fn method(&mut self, at: usize, left: &Operand) -> Parsed<Node> {
        let field = asked(at, left)?;
        self.take()?;
        let (here, name) = self.take()?;
        self.require_sign("(")?;
        let with = self.constant()?;
        self.require_sign(")")?;
        tested(here, &name, field, with)
    }

    /// `startswith(field, 'a')`, as declared lenses have it.
    pub(super) fn function(&mut self, at: usize, left: &Operand) -> Parsed<Node> {
        let name = match left {
            Operand::Field(field) => self.fields.get(*field).cloned().unwrap_or_default(),
            Operand::Literal(_) => return Err((at, "a constant cannot be called".to_owned())),
        };
        // It was taken for a field; its name is that of a function if nothing else used it.
        if self.fields.last() == Some(&name) {
            self.fields.pop();
        }
        self.take()?;
        let here = self.ahead.0;
        let operand = self.operand()?;
        let field = asked(here, &operand)?;
        self.require_sign(",")?;
        let with = self.constant()?;
        self.require_sign(")")?;
        tested(at, &Word::Name(name), field, with)
    }
}

fn tested(at: usize, name: &Word, field: usize, with: Literal) -> Parsed<Node> {
    let name = if let Word::Name(name) = name { name.as_str() } else { "" };
    if name != "contains" && !matches!(with, Literal::Text(_) | Literal::Bytes(_)) {
        return Err((at, format!("{name} asks of text or bytes, not of {}", with.describe())));
    }
    match name {
        "startswith" => Ok(Node::Starts { field, with }),
        "endswith" => Ok(Node::Ends { field, with }),
        "contains" => Ok(Node::Contains { field, item: with, negated: false }),
        _ => Err((at, "there are only startswith, endswith and contains".to_owned())),
    }
}

/// The field that something is asked of.
fn asked(at: usize, operand: &Operand) -> Parsed<usize> {
    match operand {
        Operand::Field(field) => Ok(*field),
        Operand::Literal(_) => Err((at, "a field is wanted here, not a constant".to_owned())),
    }
}

/// A comparison with the field on the left.
fn compared(at: usize, left: Operand, how: Comparison, right: Operand) -> Parsed<Node> {
    match (left, right) {
        (Operand::Field(field), with) => Ok(Node::Compare { field, how, with }),
        (left, Operand::Field(field)) => {
            Ok(Node::Compare { field, how: how.flipped(), with: left })
        }
        _ => Err((at, "two constants are compared, and no field".to_owned())),
    }
}
