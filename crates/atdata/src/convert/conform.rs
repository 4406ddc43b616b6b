//! Records held against a schema, and encoded.

use super::arrays::array_of;
use super::input::{Row, short};
use super::packed::PackedFields;
use crate::error::{Error, Result};
use atdata_format::array::looks_like_array;
use atdata_format::schema::{Field, FieldType, Schema};
use atdata_format::{Value, msgpack};

/// From here on not every whole number is a float.
const EXACT: u64 = 1 << 53;

/// Makes payloads of records.
pub(super) struct Conform<'a> {
    schema: &'a Schema,
    packed: PackedFields<'a>,
    /// Whether columns that the schema lacks are an error of the input, or left out by wish.
    left_out: Vec<String>,
}

impl<'a> Conform<'a> {
    pub(super) fn new(schema: &'a Schema) -> Self {
        Self { schema, packed: PackedFields::new(schema), left_out: Vec::new() }
    }

    /// The columns that the schema does not have.
    pub(super) fn into_left_out(self) -> Vec<String> {
        self.left_out
    }

    /// Encodes a record: the fields of the schema, in its order. What an optional field lacks is None.
    pub(super) fn encode(&mut self, row: &mut Row, payload: &mut Vec<u8>) -> Result<()> {
        if self.packed.are(&row.packed) {
            payload.extend_from_slice(&row.packed);
            return Ok(());
        }
        row.unpack()?;
        let failed = |row: &Row, field: &Field, error: atdata_format::Error| {
            row.at.wrong(Some(&field.name), error.message())
        };
        let mut used = 0;
        msgpack::write_map_header(self.schema.fields.len(), payload)?;
        for (at, field) in self.schema.fields.iter().enumerate() {
            msgpack::write_str(&field.name, payload)?;
            let same = row.fields.get(at).is_some_and(|(name, _)| *name == field.name);
            let place =
                if same { Some(at) } else { row.fields.iter().position(|(n, _)| *n == field.name) };
            used += usize::from(place.is_some());
            let value = place.and_then(|place| row.fields.get_mut(place));
            let value = value.map_or(Value::Nil, |(_, value)| std::mem::replace(value, Value::Nil));
            let value = fitting(value, field).map_err(|message| wrong(row, field, message))?;
            value.write(payload).map_err(|error| failed(row, field, error))?;
        }
        if used < row.fields.len() {
            self.note_left_out(row);
        }
        Ok(())
    }

    fn note_left_out(&mut self, row: &Row) {
        for (name, _) in &row.fields {
            if self.schema.field(name).is_none() && !self.left_out.contains(name) {
                self.left_out.push(name.clone());
            }
        }
    }
}

fn wrong(row: &Row, field: &Field, message: String) -> Error {
    row.at.wrong(Some(&field.name), message)
}

/// The value as a field of this type has it; else what is wrong.
fn fitting(value: Value, field: &Field) -> std::result::Result<Value, String> {
    if value == Value::Nil {
        let any = matches!(field.ty, FieldType::Any);
        return if field.optional || any { Ok(value) } else { Err(missing(field)) };
    }
    fit(value, &field.ty)
        .map_err(|value| format!("{} is wanted, this is {}", field.ty, describe(&value)))
}

fn missing(field: &Field) -> String {
    format!("there is no value, and {} is wanted; make the field optional", field.ty)
}

/// The value as this type has it, or the value that does not fit.
fn fit(value: Value, ty: &FieldType) -> std::result::Result<Value, Value> {
    match (value, ty) {
        (value, FieldType::Any | FieldType::Ref(_)) => Ok(value),
        (value @ Value::Bool(_), FieldType::Bool)
        | (value @ (Value::Int(_) | Value::UInt(_)), FieldType::Int)
        | (value @ Value::Float(_), FieldType::Float)
        | (value @ Value::Str(_), FieldType::Str)
        | (value @ Value::Bytes(_), FieldType::Bytes)
        | (value @ Value::Map(_), FieldType::Map) => Ok(value),
        (Value::Int(value), FieldType::Float) if value.unsigned_abs() <= EXACT => {
            Ok(Value::Float(value as f64))
        }
        // Readers take whole numbers for floats, so one that would be rounded stays as it is.
        (value @ (Value::Int(_) | Value::UInt(_)), FieldType::Float) => Ok(value),
        (Value::Bytes(bytes), FieldType::Array { .. }) => {
            let is_array = looks_like_array(&bytes).is_some();
            if is_array { Ok(Value::Bytes(bytes)) } else { Err(Value::Bytes(bytes)) }
        }
        (value, FieldType::Array { dtype, .. }) => {
            array_of(&value, dtype.as_deref()).map(Value::Bytes).ok_or(value)
        }
        (Value::List(items), FieldType::List(ty)) => {
            let fitted = items.into_iter().map(|item| match item {
                Value::Nil => Ok(Value::Nil),
                item => fit(item, ty),
            });
            fitted.collect::<std::result::Result<_, _>>().map(Value::List)
        }
        (value, _) => Err(value),
    }
}

fn describe(value: &Value) -> String {
    match value {
        Value::Nil => "None".to_owned(),
        Value::Bool(value) => format!("the bool {value}"),
        Value::Int(value) => format!("the int {value}"),
        Value::UInt(value) => format!("the int {value}"),
        Value::Float(value) => format!("the float {value:?}"),
        Value::Str(text) => format!("the text {:?}", short(text)),
        Value::Bytes(bytes) => format!("{} bytes", bytes.len()),
        Value::List(items) => format!("a list of {}", items.len()),
        Value::Map(pairs) => format!("a map of {}", pairs.len()),
    }
}
