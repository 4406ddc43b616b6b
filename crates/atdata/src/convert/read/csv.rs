//! Text with a header, its columns between commas or tabs.

use super::limited::{LONGEST, Limited};
use crate::convert::files::{Chain, SourceFile, by_split};
use crate::convert::format::Format;
use crate::convert::input::{At, Input, MOST_FIELDS, Records, Row, short, too_many};
use crate::convert::json_value::parse as parse_json;
use crate::error::{Error, Result};
use atdata_format::Value;
use atdata_format::schema::{FieldType, Schema};
use csv::{ErrorKind, Reader, ReaderBuilder, StringRecord};
use std::io::BufRead;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The files at a path.
pub(super) fn open(
    path: &Path,
    format: Format,
    delimiter: u8,
) -> Result<Vec<(String, Box<dyn Input>)>> {
    let splits = by_split(path, format.endings())?;
    let place = path.display().to_string();
    let input = |files| Box::new(Csv { files, delimiter, place: place.clone() }) as Box<dyn Input>;
    Ok(splits.into_iter().map(|(split, files)| (split, input(files))).collect())
}

struct Csv {
    files: Vec<SourceFile>,
    delimiter: u8,
    place: String,
}

impl Input for Csv {
    fn told(&self) -> Result<Option<Schema>> {
        Ok(None)
    }

    /// A column of numbers and words is one of words.
    fn mixed(&self) -> FieldType {
        FieldType::Str
    }

    fn records(&self, schema: Option<&Schema>) -> Result<Box<dyn Records>> {
        let (delimiter, schema) = (self.delimiter, schema.cloned());
        let open = move |file: &SourceFile| {
            Ok(Box::new(Lines::open(file, delimiter, schema.as_ref())?) as Box<dyn Records>)
        };
        Ok(Chain::boxed(&self.files, open))
    }

    fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    fn place(&self) -> String {
        self.place.clone()
    }
}

/// What the cells of a column become.
#[derive(Debug, Clone)]
enum Reading {
    /// What they look like.
    Guess,
    /// What the schema says, and whether an empty cell is None.
    As(FieldType, bool),
    /// The schema does not have the column.
    Unwanted,
}

struct Lines {
    reader: Reader<Limited<Box<dyn BufRead + Send>>>,
    budget: Arc<AtomicU64>,
    count: Arc<AtomicU64>,
    file: SourceFile,
    columns: Vec<(String, Reading)>,
    record: StringRecord,
    at: At,
}

impl Lines {
    fn open(file: &SourceFile, delimiter: u8, schema: Option<&Schema>) -> Result<Self> {
        let (stream, count) = file.stream()?;
        let (limited, budget) = Limited::new(stream);
        let mut builder = ReaderBuilder::new();
        let reader = builder.delimiter(delimiter).has_headers(false).from_reader(limited);
        let at = At::start(&file.path, "line");
        let (columns, record) = (Vec::new(), StringRecord::new());
        let mut lines = Self { reader, budget, count, file: file.clone(), columns, record, at };
        lines.read_header(schema)?;
        Ok(lines)
    }

    fn read_header(&mut self, schema: Option<&Schema>) -> Result<()> {
        if !self.read()? {
            return Err(self
                .at
                .wrong(None, "the file is empty; its first line must name the columns"));
        }
        if self.record.len() > MOST_FIELDS {
            return Err(too_many(&self.at));
        }
        for (number, name) in self.record.iter().enumerate() {
            if name.is_empty() {
                let number = format!("{}", number + 1);
                let message = "this column has no name; give it one (pandas: index=False)";
                return Err(self.at.wrong(Some(&number), message));
            }
            if self.columns.iter().any(|(known, _)| known == name) {
                let message = "two columns have this name; give each its own";
                return Err(self.at.wrong(Some(name), message));
            }
            let reading = schema.map_or(Reading::Guess, |schema| match schema.field(name) {
                Some(field) => Reading::As(field.ty.clone(), field.optional),
                None => Reading::Unwanted,
            });
            self.columns.push((name.to_owned(), reading));
        }
        Ok(())
    }

    fn read(&mut self) -> Result<bool> {
        self.budget.store(LONGEST, Relaxed);
        self.at.number = self.reader.position().line();
        let read = self.reader.read_record(&mut self.record);
        if let Some(position) = self.record.position().filter(|_| read.is_ok()) {
            self.at.number = position.line();
        }
        read.map_err(|error| self.broken(error))
    }

    fn broken(&mut self, error: csv::Error) -> Error {
        if let Some(position) = error.position() {
            self.at.number = position.line();
        }
        match error.into_kind() {
            ErrorKind::Io(error) if error.kind() == std::io::ErrorKind::FileTooLarge => {
                self.at.wrong(None, error.to_string())
            }
            ErrorKind::Io(error) => self.file.failed(error),
            ErrorKind::UnequalLengths { expected_len, len, .. } => {
                let message = format!(
                    "the line has {len} columns, the header {expected_len}; text with a comma or a \
                     line break in it must be quoted"
                );
                self.at.wrong(None, message)
            }
            ErrorKind::Utf8 { err, .. } => {
                let column = self.columns.get(err.field()).map(|(name, _)| name.as_str());
                self.at.wrong(column, "the text is not UTF-8; save the file as UTF-8")
            }
            other => self.at.wrong(None, format!("{other:?}")),
        }
    }
}

impl Records for Lines {
    fn next(&mut self, row: &mut Row) -> Result<bool> {
        if !self.read()? {
            return Ok(false);
        }
        row.at = self.at.clone();
        for ((name, reading), text) in self.columns.iter().zip(&self.record) {
            let value = match reading {
                Reading::Guess => guess(text),
                Reading::As(ty, optional) => read_as(text, ty, *optional).ok_or_else(|| {
                    row.at.wrong(Some(name), format!("{:?} is no {ty}", short(text)))
                })?,
                Reading::Unwanted => Value::Nil,
            };
            row.fields.push((name.clone(), value));
        }
        Ok(true)
    }

    fn done(&self) -> u64 {
        self.count.load(Relaxed)
    }
}

/// What a cell looks like. A number is one only if nothing is lost by it: `007` and digits that no
/// number of 64 bits has stay text.
fn guess(text: &str) -> Value {
    match text {
        "" => return Value::Nil,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    number(text).unwrap_or_else(|| Value::Str(text.to_owned()))
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
fn read_as(text: &str, ty: &FieldType, optional: bool) -> Option<Value> {
    if text.is_empty() && (optional || *ty != FieldType::Str) {
        return Some(Value::Nil);
    }
    match ty {
        FieldType::Str => Some(Value::Str(text.to_owned())),
        FieldType::Bytes => Some(Value::Bytes(text.as_bytes().to_vec())),
        FieldType::Int => whole(text.trim()),
        FieldType::Float => special(text).or_else(|| text.trim().parse().ok()).map(Value::Float),
        FieldType::Bool => match text {
            "true" | "True" | "TRUE" | "1" => Some(Value::Bool(true)),
            "false" | "False" | "FALSE" | "0" => Some(Value::Bool(false)),
            _ => None,
        },
        FieldType::Any | FieldType::Ref(_) => Some(guess(text)),
        FieldType::Array { .. } | FieldType::List(_) | FieldType::Map => {
            parse_json(text.as_bytes()).ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_numbers_only_where_nothing_is_lost() {
        let text = |text: &str| Value::Str(text.to_owned());
        for (cell, expected) in [
            ("", Value::Nil),
            ("12", Value::Int(12)),
            ("-12", Value::Int(-12)),
            ("18446744073709551615", Value::UInt(u64::MAX)),
            ("18446744073709551616", text("18446744073709551616")),
            ("007", text("007")),
            ("-0", text("-0")),
            ("0", Value::Int(0)),
            ("0.5", Value::Float(0.5)),
            ("00.5", text("00.5")),
            ("-.5", Value::Float(-0.5)),
            ("1e3", Value::Float(1000.0)),
            ("1e999", text("1e999")),
            ("+1", text("+1")),
            ("1_000", text("1_000")),
            ("infinity", text("infinity")),
            ("inf", Value::Float(f64::INFINITY)),
            ("True", Value::Bool(true)),
            ("2024-01-01", text("2024-01-01")),
            (" 1", text(" 1")),
        ] {
            assert_eq!(guess(cell), expected, "{cell}");
        }
    }
}
