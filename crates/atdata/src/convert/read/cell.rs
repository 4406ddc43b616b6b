//! The cells of text tables, by what they look like or what they have to be.

use crate::convert::input::short;
use crate::convert::json_value::parse as parse_json;
use atdata_format::Value;
use atdata_format::msgpack::write_str;
use atdata_format::schema::FieldType;

/// What the cells of a column become.
#[derive(Debug, Clone)]
pub(super) enum Reading {
    /// What they look like.
    Guess,
    /// What the schema says, and whether an empty cell is None.
    As(FieldType, bool),
    /// The schema does not have the column.
    Unwanted,
}

/// Appends a cell as msgpack; the error says what is wrong with it.
pub(super) fn write_cell(text: &str, reading: &Reading, out: &mut Vec<u8>) -> Result<(), String> {
    let value = match reading {
        Reading::Guess => guess(text),
        Reading::As(ty, optional) => {
            read_as(text, ty, *optional).ok_or_else(|| format!("{:?} is no {ty}", short(text)))?
        }
        Reading::Unwanted => Cell::Is(Value::Nil),
    };
    let written = match value {
        Cell::Text => write_str(text, out),
        Cell::Is(value) => value.write(out),
    };
    written.map_err(|error| error.message().to_owned())
}

/// What a cell is.
#[derive(Debug, PartialEq)]
enum Cell {
    /// The text that is in it.
    Text,
    Is(Value),
}

impl Cell {
    /// The value, if there is one; else the text.
    fn or_text(value: Option<Value>) -> Self {
        value.map_or(Self::Text, Self::Is)
    }
}

/// What a cell looks like. A number is one only if nothing is lost by it: `007` and digits that no
/// number of 64 bits has stay text.
fn guess(text: &str) -> Cell {
    match text {
        "" => Cell::Is(Value::Nil),
        "true" | "True" | "TRUE" => Cell::Is(Value::Bool(true)),
        "false" | "False" | "FALSE" => Cell::Is(Value::Bool(false)),
        _ => Cell::or_text(number(text)),
    }
}

fn number(text: &str) -> Option<Value> {
    if let Some(value) = special(text) {
        return Some(Value::Float(value));
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let leading_zero = digits.len() > 1 && digits.starts_with('0');
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return if leading_zero || text == "-0" { None } else { whole(text) };
    }
    if leading_zero && !digits.starts_with("0.") && !digits.starts_with("0e") {
        return None;
    }
    let starts = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    text.parse().ok().filter(|value: &f64| starts && value.is_finite()).map(Value::Float)
}

fn special(text: &str) -> Option<f64> {
    match text {
        "nan" | "NaN" => Some(f64::NAN),
        "inf" | "Infinity" => Some(f64::INFINITY),
        "-inf" | "-Infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

fn whole(text: &str) -> Option<Value> {
    let signed = text.parse().map(Value::Int).ok();
    signed.or_else(|| text.parse().map(Value::UInt).ok())
}

/// A cell as a type has it; none where it is not of that type.
fn read_as(text: &str, ty: &FieldType, optional: bool) -> Option<Cell> {
    if text.is_empty() && (optional || *ty != FieldType::Str) {
        return Some(Cell::Is(Value::Nil));
    }
    let value = match ty {
        FieldType::Str => return Some(Cell::Text),
        FieldType::Any | FieldType::Ref(_) => return Some(guess(text)),
        FieldType::Bytes => Value::Bytes(text.as_bytes().to_vec()),
        FieldType::Int => whole(text.trim())?,
        FieldType::Float => Value::Float(special(text).or_else(|| text.trim().parse().ok())?),
        FieldType::Bool => Value::Bool(truth(text)?),
        FieldType::Array { .. } | FieldType::List(_) | FieldType::Map => {
            parse_json(text.as_bytes()).ok()?
        }
    };
    Some(Cell::Is(value))
}

fn truth(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" | "1" => Some(true),
        "false" | "False" | "FALSE" | "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_numbers_only_where_nothing_is_lost() {
        for (cell, expected) in [
            ("", Some(Value::Nil)),
            ("12", Some(Value::Int(12))),
            ("-12", Some(Value::Int(-12))),
            ("18446744073709551615", Some(Value::UInt(u64::MAX))),
            ("18446744073709551616", None),
            ("007", None),
            ("-0", None),
            ("0", Some(Value::Int(0))),
            ("0.5", Some(Value::Float(0.5))),
            ("00.5", None),
            ("-.5", Some(Value::Float(-0.5))),
            ("1e3", Some(Value::Float(1000.0))),
            ("1e999", None),
            ("+1", None),
            ("1_000", None),
            ("infinity", None),
            ("inf", Some(Value::Float(f64::INFINITY))),
            ("True", Some(Value::Bool(true))),
            ("2024-01-01", None),
            (" 1", None),
        ] {
            assert_eq!(guess(cell), Cell::or_text(expected), "{cell}");
        }
    }
}
