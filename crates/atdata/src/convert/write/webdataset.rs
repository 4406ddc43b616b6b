//! Tar archives with a member a field: what `webdataset` reads.

use super::{Table, files};
use crate::convert::out::Outgoing;
use crate::convert::suffix;
use crate::error::{Error, Result};
use crate::export::cells::Cell;
use crate::export::files::Encode;
use crate::export::json;
use atdata_format::tar::TarWriter;
use atdata_format::{Value, npy};
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufWriter};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Writes all samples, each as members `{key}.{suffix}`. None has no member.
pub(in crate::convert) fn write(
    samples: &mut Outgoing,
    path: &Path,
    max_count: Option<u64>,
) -> Result<Vec<PathBuf>> {
    files(samples, &Members, (path, "data.tar"), max_count)
}

struct Members;

impl Encode for Members {
    type Rows<'a> = Table<'a>;
    type Writer = TarWriter<BufWriter<File>>;

    fn begin(&self, out: BufWriter<File>) -> io::Result<Self::Writer> {
        Ok(TarWriter::new(out))
    }

    fn write(
        &self,
        writer: &mut Self::Writer,
        table: &Table<'_>,
        range: Range<usize>,
    ) -> io::Result<()> {
        for row in range {
            let key = table.key(row);
            check_key(key)?;
            // A sample of nothing but None would not be there at all.
            let only_none = table.row(row).all(|(_, cell)| cell.is_none());
            for (name, cell) in table.row(row).filter(|(_, cell)| only_none || !cell.is_none()) {
                let (suffix, bytes) = member(name, &cell)?;
                let name = format!("{key}.{suffix}");
                writer.append(name.as_bytes(), &bytes).map_err(broken)?;
            }
        }
        Ok(())
    }

    fn end(&self, writer: Self::Writer) -> io::Result<BufWriter<File>> {
        writer.finish().map_err(broken)
    }
}

fn broken(error: atdata_format::Error) -> io::Error {
    match error.into_io() {
        Ok((error, _)) => error,
        Err(error) => io::Error::other(Error::Format(error)),
    }
}

/// Keys of older shards may have dots, which this format cuts at.
fn check_key(key: &str) -> io::Result<()> {
    atdata_format::key::check_key(key).map_err(|error| io::Error::other(Error::Format(error)))
}

/// A field's suffix and bytes.
fn member<'a>(name: &str, cell: &Cell<'a>) -> io::Result<(String, Cow<'a, [u8]>)> {
    if name.is_empty() || name.contains('/') || name.contains(char::is_control) {
        let message = format!("a field called {name:?} cannot be a member of a tar; rename it");
        return Err(io::Error::other(Error::Unsupported(message)));
    }
    Ok(match cell {
        Cell::Bytes(bytes) => (suffix::of_bytes(name, bytes), Cow::Borrowed(*bytes)),
        Cell::Str(text) => (suffix::named(name, "txt"), Cow::Borrowed(text.as_bytes())),
        Cell::Int(value) => (suffix::named(name, "cls"), value.to_string().into_bytes().into()),
        Cell::Value(Value::UInt(value)) => {
            (suffix::named(name, "cls"), value.to_string().into_bytes().into())
        }
        Cell::Array { dtype, shape, data } => {
            let mut image = Vec::new();
            let plain = format!("'{}'", dtype.as_str());
            let written = npy::write_header(dtype.descr().unwrap_or(&plain), shape, &mut image);
            written.map_err(broken)?;
            image.extend_from_slice(data);
            (suffix::named(name, "npy"), image.into())
        }
        other => {
            let mut text = String::new();
            json::cell(other, &mut text);
            (suffix::named(name, "json"), text.into_bytes().into())
        }
    })
}
