//! How Parquet files are written.

use crate::error::{Error, Result};
use std::str::FromStr;

/// How the pages of a Parquet file are compressed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// Quickly; what most writers do.
    #[default]
    Snappy,
    /// For readers that know nothing else.
    Gzip,
    /// Small, and quick to read.
    Zstd,
}

impl FromStr for Compression {
    type Err = Error;

    /// ```
    /// use atdata::export::Compression;
    /// assert_eq!("zstd".parse::<Compression>()?, Compression::Zstd);
    /// assert!("rar".parse::<Compression>().is_err());
    /// # Ok::<(), atdata::Error>(())
    /// ```
    fn from_str(name: &str) -> Result<Self> {
        Ok(match name.to_ascii_lowercase().as_str() {
            "none" | "uncompressed" => Self::None,
            "snappy" => Self::Snappy,
            "gzip" => Self::Gzip,
            "zstd" => Self::Zstd,
            _ => {
                let message =
                    format!("compression '{name}' is none of snappy, zstd, gzip and none");
                return Err(Error::Invalid(message));
            }
        })
    }
}

/// How Parquet files are written.
#[derive(Debug, Clone, Copy, Default)]
pub struct ParquetOptions {
    pub(super) compression: Compression,
    pub(super) row_group_rows: Option<usize>,
    pub(super) max_count: Option<u64>,
}

impl ParquetOptions {
    /// One file, compressed with Snappy.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How pages are compressed.
    #[must_use]
    pub const fn compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// The most rows of a row group. One of 64 MiB is ended in any case.
    #[must_use]
    pub const fn row_group_rows(mut self, rows: usize) -> Self {
        self.row_group_rows = Some(rows);
        self
    }

    /// A new file after so many samples.
    #[must_use]
    pub const fn max_count(mut self, samples: u64) -> Self {
        self.max_count = Some(samples);
        self
    }

    pub(super) fn check(&self) -> Result<()> {
        if self.max_count == Some(0) || self.row_group_rows == Some(0) {
            let message = "a file and a row group must be allowed a sample at least";
            return Err(Error::Invalid(message.to_owned()));
        }
        Ok(())
    }
}
