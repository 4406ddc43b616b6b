//! Whether what a condition asks can be asked of fields of their types.

use super::literal::Literal;
use super::{Expr, Node, Operand};
use crate::batch::ColumnSpec;
use crate::error::{Error, Kind, Result};
use crate::schema::FieldType;
use crate::similar::did_you_mean;

/// What can be asked of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Number,
    Text,
    Bytes,
    List,
    /// Only whether it is `None`.
    Nothing,
    Anything,
}

const fn class_of(ty: &FieldType) -> Class {
    match ty {
        FieldType::Bool | FieldType::Int | FieldType::Float => Class::Number,
        FieldType::Str => Class::Text,
        FieldType::Bytes => Class::Bytes,
        FieldType::List(_) => Class::List,
        FieldType::Any => Class::Anything,
        FieldType::Array { .. } | FieldType::Map | FieldType::Ref(_) => Class::Nothing,
    }
}

const fn class_of_literal(literal: &Literal) -> Class {
    match literal {
        Literal::Bool(_) | Literal::Int(_) | Literal::Float(_) => Class::Number,
        Literal::Text(_) => Class::Text,
        Literal::Bytes(_) => Class::Bytes,
    }
}

impl Expr {
    /// Fails for a field that is not among the columns, and for what cannot be asked of one.
    pub(super) fn fits(&self, columns: &[ColumnSpec]) -> Result<()> {
        let find = |name: &String| columns.iter().find(|column| column.name == *name);
        let types: Result<Vec<&FieldType>> = self
            .fields
            .iter()
            .map(|name| find(name).map(|column| &column.ty).ok_or_else(|| unknown(name, columns)))
            .collect();
        self.node_fits(&self.node, &types?)
    }

    fn node_fits(&self, node: &Node, types: &[&FieldType]) -> Result<()> {
        match node {
            Node::And(parts) | Node::Or(parts) => {
                parts.iter().try_for_each(|part| self.node_fits(part, types))
            }
            Node::Not(inner) => self.node_fits(inner, types),
            Node::IsNone { .. } => Ok(()),
            Node::Compare { field, with: Operand::Field(other), .. } => {
                self.comparable(*field, types)?;
                self.comparable(*other, types)?;
                let (left, right) = (class(types, *field), class(types, *other));
                let any = left == Class::Anything || right == Class::Anything;
                let ty = types.get(*other).map_or_else(String::new, ToString::to_string);
                self.require(any || left == right, *field, types, &format!("compare with {ty}"))
            }
            Node::Compare { field, with: Operand::Literal(literal), .. } => {
                self.comparable(*field, types)?;
                self.same(*field, literal, types, "compare with")
            }
            Node::In { field, values, .. } => {
                self.comparable(*field, types)?;
                let mut given = values.given().iter();
                given.try_for_each(|value| self.same(*field, value, types, "compare with"))
            }
            Node::Contains { field, item, .. } => self.may_contain(*field, item, types),
            Node::Starts { field, with } => {
                self.comparable(*field, types)?;
                self.same(*field, with, types, "start with")
            }
            Node::Ends { field, with } => {
                self.comparable(*field, types)?;
                self.same(*field, with, types, "end with")
            }
            Node::IsTrue { field } => {
                let ty = types.get(*field).copied().unwrap_or(&FieldType::Any);
                if matches!(ty, FieldType::Bool | FieldType::Any) {
                    return Ok(());
                }
                self.comparable(*field, types)?;
                Err(self.wrong(*field, &format!("is {ty}, not bool: compare it with something")))
            }
        }
    }

    /// Fails for fields of which can only be asked whether they are `None`.
    fn comparable(&self, field: usize, types: &[&FieldType]) -> Result<()> {
        let what = match class(types, field) {
            Class::Nothing => "can only be asked whether it is None",
            Class::List => "can only be asked what is in it, and whether it is None",
            _ => return Ok(()),
        };
        let ty = types.get(field).map_or_else(String::new, ToString::to_string);
        Err(self.wrong(field, &format!("is {ty}: it {what}")))
    }

    fn same(&self, field: usize, with: &Literal, types: &[&FieldType], what: &str) -> Result<()> {
        let own = class(types, field);
        let same = own == Class::Anything || own == class_of_literal(with);
        self.require(same, field, types, &format!("{what} {}", with.describe()))
    }

    fn may_contain(&self, field: usize, item: &Literal, types: &[&FieldType]) -> Result<()> {
        let what = format!("hold {}", item.describe());
        let holds = match types.get(field) {
            Some(FieldType::List(items)) => match class_of(items) {
                Class::Anything => true,
                items => items == class_of_literal(item),
            },
            Some(FieldType::Any) => true,
            Some(FieldType::Str) => matches!(item, Literal::Text(_)),
            Some(FieldType::Bytes) => matches!(item, Literal::Bytes(_)),
            _ => {
                self.comparable(field, types)?;
                false
            }
        };
        self.require(holds, field, types, &what)
    }

    fn require(&self, is: bool, field: usize, types: &[&FieldType], what: &str) -> Result<()> {
        if is {
            return Ok(());
        }
        let ty = types.get(field).map_or_else(String::new, ToString::to_string);
        Err(self.wrong(field, &format!("is {ty}, which cannot {what}")))
    }
}

fn class(types: &[&FieldType], field: usize) -> Class {
    types.get(field).map_or(Class::Anything, |ty| class_of(ty))
}

fn unknown(name: &str, columns: &[ColumnSpec]) -> Error {
    let fields: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
    let known = if fields.is_empty() { "none".to_owned() } else { fields.join(", ") };
    let meant = did_you_mean(name, fields);
    let message = format!("condition: there is no field '{name}'{meant}; the fields are {known}");
    Error::new(Kind::UnknownField, message).in_field(name)
}
