//! A condition that is asked of payloads.

use super::evaluate::Slot;
use super::{Expr, Node};
use crate::batch::ColumnSpec;
use crate::error::{Error, Kind, Result};
use crate::msgpack::Walker;
use crate::similar::did_you_mean;

/// A condition that is asked of payloads; only its fields are decoded.
///
/// What lies behind the last of its fields in a payload is not looked at, so a fault there is
/// found only in samples that are kept, when they are decoded.
#[derive(Debug, Clone)]
pub struct Filter {
    pub(super) expr: Expr,
    /// For each field whether its value is wanted, not only whether there is one.
    pub(super) valued: Vec<bool>,
    /// For each field what a payload without it has instead, as msgpack.
    absent: Vec<Option<Vec<u8>>>,
    open: bool,
}

/// Conditions on no more fields than this need no memory for a sample.
const FEW: usize = 8;

impl Filter {
    /// A condition on samples of any type: a field that a payload does not have is `None`.
    #[must_use]
    pub fn open(expr: Expr) -> Self {
        let absent = vec![Some(vec![0xc0]); expr.fields.len()];
        Self::made(expr, absent, true)
    }

    /// A condition on samples with these fields. Where a payload lacks one it has the default.
    ///
    /// # Errors
    /// [`Kind::UnknownField`] for a field that is not there, [`Kind::WrongType`] for something
    /// that cannot be asked of a field of its type.
    pub fn new(expr: Expr, columns: &[ColumnSpec]) -> Result<Self> {
        expr.fits(columns)?;
        let default = |name: &String| {
            let column = columns.iter().find(|column| column.name == *name);
            let value = column.and_then(|column| column.default.as_ref())?;
            let mut bytes = Vec::new();
            value.write(&mut bytes).is_ok().then_some(bytes)
        };
        let absent = expr.fields.iter().map(default).collect();
        Ok(Self::made(expr, absent, false))
    }

    fn made(expr: Expr, absent: Vec<Option<Vec<u8>>>, open: bool) -> Self {
        let mut valued = vec![false; expr.fields.len()];
        expr.node.note_valued(&mut valued);
        Self { expr, valued, absent, open }
    }

    /// What both conditions keep.
    ///
    /// # Errors
    /// [`Kind::BadExpression`] when they are too deep together.
    pub fn and(&self, other: &Self) -> Result<Self> {
        let expr = self.expr.clone().and(other.expr.clone())?;
        let default_in = |filter: &Self, name: &String| {
            let at = filter.expr.fields.iter().position(|own| own == name)?;
            filter.absent.get(at).cloned()
        };
        let default = |name| default_in(self, name).or_else(|| default_in(other, name)).flatten();
        let absent = expr.fields.iter().map(default).collect();
        Ok(Self::made(expr, absent, self.open && other.open))
    }

    /// The condition.
    #[must_use]
    pub const fn expr(&self) -> &Expr {
        &self.expr
    }

    /// Whether it is asked of samples of any type.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.open
    }

    /// Whether the condition holds of a payload.
    ///
    /// # Errors
    /// What is wrong with the payload as far as it was looked at; [`Kind::WrongType`] for values
    /// that do not go with what is asked of them; [`Kind::MissingField`].
    #[inline]
    pub fn keeps(&self, payload: &[u8]) -> Result<bool> {
        let mut few = [const { Slot::Absent }; FEW];
        if let Some(slots) = few.get_mut(..self.absent.len()) {
            return self.keeps_with(payload, slots);
        }
        self.keeps_with(payload, &mut vec![Slot::Absent; self.absent.len()])
    }

    #[inline]
    fn keeps_with<'a>(&'a self, payload: &'a [u8], slots: &mut [Slot<'a>]) -> Result<bool> {
        if self.scan(payload, slots)? > 0 {
            self.fill(slots)?;
        }
        self.expr.holds(slots)
    }

    /// Finds the fields, and says how many are missing.
    #[inline]
    fn scan<'a>(&self, payload: &'a [u8], slots: &mut [Slot<'a>]) -> Result<usize> {
        let mut walker = Walker::new(payload);
        let fields = walker.map_header()?;
        let mut missing = slots.len();
        for _ in 0..fields {
            if missing == 0 {
                break;
            }
            let name = walker.field_name()?;
            match self.expr.fields.iter().position(|own| own == name) {
                Some(at) => {
                    let value = Slot::read(&mut walker).map_err(|error| error.in_field(name))?;
                    if let Some(slot @ Slot::Absent) = slots.get_mut(at) {
                        *slot = value;
                        missing -= 1;
                    }
                }
                None => walker.pass().map_err(|error| error.in_field(name))?,
            }
        }
        Ok(missing)
    }

    /// Puts in what fields that are missing have instead.
    fn fill<'a>(&'a self, slots: &mut [Slot<'a>]) -> Result<()> {
        for (at, slot) in slots.iter_mut().enumerate() {
            if !matches!(slot, Slot::Absent) {
                continue;
            }
            *slot = match self.absent.get(at) {
                Some(Some(default)) => Slot::read(&mut Walker::new(default))?,
                _ => return Err(self.missing(at)),
            };
        }
        Ok(())
    }

    #[cold]
    fn missing(&self, at: usize) -> Error {
        let name = self.expr.fields.get(at).map_or("", String::as_str);
        let message = format!("the sample has no field '{name}', which its type requires");
        Error::new(Kind::MissingField, message).in_field(name)
    }

    /// Fails for a payload that lacks one of the condition's fields: of samples that may have any
    /// fields, the first says whether a name is a slip.
    #[cold]
    pub(super) fn meets(&self, payload: &[u8]) -> Result<()> {
        let mut slots = vec![Slot::Absent; self.absent.len()];
        if !self.open || self.scan(payload, &mut slots)? == 0 {
            return Ok(());
        }
        let at = slots.iter().position(|slot| matches!(slot, Slot::Absent)).unwrap_or(0);
        let name = self.expr.fields.get(at).map_or("", String::as_str);
        let meant = did_you_mean(name, names_in(payload)?);
        let message = format!(
            "condition: the first sample has no field '{name}'{meant}; where only some samples \
             have a field, give the dataset a sample type that says so"
        );
        Err(Error::new(Kind::UnknownField, message).in_field(name))
    }
}

/// The names of a payload's fields.
fn names_in(payload: &[u8]) -> Result<Vec<&str>> {
    let mut walker = Walker::new(payload);
    let mut names = Vec::new();
    for _ in 0..walker.map_header()? {
        names.push(walker.field_name()?);
        walker.pass()?;
    }
    Ok(names)
}

impl Node {
    /// Notes the fields whose values are wanted.
    fn note_valued(&self, valued: &mut [bool]) {
        let mut note = |field: usize| {
            if let Some(own) = valued.get_mut(field) {
                *own = true;
            }
        };
        match self {
            Self::And(parts) | Self::Or(parts) => {
                parts.iter().for_each(|part| part.note_valued(valued));
            }
            Self::Not(inner) => inner.note_valued(valued),
            Self::IsNone { .. } => {}
            Self::Compare { field, with: super::Operand::Field(other), .. } => {
                note(*field);
                note(*other);
            }
            Self::Compare { field, .. }
            | Self::In { field, .. }
            | Self::Contains { field, .. }
            | Self::Starts { field, .. }
            | Self::Ends { field, .. }
            | Self::IsTrue { field } => note(*field),
        }
    }
}
