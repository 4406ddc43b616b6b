//! What `convert` needs.

use crate::error::Failure;
use clap::{Args, ValueHint};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Convert {
    /// A file, a folder, a quoted glob or a brace pattern: shards, or data of another format
    #[arg(value_hint = ValueHint::AnyPath)]
    pub(crate) source: String,
    /// The file to write: .tar for shards, else its ending says the format
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) target: PathBuf,
    /// The format of what is there [default: seen]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) from: Option<String>,
    /// The format to write [default: the ending's]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) to: Option<String>,
    /// What the samples have to be: a published schema, or a file that holds one as JSON [default:
    /// found in all of the data]
    #[arg(long, value_name = "REF|FILE", conflicts_with = "type_name")]
    pub(crate) schema: Option<String>,
    /// The same as a class of Python code, for the command of the Python package
    #[arg(long = "type", value_name = "MODULE:CLASS", conflicts_with = "schema")]
    pub(crate) class: Option<String>,
    /// What the type of the samples is called [default: made of the target's name]
    #[arg(long, value_name = "TYPE")]
    pub(crate) type_name: Option<String>,
    /// A new shard or file after so many samples
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) maxcount: Option<u64>,
    /// A new shard before one would have more bytes: 500MB, 1GiB
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    pub(crate) maxsize: Option<u64>,
    /// Replace what is there
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Turn the dots of keys into underscores
    #[arg(long)]
    pub(crate) rename_dots: bool,
    /// What is between the columns of a CSV
    #[arg(long, value_name = "CHARACTER")]
    pub(crate) delimiter: Option<String>,
}

impl Convert {
    pub(super) fn checked(self) -> Result<Self, Failure> {
        if self.source.is_empty() || self.target.as_os_str().is_empty() {
            return Err(Failure::usage("a path is empty").hint("atdata convert FROM TO"));
        }
        if self.class.is_some() {
            let hint = "pip install atdata; or give --schema, a file that holds the schema";
            let message = "--type needs the command of the Python package";
            return Err(Failure::usage(message).hint(hint));
        }
        super::team::check_type_name(self.type_name.as_deref())?;
        self.delimiter()?;
        Ok(self)
    }

    /// The character between columns, if one was given.
    pub(crate) fn delimiter(&self) -> Result<Option<u8>, Failure> {
        match self.delimiter.as_deref().map(str::as_bytes) {
            None => Ok(None),
            Some([one]) if one.is_ascii() => Ok(Some(*one)),
            Some(b"\\t") => Ok(Some(b'\t')),
            Some(_) => {
                Err(Failure::usage("--delimiter is one character").hint("such as ';' or '\\t'"))
            }
        }
    }
}

/// A number of bytes, perhaps with a unit.
fn bytes(text: &str) -> Result<u64, String> {
    let wrong = || "expected a number of bytes, such as 500MB or 1GiB".to_owned();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit: u64 = match unit {
        "" | "B" => 1,
        "kB" | "KB" => 1000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err(wrong()),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    number.checked_mul(unit).filter(|bytes| *bytes > 0).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_bytes() {
        assert_eq!((bytes("5"), bytes("2MiB")), (Ok(5), Ok(2 << 20)));
        for bad in ["", "0", "MB", "-1", "1.5GB", "1 MB", "99999999999GiB", "é"] {
            assert!(bytes(bad).is_err(), "{bad}");
        }
    }
}
