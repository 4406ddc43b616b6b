//! The formats there are, by name, by ending and by what is in a file.

use super::peek::{self, Peeked};
use crate::error::{Error, Result};
use crate::load::find_ending;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// A format that data comes in or goes out as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Our own shards.
    Shards,
    /// A folder a class with image files in it; in only.
    ImageFolder,
    /// Comma-separated values with a header.
    Csv,
    /// Tab-separated values with a header.
    Tsv,
    /// A JSON object a line; in, also one array of objects.
    Jsonl,
    /// Parquet files.
    Parquet,
    /// Arrow files (Feather 2); in, also streams.
    Arrow,
    /// A stream of Arrow record batches in a file.
    ArrowStream,
    /// `NumPy`'s `.npz` and `.npy`; in only.
    Numpy,
    /// Tar archives whose members share a key.
    WebDataset,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Shards,
        Self::ImageFolder,
        Self::Csv,
        Self::Tsv,
        Self::Jsonl,
        Self::Parquet,
        Self::Arrow,
        Self::ArrowStream,
        Self::Numpy,
        Self::WebDataset,
    ];

    /// Its name.
    ///
    /// ```
    /// use atdata::convert::Format;
    /// assert_eq!(Format::WebDataset.name(), "webdataset");
    /// assert_eq!("jsonl".parse::<Format>()?, Format::Jsonl);
    /// assert!("excel".parse::<Format>().is_err());
    /// # Ok::<(), atdata::Error>(())
    /// ```
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shards => "shards",
            Self::ImageFolder => "imagefolder",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
            Self::ArrowStream => "arrowstream",
            Self::Numpy => "numpy",
            Self::WebDataset => "webdataset",
        }
    }

    /// Whether data can be written in it.
    #[must_use]
    pub const fn can_be_written(self) -> bool {
        !matches!(self, Self::ImageFolder | Self::Numpy)
    }

    /// What the names of its files end in.
    #[must_use]
    pub const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Shards | Self::WebDataset => &[".tar"],
            Self::ImageFolder => &[],
            Self::Csv => &[".csv", ".csv.gz"],
            Self::Tsv => &[".tsv", ".tsv.gz"],
            Self::Jsonl => &[".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz", ".json"],
            Self::Parquet => &[".parquet"],
            Self::Arrow => &[".arrow", ".feather", ".ipc"],
            Self::ArrowStream => &[".arrows"],
            Self::Numpy => &[".npz", ".npy"],
        }
    }

    /// The format of what is at a path: a file, a folder, a glob or a brace pattern.
    ///
    /// # Errors
    /// [`Error::NotFound`] for nothing; [`Error::Invalid`] for what is of no format that is known,
    /// or of several.
    pub fn of_input(path: &Path) -> Result<Self> {
        let text = path.to_string_lossy();
        if path.is_dir() {
            return Self::of_folder(path);
        }
        let splits = find_ending(&text, &[])?;
        let first = splits.iter().flat_map(|(_, files)| files).next();
        let first = first.ok_or_else(|| Error::NotFound(format!("{text}: no such file")))?;
        match peek::contents(Path::new(first))? {
            Peeked::Is(format) => Ok(format),
            Peeked::Text | Peeked::Unknown => Self::by_ending(first).ok_or_else(|| unknown(&text)),
            Peeked::Empty => Self::by_ending(first).ok_or_else(|| Error::Input {
                place: text.into_owned(),
                column: None,
                message: "the file is empty".to_owned(),
            }),
        }
    }

    fn of_folder(path: &Path) -> Result<Self> {
        if super::read::is_saved(path) {
            return Ok(Self::Arrow);
        }
        let text = path.to_string_lossy();
        if let Some(function) = peek::only_in_python(path)? {
            let message =
                format!("{text}: the Python package reads this folder: atdata.{function}");
            return Err(Error::Invalid(message));
        }
        let mut found = Vec::new();
        for format in Self::ALL.into_iter().filter(|format| *format != Self::Shards) {
            let files =
                (!format.endings().is_empty()).then(|| find_ending(&text, format.endings()));
            match files {
                Some(Ok(splits)) => found.push((format, splits)),
                Some(Err(Error::NotFound(_))) | None => {}
                Some(Err(error)) => return Err(error),
            }
        }
        if found.is_empty() && super::read::has_classes(path)? {
            return Ok(Self::ImageFolder);
        }
        match &found[..] {
            [] => Err(unknown(&text)),
            [(Self::WebDataset, splits)] => {
                let first = splits.iter().flat_map(|(_, files)| files).next();
                match first.map(|first| peek::contents(Path::new(first))).transpose()? {
                    Some(Peeked::Is(format)) => Ok(format),
                    _ => Ok(Self::WebDataset),
                }
            }
            [(format, _)] => Ok(*format),
            several => {
                let names: Vec<_> = several.iter().map(|(format, _)| format.name()).collect();
                let message = format!(
                    "{text}: this folder holds files of several formats ({}); say which one is \
                     meant, or name the files",
                    names.join(", ")
                );
                Err(Error::Invalid(message))
            }
        }
    }

    /// The format that a file's name tells; none for `.tar`, which may be either of two.
    #[must_use]
    pub fn by_ending(path: &str) -> Option<Self> {
        let path = path.to_lowercase();
        let fits = |format: &Self| format.endings().iter().any(|ending| path.ends_with(ending));
        let formats = Self::ALL.into_iter();
        formats.filter(|f| !matches!(f, Self::Shards | Self::WebDataset)).find(fits)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|format| format.name() == name);
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            Error::Invalid(format!("there is no format {name:?}; there are {names}"))
        })
    }
}

fn unknown(path: &str) -> Error {
    let names = Format::ALL.map(Format::name).join(", ");
    Error::Invalid(format!(
        "{path}: nothing here tells of which format it is; say which of {names}"
    ))
}
