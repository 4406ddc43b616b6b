//! The formats that are read, a file each.

mod csv;
mod image_folder;
mod jsonl;
mod limited;

use super::format::Format;
use super::input::Input;
use crate::error::{Error, Result};
use std::path::Path;

pub(super) use image_folder::has_classes;

/// The inputs at a path, by split.
pub(super) fn open(
    format: Format,
    path: &Path,
    delimiter: Option<u8>,
) -> Result<Vec<(String, Box<dyn Input>)>> {
    match format {
        Format::Csv => csv::open(path, format, delimiter.unwrap_or(b',')),
        Format::Tsv => csv::open(path, format, delimiter.unwrap_or(b'\t')),
        Format::Jsonl => jsonl::open(path),
        Format::ImageFolder => image_folder::open(path),
        Format::Shards => {
            let path = path.display();
            Err(Error::Invalid(format!("{path}: these are shards already; name another format")))
        }
        other => Err(Error::Unsupported(format!("{other} cannot be read yet"))),
    }
}
