//! Columns between commas or tabs, their names first.

use super::{Table, files};
use crate::convert::out::Outgoing;
use crate::error::{Error, Result};
use crate::export::cells::Cell;
use crate::export::files::Encode;
use crate::export::json;
use csv::{Writer, WriterBuilder};
use std::fs::File;
use std::io::{self, BufWriter};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Writes all samples: None is an empty cell; what is neither text nor number is JSON.
pub(in crate::convert) fn write(
    samples: &mut Outgoing,
    path: &Path,
    delimiter: u8,
    max_count: Option<u64>,
) -> Result<Vec<PathBuf>> {
    let encode = Columns { delimiter, names: names(samples)? };
    files(samples, &encode, (path, "data.csv"), max_count)
}

/// The names of all columns: those that are declared, else those that any sample has.
fn names(samples: &mut Outgoing) -> Result<Vec<String>> {
    let mut names: Vec<String> = samples.source.fields.iter().map(|f| f.name.clone()).collect();
    if names.is_empty() {
        samples.each(|rows, _| {
            for (name, _) in rows.columns {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            Ok(())
        })?;
    }
    if names.is_empty() {
        return Err(Error::Unsupported("samples without fields have no columns".to_owned()));
    }
    Ok(names)
}

struct Columns {
    delimiter: u8,
    names: Vec<String>,
}

impl Encode for Columns {
    type Rows<'a> = Table<'a>;
    type Writer = Writer<BufWriter<File>>;

    fn begin(&self, out: BufWriter<File>) -> io::Result<Self::Writer> {
        let mut writer = WriterBuilder::new().delimiter(self.delimiter).from_writer(out);
        writer.write_record(&self.names)?;
        Ok(writer)
    }

    fn write(
        &self,
        writer: &mut Self::Writer,
        table: &Table<'_>,
        range: Range<usize>,
    ) -> io::Result<()> {
        let mut text = String::new();
        for row in range {
            for name in &self.names {
                let cell = table.row(row).find(|(own, _)| own == name);
                text.clear();
                write_cell(&cell.map_or(Cell::None, |(_, cell)| cell), &mut text);
                writer.write_field(&text)?;
            }
            writer.write_record(None::<&[u8]>)?;
        }
        Ok(())
    }

    fn end(&self, writer: Self::Writer) -> io::Result<BufWriter<File>> {
        writer.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}

fn write_cell(cell: &Cell<'_>, out: &mut String) {
    match cell {
        Cell::None => {}
        Cell::Str(text) => out.push_str(text),
        Cell::Float(value) if value.is_nan() => out.push_str("nan"),
        Cell::Float(value) if value.is_infinite() => {
            out.push_str(if *value > 0.0 { "inf" } else { "-inf" });
        }
        other => json::cell(other, out),
    }
}
