//! What a file is, by its first bytes.

use super::format::Format;
use crate::error::{Error, Result};
use atdata_format::key::split_name;
use atdata_format::tar::{MemberReader, Streamed};
use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::Path;

/// What the first bytes tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Peeked {
    Is(Format),
    /// Text, or compressed: the name must tell.
    Text,
    Unknown,
    Empty,
}

/// Looks at the first bytes, and at the first member of a tar.
pub(super) fn contents(path: &Path) -> Result<Peeked> {
    let failed = |error| Error::io("read", path, error);
    let mut file = File::open(path).map_err(failed)?;
    let mut start = Vec::new();
    file.by_ref().take(512).read_to_end(&mut start).map_err(failed)?;
    Ok(match &start[..] {
        [] => Peeked::Empty,
        [b'P', b'A', b'R', b'1', ..] => Peeked::Is(Format::Parquet),
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => Peeked::Is(Format::Arrow),
        [0xff, 0xff, 0xff, 0xff, ..] => Peeked::Is(Format::ArrowStream),
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => Peeked::Is(Format::Numpy),
        [b'P', b'K', 3 | 5, 4 | 6, ..] => Peeked::Is(Format::Numpy),
        [0x1f, 0x8b, ..] => Peeked::Text,
        bytes if bytes.get(257..262) == Some(b"ustar") => tar(path)?,
        bytes if bytes.contains(&0) => Peeked::Unknown,
        _ => Peeked::Text,
    })
}

/// The function of the Python package for a folder of MDS or `LitData`: both have an index, and shards
/// named after them.
pub(super) fn only_in_python(folder: &Path) -> Result<Option<&'static str>> {
    if !folder.join("index.json").is_file() {
        return Ok(None);
    }
    for entry in fs::read_dir(folder).map_err(|error| Error::io("read", folder, error))? {
        let name = entry.map_err(|error| Error::io("read", folder, error))?.file_name();
        let name = name.to_string_lossy();
        if name.contains(".mds") {
            return Ok(Some("from_mds"));
        } else if name.starts_with("chunk-") && name.contains(".bin") {
            return Ok(Some("from_litdata"));
        }
    }
    Ok(None)
}

/// Shards and plain archives tell themselves apart by their first sample.
fn tar(path: &Path) -> Result<Peeked> {
    let file = File::open(path).map_err(|error| Error::io("read", path, error))?;
    let mut reader = MemberReader::new(Streamed(BufReader::new(file)), None);
    while reader.advance().map_err(|error| error.in_shard(path.to_string_lossy()))? {
        let (key, suffix) = split_name(reader.name());
        if !key.is_empty() && !suffix.is_empty() {
            let shards = suffix == "msgpack";
            return Ok(Peeked::Is(if shards { Format::Shards } else { Format::WebDataset }));
        }
    }
    Ok(Peeked::Is(Format::Shards))
}
