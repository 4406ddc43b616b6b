//! A JSON object a line.

use super::{Table, files};
use crate::convert::out::Outgoing;
use crate::error::Result;
use crate::export::files::Encode;
use crate::export::json;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Writes all samples; what JSON has no word for is said as the export says it.
pub(in crate::convert) fn write(
    samples: &mut Outgoing,
    path: &Path,
    max_count: Option<u64>,
) -> Result<Vec<PathBuf>> {
    files(samples, &Lines, (path, "data.jsonl"), max_count)
}

struct Lines;

impl Encode for Lines {
    type Rows<'a> = Table<'a>;
    type Writer = BufWriter<File>;

    fn begin(&self, out: BufWriter<File>) -> io::Result<BufWriter<File>> {
        Ok(out)
    }

    fn write(
        &self,
        out: &mut BufWriter<File>,
        table: &Table<'_>,
        range: Range<usize>,
    ) -> io::Result<()> {
        let mut line = String::new();
        for row in range {
            line.clear();
            for (at, (name, cell)) in table.row(row).enumerate() {
                line.push_str(if at == 0 { "{" } else { ", " });
                json::string(name, &mut line);
                line.push_str(": ");
                json::cell(&cell, &mut line);
            }
            line.push_str(if line.is_empty() { "{}\n" } else { "}\n" });
            out.write_all(line.as_bytes())?;
        }
        Ok(())
    }

    fn end(&self, out: BufWriter<File>) -> io::Result<BufWriter<File>> {
        Ok(out)
    }
}
