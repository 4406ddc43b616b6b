//! Where the arrays of a `.npz` are: in a zip, stored or deflated. Each can be read beside the others.

use super::numpy::not_numpy;
use crate::convert::files::SourceFile;
use crate::convert::input::At;
use crate::error::Result;
use flate2::read::DeflateDecoder;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use zip::CompressionMethod;
use zip::ZipArchive;

/// Where the bytes of an array are.
#[derive(Debug, Clone)]
pub(super) struct Place {
    start: u64,
    packed: u64,
    size: u64,
    deflated: bool,
}

/// The most arrays that one file may have.
const MOST: usize = 10_000;

/// How much of each array is read at once.
const BUFFER: usize = 64 << 10;

impl Place {
    /// The array's bytes from the first on, and no more of them than the archive says.
    pub(super) fn open(&self, file: &SourceFile) -> Result<Box<dyn Read + Send>> {
        let mut opened = file.open()?;
        opened.seek(SeekFrom::Start(self.start)).map_err(|error| file.failed(error))?;
        let packed = BufReader::with_capacity(BUFFER, opened).take(self.packed);
        Ok(if self.deflated {
            Box::new(BufReader::with_capacity(BUFFER, DeflateDecoder::new(packed).take(self.size)))
        } else {
            Box::new(packed)
        })
    }
}

/// The arrays of a file, by name; the one of a `.npy` is called `array`.
pub(super) fn members(file: &SourceFile) -> Result<Vec<(String, Place)>> {
    let mut start = Vec::new();
    let read = file.open()?.take(6).read_to_end(&mut start);
    read.map_err(|error| file.failed(error))?;
    if start.starts_with(b"\x93NUMPY") {
        let place = Place { start: 0, packed: file.bytes, size: file.bytes, deflated: false };
        return Ok(vec![("array".to_owned(), place)]);
    }
    if !start.starts_with(b"PK") {
        return Err(not_numpy(file));
    }
    in_zip(file)
}

fn in_zip(file: &SourceFile) -> Result<Vec<(String, Place)>> {
    let at = At::start(&file.path, "");
    let broken = |error: zip::result::ZipError| match error {
        zip::result::ZipError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
            file.failed(error)
        }
        other => at.wrong(None, format!("the zip is broken: {other}")),
    };
    let mut archive = ZipArchive::new(BufReader::new(file.open()?)).map_err(broken)?;
    if archive.len() > MOST {
        return Err(at.wrong(None, format!("it has over {MOST} members")));
    }
    let mut members = Vec::new();
    for number in 0..archive.len() {
        let member = archive.by_index_raw(number).map_err(broken)?;
        let name = member.name().map_err(broken)?.into_owned();
        let Some(field) = name.strip_suffix(".npy").filter(|field| !field.is_empty()) else {
            let message = "this member is no .npy; a .npz holds nothing else";
            return Err(at.wrong(Some(&name), message));
        };
        let deflated = match member.compression() {
            CompressionMethod::Stored => false,
            CompressionMethod::Deflated => true,
            other => return Err(at.wrong(Some(&name), format!("{other} is not read"))),
        };
        let Some(start) = member.data_start() else {
            return Err(at.wrong(Some(&name), "the zip does not say where it is"));
        };
        let (packed, size) = (member.compressed_size(), member.size());
        members.push((field.to_owned(), Place { start, packed, size, deflated }));
    }
    Ok(members)
}
