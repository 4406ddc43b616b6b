//! Records that can be gone through only once, kept in a temporary file where that is not enough.

use super::input::{At, Input, Records, Row};
use crate::config::temporary_folder;
use crate::error::{Error, Result};
use atdata_format::schema::{FieldType, Schema};
use std::cell::RefCell;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// An input of records that cannot be started again: a stream, a generator.
///
/// With a schema they are written as they come. Without one they are kept in a file without a name
/// in the temporary folder (`$TMPDIR`) while their types are found, and written from there.
///
/// ```
/// use atdata::convert::{ConvertOptions, Input, Once, Records, Row, from_inputs};
/// use atdata::{Result, Value};
///
/// struct Words(std::vec::IntoIter<&'static str>);
///
/// impl Records for Words {
///     fn next(&mut self, row: &mut Row) -> Result<bool> {
///         let Some(word) = self.0.next() else { return Ok(false) };
///         row.fields.push(("word".to_owned(), Value::Str(word.to_owned())));
///         Ok(true)
///     }
///     fn done(&self) -> u64 {
///         0
///     }
/// }
///
/// # let folder = tempfile::tempdir().unwrap();
/// let words = Words(vec!["here", "and", "gone"].into_iter());
/// let once = Once::new(Box::new(words), "words", None);
/// let inputs: [(String, Box<dyn Input>); 1] = [("train".to_owned(), Box::new(once))];
/// let converted = from_inputs(&inputs, &folder.path().join("words.tar"), ConvertOptions::new())?;
/// assert_eq!((converted.samples(), converted.schema.fields[0].to_string()), (3, "word: str".into()));
/// # Ok::<(), atdata::Error>(())
/// ```
pub struct Once {
    records: RefCell<Option<Box<dyn Records>>>,
    kept: RefCell<Option<File>>,
    place: String,
    rows: Arc<AtomicU64>,
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Once").field("place", &self.place).finish_non_exhaustive()
    }
}

impl Once {
    /// Stands for a number of rows that nobody knows; twice as many are still a number.
    pub const UNKNOWN: u64 = u64::MAX / 4;

    /// Records, what they are called in messages, and how many there are, where that is known. What
    /// the progress hears of is rows, not bytes.
    #[must_use]
    pub fn new(records: Box<dyn Records>, place: impl Into<String>, rows: Option<u64>) -> Self {
        let rows = Arc::new(AtomicU64::new(rows.unwrap_or(Self::UNKNOWN)));
        Self {
            records: RefCell::new(Some(records)),
            kept: RefCell::default(),
            place: place.into(),
            rows,
        }
    }
}

impl Input for Once {
    fn told(&self) -> Result<Option<Schema>> {
        Ok(None)
    }

    fn mixed(&self) -> FieldType {
        FieldType::Any
    }

    fn records(&self, schema: Option<&Schema>) -> Result<Box<dyn Records>> {
        if let Some(mut file) = self.kept.take() {
            file.rewind().map_err(failed)?;
            let at = At::start(&self.place, "row");
            return Ok(Box::new(Kept { file: BufReader::new(file), at }));
        }
        let records = self.records.take().ok_or_else(|| {
            Error::Invalid(format!("{}: its records can be gone through only once", self.place))
        })?;
        if schema.is_some() {
            return Ok(records);
        }
        let file = tempfile::tempfile_in(temporary_folder()).map_err(failed)?;
        self.kept.replace(Some(file.try_clone().map_err(failed)?));
        let file = BufWriter::new(file);
        Ok(Box::new(Keeping {
            records,
            file,
            payload: Vec::new(),
            rows: Arc::clone(&self.rows),
            seen: 0,
        }))
    }

    fn is_looked_at_whole(&self) -> bool {
        true
    }

    fn bytes(&self) -> u64 {
        self.rows.load(Relaxed)
    }

    fn place(&self) -> String {
        self.place.clone()
    }
}

fn failed(error: io::Error) -> Error {
    Error::io("use a temporary file in", &temporary_folder(), error)
}

/// Records that are kept as they come: of each the length of its key, its key, and the same of its
/// payload.
struct Keeping {
    records: Box<dyn Records>,
    file: BufWriter<File>,
    payload: Vec<u8>,
    rows: Arc<AtomicU64>,
    seen: u64,
}

/// Stands for the length of a key that is not there.
const NO_KEY: u64 = u64::MAX;

impl Keeping {
    fn keep(&mut self, row: &Row) -> Result<()> {
        self.payload.clear();
        row.pack(&mut self.payload)?;
        let key = row.key.as_deref();
        let frame = key.map_or(NO_KEY, |key| key.len() as u64).to_le_bytes();
        let length = (self.payload.len() as u64).to_le_bytes();
        let parts: [&[u8]; 4] =
            [&frame, key.unwrap_or_default().as_bytes(), &length, &self.payload];
        parts.into_iter().try_for_each(|part| self.file.write_all(part)).map_err(failed)
    }
}

impl Records for Keeping {
    fn next(&mut self, row: &mut Row) -> Result<bool> {
        if self.records.next(row)? {
            self.keep(row)?;
            self.seen += 1;
            return Ok(true);
        }
        self.file.flush().map_err(failed)?;
        self.rows.store(self.seen, Relaxed);
        Ok(false)
    }

    fn done(&self) -> u64 {
        self.seen
    }
}

/// The kept records, in order.
struct Kept {
    file: BufReader<File>,
    at: At,
}

impl Kept {
    /// The next length; none at the end.
    fn length(&mut self) -> io::Result<Option<u64>> {
        if self.file.fill_buf()?.is_empty() {
            return Ok(None);
        }
        let mut length = [0; 8];
        self.file.read_exact(&mut length)?;
        Ok(Some(u64::from_le_bytes(length)))
    }

    fn read(&mut self, length: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.file.by_ref().take(length).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Records for Kept {
    fn next(&mut self, row: &mut Row) -> Result<bool> {
        let Some(key) = self.length().map_err(failed)? else { return Ok(false) };
        if key != NO_KEY {
            let key = self.read(key).map_err(failed)?;
            row.key = Some(String::from_utf8_lossy(&key).into_owned());
        }
        let length = self.length().map_err(failed)?.unwrap_or_default();
        row.packed = self.read(length).map_err(failed)?;
        self.at.number += 1;
        row.at = self.at.clone();
        Ok(true)
    }

    fn done(&self) -> u64 {
        self.at.number
    }
}
