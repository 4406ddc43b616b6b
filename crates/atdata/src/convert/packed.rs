//! Records that are msgpack already, held against a schema where they lie.

use atdata_format::array::looks_like_array;
use atdata_format::msgpack::{Token, Walker, write_str};
use atdata_format::schema::{Field, FieldType, Schema};

/// A schema's fields, and their names as they are in a payload.
pub(super) struct PackedFields<'a>(Vec<(Vec<u8>, &'a Field)>);

impl<'a> PackedFields<'a> {
    pub(super) fn new(schema: &'a Schema) -> Self {
        let fields = schema.fields.iter().map(|field| {
            let mut name = Vec::new();
            // A name that cannot be written is met, and told of, when a record is encoded.
            let written = write_str(&field.name, &mut name);
            (if written.is_ok() { name } else { Vec::new() }, field)
        });
        Self(fields.collect())
    }

    /// Whether a payload is just these fields, in their order, with values that need no change. What
    /// takes longer to tell is not: lists, maps, numbers of another type.
    pub(super) fn are(&self, payload: &[u8]) -> bool {
        let mut walker = Walker::new(payload);
        !payload.is_empty()
            && walker.map_header().is_ok_and(|fields| fields == self.0.len())
            && self.0.iter().all(|(name, field)| {
                walker.eat(name) && walker.token().is_ok_and(|token| fits(&token, field))
            })
            && walker.finish().is_ok()
    }
}

fn fits(token: &Token<'_>, field: &Field) -> bool {
    match (token, &field.ty) {
        (Token::Bin(bytes), FieldType::Array { .. }) => looks_like_array(bytes).is_some(),
        (Token::Nil, FieldType::Any) => true,
        (Token::Nil, _) => field.optional,
        (Token::List(_) | Token::Map(_), _) => false,
        (_, FieldType::Any)
        | (Token::Bool(_), FieldType::Bool)
        | (Token::Int(_) | Token::UInt(_), FieldType::Int)
        | (Token::Float(_), FieldType::Float)
        | (Token::Str(_), FieldType::Str)
        | (Token::Bin(_), FieldType::Bytes) => true,
        _ => false,
    }
}
