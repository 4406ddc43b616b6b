//! Values of any type as JSON text.
//!
//! What JSON has no word for is a map with one key that says what it is: bytes are
//! `{"$bytes": base64}`, NaN and the infinities `{"$float": "nan"}`, maps with other keys than
//! text `{"$map": [[key, value], ...]}`, arrays `{"dtype": text, "shape": list, "data": bytes}`.
//! None is null.

use super::cells::{Cell, cells};
use super::too_large;
use crate::error::Result;
use arrow_array::StringArray;
use arrow_array::builder::StringBuilder;
use atdata_format::Value;
use atdata_format::batch::Column;
use atdata_format::dtype::Dtype;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt::{Display, Write};

/// A column as texts.
pub(super) fn texts(column: &Column) -> Result<StringArray> {
    let (mut builder, mut text, mut size) = (StringBuilder::new(), String::new(), 0);
    for one in cells(column) {
        if one.is_none() {
            builder.append_null();
            continue;
        }
        text.clear();
        cell(&one, &mut text);
        size += text.len();
        if size > i32::MAX as usize {
            return Err(too_large("bytes of JSON"));
        }
        builder.append_value(&text);
    }
    Ok(builder.finish())
}

/// Appends the value of a column as JSON.
pub(crate) fn cell(cell: &Cell<'_>, out: &mut String) {
    match cell {
        Cell::None => out.push_str("null"),
        Cell::Bool(value) => display(value, out),
        Cell::Int(value) => display(value, out),
        Cell::Float(value) => float(*value, out),
        Cell::Str(value) => string(value, out),
        Cell::Bytes(value) => bytes(value, out),
        Cell::Array { dtype, shape, data } => array(dtype, shape, data, out),
        Cell::Value(value) => any(value, out),
    }
}

/// Appends a value as JSON.
pub(crate) fn any(value: &Value, out: &mut String) {
    match value {
        Value::Nil => out.push_str("null"),
        Value::Bool(value) => display(value, out),
        Value::Int(value) => display(value, out),
        Value::UInt(value) => display(value, out),
        Value::Float(value) => float(*value, out),
        Value::Str(value) => string(value, out),
        Value::Bytes(value) => bytes(value, out),
        Value::List(items) => list(items, any, out),
        Value::Map(pairs) => map(pairs, out),
    }
}

fn display(value: impl Display, out: &mut String) {
    // Writing into a text does not fail.
    let _ = write!(out, "{value}");
}

fn float(value: f64, out: &mut String) {
    let name = match value {
        v if v.is_nan() => "nan",
        f64::INFINITY => "inf",
        f64::NEG_INFINITY => "-inf",
        // The shortest text that reads back as the same float.
        _ => return display(format_args!("{value:?}"), out),
    };
    display(format_args!("{{\"$float\": \"{name}\"}}"), out);
}

/// Appends a text in quotes.
pub(crate) fn string(value: &str, out: &mut String) {
    let is_special = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
    let mut rest = value;
    out.push('"');
    while let Some(at) = rest.bytes().position(is_special) {
        let (plain, special) = rest.split_at(at);
        let (special, after) = special.split_at(1);
        out.push_str(plain);
        match special {
            "\"" | "\\" => display(format_args!("\\{special}"), out),
            control => control.bytes().for_each(|byte| display(format_args!("\\u{byte:04x}"), out)),
        }
        rest = after;
    }
    out.push_str(rest);
    out.push('"');
}

fn bytes(value: &[u8], out: &mut String) {
    out.push_str("{\"$bytes\": ");
    base64(value, out);
    out.push('}');
}

fn list<T>(items: &[T], write: impl Fn(&T, &mut String), out: &mut String) {
    out.push('[');
    for (at, item) in items.iter().enumerate() {
        out.push_str(if at == 0 { "" } else { ", " });
        write(item, out);
    }
    out.push(']');
}

fn map(pairs: &[(Value, Value)], out: &mut String) {
    let named =
        |pair: &(Value, Value)| matches!(&pair.0, Value::Str(name) if !name.starts_with('$'));
    if !pairs.iter().all(named) {
        out.push_str("{\"$map\": ");
        list(pairs, pair, out);
        return out.push('}');
    }
    out.push('{');
    for (at, (name, value)) in pairs.iter().enumerate() {
        out.push_str(if at == 0 { "" } else { ", " });
        any(name, out);
        out.push_str(": ");
        any(value, out);
    }
    out.push('}');
}

fn pair(pair: &(Value, Value), out: &mut String) {
    out.push('[');
    any(&pair.0, out);
    out.push_str(", ");
    any(&pair.1, out);
    out.push(']');
}

fn array(dtype: &Dtype, shape: &[usize], data: &[u8], out: &mut String) {
    out.push_str("{\"dtype\": ");
    string(dtype.descr().unwrap_or(dtype.as_str()), out);
    out.push_str(", \"shape\": ");
    list(shape, |dim, out| display(dim, out), out);
    out.push_str(", \"data\": ");
    bytes(data, out);
    out.push('}');
}

/// Bytes as a JSON string in base64.
fn base64(bytes: &[u8], out: &mut String) {
    out.push('"');
    STANDARD.encode_string(bytes, out);
    out.push('"');
}
