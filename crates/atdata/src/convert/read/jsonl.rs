//! JSON objects, one a line, or all of them in one array.

use super::limited::{LONGEST, read_line, too_long};
use crate::convert::files::{Chain, SourceFile, by_split};
use crate::convert::format::Format;
use crate::convert::input::{At, Input, MOST_FIELDS, Records, Row, too_many};
use crate::convert::json_value::parse;
use crate::error::{Error, Result};
use atdata_format::Value;
use atdata_format::schema::{FieldType, Schema};
use std::io::{self, BufRead};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The JSON files at a path.
pub(super) fn open(path: &Path) -> Result<Vec<(String, Box<dyn Input>)>> {
    let splits = by_split(path, Format::Jsonl.endings())?;
    let place = path.display().to_string();
    let input = |files| Box::new(Jsonl { files, place: place.clone() }) as Box<dyn Input>;
    Ok(splits.into_iter().map(|(split, files)| (split, input(files))).collect())
}

struct Jsonl {
    files: Vec<SourceFile>,
    place: String,
}

impl Input for Jsonl {
    fn told(&self) -> Result<Option<Schema>> {
        Ok(None)
    }

    fn mixed(&self) -> FieldType {
        FieldType::Any
    }

    fn records(&self, _: Option<&Schema>) -> Result<Box<dyn Records>> {
        Ok(Chain::boxed(&self.files, |file| Ok(Box::new(Objects::open(file)?))))
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

/// The objects of one file.
struct Objects {
    reader: Box<dyn BufRead + Send>,
    count: Arc<AtomicU64>,
    file: SourceFile,
    /// Whether they are the items of an array.
    array: bool,
    text: Vec<u8>,
    at: At,
}

impl Objects {
    fn open(file: &SourceFile) -> Result<Self> {
        let (mut reader, count) = file.stream()?;
        let array = begins_array(&mut *reader).map_err(|error| file.failed(error))?;
        let at = At::start(&file.path, if array { "item" } else { "line" });
        Ok(Self { reader, count, file: file.clone(), array, text: Vec::new(), at })
    }

    /// The text of the next object; false at the end.
    fn read(&mut self) -> Result<bool> {
        loop {
            self.at.number += 1;
            let read = match self.array {
                true => read_item(&mut *self.reader, &mut self.text),
                false => read_line(&mut *self.reader, &mut self.text),
            };
            match read {
                Ok(false) => return Ok(false),
                Ok(true) if self.text.trim_ascii().is_empty() => {}
                Ok(true) => return Ok(true),
                Err(error) => return Err(self.broken(error)),
            }
        }
    }

    fn broken(&self, error: io::Error) -> Error {
        match error.kind() {
            io::ErrorKind::FileTooLarge
            | io::ErrorKind::InvalidData
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::UnexpectedEof => self.at.wrong(None, error.to_string()),
            _ => self.file.failed(error),
        }
    }
}

impl Records for Objects {
    fn next(&mut self, row: &mut Row) -> Result<bool> {
        if !self.read()? {
            return Ok(false);
        }
        row.at = self.at.clone();
        let value = parse(&self.text).map_err(|error| row.at.wrong(None, said(&error)))?;
        let pairs = match value {
            Value::Map(pairs) => pairs,
            _ => {
                return Err(row
                    .at
                    .wrong(None, "each record must be a JSON object: {\"name\": value}"));
            }
        };
        if pairs.len() > MOST_FIELDS {
            return Err(too_many(&row.at));
        }
        for (name, value) in pairs {
            let Value::Str(name) = name else { continue };
            if name.is_empty() {
                return Err(row.at.wrong(None, "a member has no name; every field needs one"));
            }
            if row.fields.iter().any(|(known, _)| *known == name) {
                return Err(row.at.wrong(Some(&name), "the object has this member twice"));
            }
            row.fields.push((name, value));
        }
        Ok(true)
    }

    fn done(&self) -> u64 {
        self.count.load(Relaxed)
    }
}

/// What is wrong with a text, without the line that the parser counts.
fn said(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let words = text.rsplit_once(" at line ").map_or(text.as_str(), |(words, _)| words);
    format!("no JSON: {words}, at character {}", error.column())
}

/// Passes over a byte order mark and space; whether an array begins there, whose bracket is passed.
fn begins_array(reader: &mut dyn BufRead) -> io::Result<bool> {
    if reader.fill_buf()?.starts_with(&[0xef, 0xbb, 0xbf]) {
        reader.consume(3);
    }
    let found = reader.fill_buf()?.trim_ascii_start().first() == Some(&b'[');
    if found {
        let at = reader.fill_buf()?.iter().position(|byte| *byte == b'[');
        reader.consume(at.map_or(0, |at| at + 1));
    }
    Ok(found)
}

/// Reads the text of an array's next item; false at the array's end.
fn read_item(reader: &mut dyn BufRead, text: &mut Vec<u8>) -> io::Result<bool> {
    text.clear();
    let (mut depth, mut quoted, mut escaped) = (0_u32, false, false);
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            let message = "the file ends inside of the array that it is";
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, message));
        }
        let mut used = 0;
        let mut ended = None;
        for byte in buffer {
            used += 1;
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                _ if quoted => {}
                b'[' | b'{' => depth += 1,
                b',' if depth == 0 => ended = Some(true),
                b']' if depth == 0 => ended = Some(!text.trim_ascii().is_empty()),
                b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if ended.is_some() {
                // The bracket stays for the next call, so that the end is met again.
                used -= usize::from(*byte == b']');
                break;
            }
            text.push(*byte);
        }
        reader.consume(used);
        if let Some(more) = ended {
            return Ok(more);
        }
        if text.len() as u64 > LONGEST {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, too_long()));
        }
    }
}
