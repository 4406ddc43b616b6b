//! What a value is, and what several are together.

use atdata_format::array::{ArrayHeader, looks_like_array};
use atdata_format::dtype::Scalar;
use atdata_format::msgpack::{Token, Walker};
use atdata_format::schema::FieldType;

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Bool,
    Int,
    Float,
    /// Whole numbers and floats.
    Number,
    Str,
    Bytes,
    /// Bytes that are exactly one array, and its dtype where that is always the same.
    Array(Option<String>),
    /// The items' kind, unless all lists are empty.
    List(Option<Box<Kind>>),
    Map,
    /// Several of these.
    Any,
}

impl Kind {
    /// Reads the next value; nothing for None.
    pub(super) fn read(walker: &mut Walker<'_>) -> atdata_format::Result<Option<Self>> {
        let mut ahead = walker.clone();
        let kind = match ahead.token()? {
            Token::Nil => None,
            Token::Bool(_) => Some(Self::Bool),
            Token::Int(_) | Token::UInt(_) => Some(Self::Int),
            Token::Float(_) => Some(Self::Float),
            Token::Str(_) => Some(Self::Str),
            Token::Bin(bytes) => {
                Some(looks_like_array(bytes).as_ref().map_or(Self::Bytes, Self::array))
            }
            Token::List(items) => Some(Self::list(items, ahead)?),
            Token::Map(_) => Some(Self::Map),
        };
        // Also refuses what is nested too deep.
        walker.skip()?;
        Ok(kind)
    }

    fn array(header: &ArrayHeader) -> Self {
        let scalar = header.dtype.scalar().map(Scalar::name);
        Self::Array(Some(scalar.unwrap_or_else(|| header.dtype.as_str().to_owned())))
    }

    fn list(items: usize, mut walker: Walker<'_>) -> atdata_format::Result<Self> {
        let mut kind = None;
        for _ in 0..items {
            let mut item = walker.clone();
            walker.skip()?;
            kind = match Self::read(&mut item)? {
                // A list whose items may be None is one of anything.
                None => Some(Self::Any),
                item => merged(kind, item),
            };
        }
        Ok(Self::List(kind.map(Box::new)))
    }

    /// Whether a field of this type can be read from it.
    pub(super) fn fits(&self, ty: &FieldType) -> bool {
        match (self, ty) {
            (_, FieldType::Any | FieldType::Ref(_))
            | (Self::Bool, FieldType::Bool)
            | (Self::Int, FieldType::Int | FieldType::Float)
            | (Self::Float | Self::Number, FieldType::Float)
            | (Self::Str, FieldType::Str)
            | (Self::Bytes, FieldType::Bytes)
            | (Self::Array(_), FieldType::Array { .. } | FieldType::Bytes)
            | (Self::Map, FieldType::Map) => true,
            (Self::List(items), FieldType::List(ty)) => {
                // Items may be None as well, which schemas do not tell.
                items.as_ref().is_none_or(|items| **items == Self::Any || items.fits(ty))
            }
            _ => false,
        }
    }

    /// Whether values of this kind stay what they are in a field of its type, where `mixed` is what
    /// becomes of several types in one field.
    #[cfg(feature = "convert")]
    pub(super) fn is_kept(&self, mixed: &FieldType) -> bool {
        match self {
            Self::Number => false,
            Self::Any => *mixed == FieldType::Any,
            Self::List(Some(items)) => items.is_kept(&FieldType::Any),
            _ => true,
        }
    }

    pub(super) fn into_type(self) -> FieldType {
        match self {
            Self::Bool => FieldType::Bool,
            Self::Int => FieldType::Int,
            Self::Float | Self::Number => FieldType::Float,
            Self::Str => FieldType::Str,
            Self::Bytes => FieldType::Bytes,
            Self::Array(dtype) => FieldType::Array { dtype, shape: None, dimension_names: None },
            Self::List(items) => items.map_or(FieldType::Any, |kind| kind.into_type()).list(),
            Self::Map => FieldType::Map,
            Self::Any => FieldType::Any,
        }
    }
}

/// What both are.
pub(super) fn merged(one: Option<Kind>, other: Option<Kind>) -> Option<Kind> {
    let (one, other) = match (one, other) {
        (Some(one), Some(other)) => (one, other),
        (one, other) => return one.or(other),
    };
    Some(match (one, other) {
        (one, other) if one == other => one,
        (Kind::Int | Kind::Float | Kind::Number, Kind::Int | Kind::Float | Kind::Number) => {
            Kind::Number
        }
        (Kind::Array(_), Kind::Array(_)) => Kind::Array(None),
        // Where one bin is no array, the others only look like one.
        (Kind::Array(_), Kind::Bytes) | (Kind::Bytes, Kind::Array(_)) => Kind::Bytes,
        (Kind::List(one), Kind::List(other)) => {
            Kind::List(merged(one.map(|kind| *kind), other.map(|kind| *kind)).map(Box::new))
        }
        _ => Kind::Any,
    })
}
