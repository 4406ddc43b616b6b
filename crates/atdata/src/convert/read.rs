//! The formats that are read, a file each.

mod arrow;
mod cell;
mod column;
mod columns;
mod csv;
mod guard;
mod hugging_face;
mod image_folder;
mod jsonl;
mod leaf;
mod limited;
mod npz;
mod numpy;
mod parquet;
mod scalar;
mod tensor;
mod webdataset;

use super::format::Format;
use super::input::Input;
use crate::error::{Error, Result};
use std::path::Path;

pub(super) use hugging_face::is_saved;
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
        Format::Parquet => parquet::open(path),
        Format::Arrow | Format::ArrowStream => arrow::open(path),
        Format::Numpy => numpy::open(path),
        Format::WebDataset => webdataset::open(path),
    }
}
