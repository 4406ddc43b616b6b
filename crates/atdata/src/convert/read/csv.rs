//! Text with a header, its columns between commas or tabs.

use super::cell::{Reading, write_cell};
use super::limited::{LONGEST, Limited};
use crate::convert::files::{Chain, SourceFile, by_split};
use crate::convert::format::Format;
use crate::convert::input::{At, Input, MOST_FIELDS, Records, Row, too_many};
use crate::error::{Error, Result};
use atdata_format::msgpack::{write_map_header, write_str};
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

    fn is_looked_at_whole(&self) -> bool {
        true
    }

    fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    fn place(&self) -> String {
        self.place.clone()
    }
}

/// A column of a file.
struct Column {
    name: String,
    /// The name as it is in a payload.
    packed_name: Vec<u8>,
    reading: Reading,
}

struct Lines {
    reader: Reader<Limited<Box<dyn BufRead + Send>>>,
    budget: Arc<AtomicU64>,
    count: Arc<AtomicU64>,
    file: SourceFile,
    columns: Vec<Column>,
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
            if self.columns.iter().any(|column| column.name == name) {
                let message = "two columns have this name; give each its own";
                return Err(self.at.wrong(Some(name), message));
            }
            let reading = schema.map_or(Reading::Guess, |schema| match schema.field(name) {
                Some(field) => Reading::As(field.ty.clone(), field.optional),
                None => Reading::Unwanted,
            });
            let mut packed_name = Vec::new();
            write_str(name, &mut packed_name)
                .map_err(|error| self.at.wrong(Some(name), error.message()))?;
            self.columns.push(Column { name: name.to_owned(), packed_name, reading });
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
                let column = self.columns.get(err.field()).map(|column| column.name.as_str());
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
        let wrong = |column: &Column, message| row.at.wrong(Some(&column.name), message);
        write_map_header(self.columns.len(), &mut row.packed)?;
        for (column, text) in self.columns.iter().zip(&self.record) {
            row.packed.extend_from_slice(&column.packed_name);
            let written = write_cell(text, &column.reading, &mut row.packed);
            written.map_err(|message| wrong(column, message))?;
        }
        Ok(true)
    }

    fn done(&self) -> u64 {
        self.count.load(Relaxed)
    }
}
