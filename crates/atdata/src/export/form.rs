//! The form of a column: the narrowest that holds all values seen so far.

use super::array_form::ArrayForm;
use arrow_schema::{DataType, Field};
use atdata_format::Value;
use atdata_format::batch::{Column, Packed};
use atdata_format::schema::FieldType;
use std::sync::Arc;

/// What values have in common. Forms only ever widen, and every form fits into [`Kind::Json`].
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Form {
    pub(super) kind: Kind,
    pub(super) nulls: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// No value so far.
    Unknown,
    Bool,
    Number(Numbers),
    /// Texts; large ones need offsets of 64 bits.
    Text {
        large: bool,
    },
    Bytes {
        large: bool,
    },
    /// Arrays, of which none may have come yet.
    Array(Option<ArrayForm>),
    List(Box<Form>),
    /// Anything, as JSON text.
    Json,
}

/// Lists in lists beyond this are JSON text.
const DEEPEST: usize = 16;

/// From here on not every whole number is a float.
const EXACT: i128 = 1 << 53;

/// Numbers: from which to which the whole ones are, and whether there are floats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Numbers {
    ints: Option<(i128, i128)>,
    floats: bool,
}

impl Numbers {
    const FLOATS: Self = Self { ints: None, floats: true };

    fn int(value: impl Into<i128> + Copy) -> Self {
        Self { ints: Some((value.into(), value.into())), floats: false }
    }

    fn of(values: &[i64]) -> Option<Self> {
        let (low, high) = (*values.iter().min()?, *values.iter().max()?);
        Some(Self { ints: Some((low.into(), high.into())), floats: false })
    }

    /// Both together, unless some would have to be rounded.
    fn join(self, other: Self) -> Option<Self> {
        let ints = match (self.ints, other.ints) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (one, other) => one.or(other),
        };
        let floats = self.floats || other.floats;
        let exact = ints.is_none_or(|(low, high)| -EXACT <= low && high <= EXACT);
        (!floats || exact).then_some(Self { ints, floats })
    }

    pub(super) fn data_type(self) -> DataType {
        match self.ints {
            _ if self.floats => DataType::Float64,
            Some((low, high)) if high > i64::MAX.into() => match low {
                0.. => DataType::UInt64,
                _ => DataType::Decimal128(20, 0),
            },
            _ => DataType::Int64,
        }
    }
}

impl Form {
    pub(super) const fn of_kind(kind: Kind) -> Self {
        Self { kind, nulls: false }
    }

    /// Of a declared type, before any value has come.
    pub(super) fn declared(ty: &FieldType) -> Self {
        Self::of_kind(match ty {
            FieldType::Str => Kind::Text { large: false },
            FieldType::Bytes => Kind::Bytes { large: false },
            FieldType::Bool => Kind::Bool,
            FieldType::Float => Kind::Number(Numbers::FLOATS),
            FieldType::Int => Kind::Number(Numbers { ints: None, floats: false }),
            FieldType::Array { .. } => Kind::Array(None),
            FieldType::List(items) => list(Self::declared(items)),
            FieldType::Map => Kind::Json,
            FieldType::Ref(_) | FieldType::Any => Kind::Unknown,
        })
    }

    /// Of the values of a column.
    pub(super) fn of(column: &Column) -> Self {
        let kind = match column {
            Column::Bools(_) => Kind::Bool,
            Column::Ints(values) => Numbers::of(values).map_or(Kind::Unknown, Kind::Number),
            Column::Floats(_) => Kind::Number(Numbers::FLOATS),
            Column::Texts(packed) => Kind::Text { large: is_large(packed) },
            Column::Bytes(packed) => Kind::Bytes { large: is_large(packed) },
            Column::Stack(stack) => Kind::Array(Some(ArrayForm::of_stack(stack))),
            Column::Arrays(items) => {
                let nulls = items.iter().any(Option::is_none);
                let found = items.iter().flatten().map(ArrayForm::of_item);
                let kind = found.reduce(|own, other| own.join(&other)).map(Some).map(Kind::Array);
                return Self { kind: kind.unwrap_or(Kind::Unknown), nulls };
            }
            Column::Values(values) => return Self::of_values(values),
        };
        Self::of_kind(kind)
    }

    fn of_values(values: &[Value]) -> Self {
        let large = values.iter().map(bytes_in).sum::<usize>() > i32::MAX as usize;
        let mut form = Self::of_kind(Kind::Unknown);
        for value in values {
            form.widen(Self::of_value(value, 0));
        }
        match &mut form.kind {
            Kind::Text { large: own } | Kind::Bytes { large: own } => *own = large,
            _ => {}
        }
        form
    }

    fn of_value(value: &Value, depth: usize) -> Self {
        Self::of_kind(match value {
            Value::Nil => return Self { kind: Kind::Unknown, nulls: true },
            Value::Bool(_) => Kind::Bool,
            Value::Int(value) => Kind::Number(Numbers::int(*value)),
            Value::UInt(value) => Kind::Number(Numbers::int(*value)),
            Value::Float(_) => Kind::Number(Numbers::FLOATS),
            Value::Str(_) => Kind::Text { large: false },
            Value::Bytes(_) => Kind::Bytes { large: false },
            Value::Map(_) => Kind::Json,
            Value::List(_) if depth == DEEPEST => Kind::Json,
            Value::List(items) => {
                let mut form = Self::of_kind(Kind::Unknown);
                items.iter().for_each(|item| form.widen(Self::of_value(item, depth + 1)));
                list(form)
            }
        })
    }

    /// Makes room for what another form holds.
    pub(super) fn widen(&mut self, other: Self) {
        self.nulls |= other.nulls;
        let own = std::mem::replace(&mut self.kind, Kind::Unknown);
        self.kind = own.join(other.kind);
    }
}

impl Kind {
    fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unknown, kind) | (kind, Self::Unknown) => kind,
            (Self::Bool, Self::Bool) => Self::Bool,
            (Self::Number(a), Self::Number(b)) => a.join(b).map_or(Self::Json, Self::Number),
            (Self::Text { large: a }, Self::Text { large: b }) => Self::Text { large: a || b },
            (Self::Bytes { large: a }, Self::Bytes { large: b }) => Self::Bytes { large: a || b },
            (Self::Array(None), Self::Array(form)) => Self::Array(form),
            (Self::Array(form), Self::Array(None)) => Self::Array(form),
            (Self::Array(Some(a)), Self::Array(Some(b))) => Self::Array(Some(a.join(&b))),
            (Self::List(mut a), Self::List(b)) => {
                a.widen(*b);
                list(*a)
            }
            _ => Self::Json,
        }
    }

    /// The Arrow type of the column itself.
    pub(super) fn data_type(&self) -> DataType {
        match self {
            Self::Unknown | Self::Array(None) => DataType::Null,
            Self::Bool => DataType::Boolean,
            Self::Number(numbers) => numbers.data_type(),
            Self::Text { large: false } | Self::Json => DataType::Utf8,
            Self::Text { large: true } => DataType::LargeUtf8,
            Self::Bytes { large: false } => DataType::Binary,
            Self::Bytes { large: true } => DataType::LargeBinary,
            Self::Array(Some(form)) => form.data_type(),
            Self::List(items) => DataType::List(Arc::new(element(items))),
        }
    }
}

/// The field of a list's items.
pub(super) fn element(form: &Form) -> Field {
    let data_type = form.kind.data_type();
    let nullable = form.nulls || data_type == DataType::Null;
    Field::new("element", data_type, nullable)
}

/// A list of items; of items that have nothing in common the whole is JSON text.
fn list(items: Form) -> Kind {
    if items.kind == Kind::Json { Kind::Json } else { Kind::List(Box::new(items)) }
}

fn is_large(packed: &Packed) -> bool {
    packed.data().len() > i32::MAX as usize
}

const fn bytes_in(value: &Value) -> usize {
    match value {
        Value::Str(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        _ => 0,
    }
}
