//! From a text to a condition.

mod questions;

use super::display::KEYWORDS;
use super::lexer::{Fault, Lexer, Placed, Word};
use super::literal::Literal;
use super::{Expr, MAX_DEPTH, MAX_FIELDS, MAX_TEXT, Node, Operand};
use crate::error::{Error, Kind, Result};

/// How much of a long text an error shows on each side of the place.
const SHOWN: usize = 60;

pub(super) fn parse(text: &str) -> Result<Expr> {
    if text.len() > MAX_TEXT {
        let message = format!("a condition has at most {MAX_TEXT} bytes, not {}", text.len());
        return Err(Error::new(Kind::BadExpression, message));
    }
    let read = || {
        let mut parser = Parser::new(text)?;
        let node = parser.either(0)?;
        match parser.ahead {
            (_, Word::End) => Ok(Expr { node, fields: parser.fields }),
            (at, ref word) => Err((at, unexpected(word))),
        }
    };
    read().map_err(|(at, what)| shown(text, at, &what))?.checked()
}

/// An error that shows the place.
fn shown(text: &str, at: usize, what: &str) -> Error {
    let before = text.get(..at).map_or(0, |before| before.chars().count());
    let first = before.saturating_sub(SHOWN);
    let visible = |letter: char| if letter.is_control() { ' ' } else { letter };
    let line: String = text.chars().map(visible).skip(first).take(2 * SHOWN).collect();
    let gap = " ".repeat(before - first);
    let message = format!("condition, character {}: {what}\n  {line}\n  {gap}^", before + 1);
    Error::new(Kind::BadExpression, message)
}

fn unexpected(word: &Word) -> String {
    match word {
        Word::Sign("=") => "= means nothing here: write ==".to_owned(),
        Word::Sign("&") => "& means nothing here: write and".to_owned(),
        Word::Sign("|") => "| means nothing here: write or".to_owned(),
        Word::Sign(sign) => format!("{sign} is not expected here"),
        Word::Name(name) if name == "None" => "ask with `is None` or `is not None`".to_owned(),
        Word::Name(name) | Word::Quoted(name) => format!("{name} is not expected here"),
        Word::Literal(literal) => format!("{} is not expected here", literal.describe()),
        Word::End => "the condition ends too early".to_owned(),
    }
}

type Parsed<T> = std::result::Result<T, Fault>;

struct Parser<'a> {
    lexer: Lexer<'a>,
    ahead: Placed,
    fields: Vec<String>,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Parsed<Self> {
        let mut lexer = Lexer::new(text);
        let ahead = lexer.next()?;
        Ok(Self { lexer, ahead, fields: Vec::new() })
    }

    fn take(&mut self) -> Parsed<Placed> {
        let next = self.lexer.next()?;
        Ok(std::mem::replace(&mut self.ahead, next))
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self.ahead.1, Word::Sign(own) if own == sign)
    }

    fn takes_sign(&mut self, sign: &str) -> Parsed<bool> {
        let found = self.is_sign(sign);
        if found {
            self.take()?;
        }
        Ok(found)
    }

    fn takes_word(&mut self, word: &str) -> Parsed<bool> {
        let found = matches!(&self.ahead.1, Word::Name(name) if name == word);
        if found {
            self.take()?;
        }
        Ok(found)
    }

    fn require_sign(&mut self, sign: &str) -> Parsed<()> {
        let at = self.ahead.0;
        if self.takes_sign(sign)? { Ok(()) } else { Err((at, format!("{sign} is missing"))) }
    }

    fn either(&mut self, depth: usize) -> Parsed<Node> {
        let mut parts = vec![self.both(depth)?];
        while self.takes_word("or")? {
            parts.push(self.both(depth)?);
        }
        Ok(one_or(parts, super::or_parts, Node::Or))
    }

    fn both(&mut self, depth: usize) -> Parsed<Node> {
        let mut parts = vec![self.negation(depth)?];
        while self.takes_word("and")? {
            parts.push(self.negation(depth)?);
        }
        Ok(one_or(parts, super::and_parts, Node::And))
    }

    fn negation(&mut self, depth: usize) -> Parsed<Node> {
        if depth > MAX_DEPTH {
            return Err((self.ahead.0, format!("it is nested more than {MAX_DEPTH} deep")));
        }
        if self.takes_word("not")? {
            return Ok(Node::Not(Box::new(self.negation(depth + 1)?)));
        }
        if self.takes_sign("(")? {
            let inner = self.either(depth + 1)?;
            self.require_sign(")")?;
            return Ok(inner);
        }
        self.test()
    }

    fn test(&mut self) -> Parsed<Node> {
        let (at, left) = (self.ahead.0, self.operand()?);
        if self.is_sign("(") {
            return self.function(at, &left);
        }
        if self.is_sign(".") {
            return self.method(at, &left);
        }
        let negated = self.takes_word("not")?;
        if self.takes_word("in")? {
            return self.within(at, left, negated);
        }
        if self.takes_word("between")? {
            return self.between(at, &left, negated);
        }
        if negated {
            return Err((self.ahead.0, "`not` is followed by `in` or `between` here".to_owned()));
        }
        if self.takes_word("is")? {
            return self.is_none(at, &left);
        }
        if let Some(how) = self.comparison()? {
            return self.chain(at, left, how);
        }
        match left {
            Operand::Field(field) => Ok(Node::IsTrue { field }),
            Operand::Literal(_) => Err((at, "a constant alone is no condition".to_owned())),
        }
    }

    /// A field or a constant.
    fn operand(&mut self) -> Parsed<Operand> {
        let (at, word) = self.take()?;
        match word {
            Word::Literal(literal) => Ok(Operand::Literal(literal)),
            Word::Sign("-") => self.negative(at),
            Word::Sign("+") => Ok(Operand::Literal(self.number(at)?)),
            Word::Name(name) if name == "True" => Ok(Operand::Literal(Literal::Bool(true))),
            Word::Name(name) if name == "False" => Ok(Operand::Literal(Literal::Bool(false))),
            Word::Name(name) if !KEYWORDS.contains(&name.as_str()) => self.field(at, name),
            Word::Quoted(name) => self.field(at, name),
            Word::End => Err((at, "a field or a constant is missing".to_owned())),
            other => Err((at, unexpected(&other))),
        }
    }

    fn field(&mut self, at: usize, name: String) -> Parsed<Operand> {
        if let Some(known) = self.fields.iter().position(|own| *own == name) {
            return Ok(Operand::Field(known));
        }
        if self.fields.len() == MAX_FIELDS {
            return Err((at, format!("a condition names at most {MAX_FIELDS} fields")));
        }
        self.fields.push(name);
        Ok(Operand::Field(self.fields.len() - 1))
    }

    fn number(&mut self, at: usize) -> Parsed<Literal> {
        match self.take()?.1 {
            Word::Literal(number @ (Literal::Int(_) | Literal::Float(_))) => Ok(number),
            _ => Err((at, "a number is missing behind the sign".to_owned())),
        }
    }

    fn negative(&mut self, at: usize) -> Parsed<Operand> {
        Ok(Operand::Literal(match self.number(at)? {
            Literal::Int(number) => Literal::Int(-number),
            Literal::Float(number) => Literal::Float(-number),
            other => other,
        }))
    }

    fn constant(&mut self) -> Parsed<Literal> {
        let at = self.ahead.0;
        match self.operand()? {
            Operand::Literal(literal) => Ok(literal),
            Operand::Field(_) => Err((at, "a constant is wanted here, not a field".to_owned())),
        }
    }
}

/// One part as it is; several, those of the same kind opened up, as one.
fn one_or(
    mut parts: Vec<Node>,
    opened: fn(Node) -> Vec<Node>,
    join: fn(Vec<Node>) -> Node,
) -> Node {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => join(parts.into_iter().chain(last).flat_map(opened).collect()),
    }
}
