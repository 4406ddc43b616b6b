//! The formats that are written row by row, a file each.

mod csv;
mod jsonl;
mod webdataset;

pub(super) use self::csv::write as csv;
pub(super) use jsonl::write as jsonl;
pub(super) use webdataset::write as webdataset;

use super::out::Outgoing;
use crate::error::Result;
use crate::export::Rows;
use crate::export::cells::{Cell, cells};
use crate::export::files::{Encode, Files};
use std::path::{Path, PathBuf};

/// Samples as rows: their keys, the names of the columns, and each column's values.
struct Table<'a> {
    keys: Vec<String>,
    names: Vec<&'a str>,
    columns: Vec<Vec<Cell<'a>>>,
}

impl<'a> Table<'a> {
    fn new(rows: &'a Rows, keys: Vec<String>) -> Self {
        let names = rows.columns.iter().map(|(name, _)| name.as_str()).collect();
        let columns = rows.columns.iter().map(|(_, column)| cells(column)).collect();
        Self { keys, names, columns }
    }

    /// The names and values of a row.
    fn row(&self, row: usize) -> impl Iterator<Item = (&'a str, Cell<'a>)> {
        let values = self.columns.iter().map(move |column| column.get(row).copied());
        self.names.iter().copied().zip(values.map(|cell| cell.unwrap_or(Cell::None)))
    }

    fn key(&self, row: usize) -> &str {
        self.keys.get(row).map_or("", String::as_str)
    }
}

/// Writes all samples into files of this kind.
fn files<E>(
    samples: &mut Outgoing,
    encode: &E,
    (path, example): (&Path, &str),
    max_count: Option<u64>,
) -> Result<Vec<PathBuf>>
where
    E: for<'a> Encode<Rows<'a> = Table<'a>>,
{
    let mut files = Files::new(path, example, max_count)?;
    samples.each(|rows, keys| files.push(encode, &Table::new(&rows, keys), rows.len))?;
    files.publish(encode)
}
