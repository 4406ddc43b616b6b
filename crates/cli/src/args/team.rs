//! The words for team storage. What is typed is what is meant, but for a few checks.

use crate::error::Failure;
use crate::network::is_published;
use crate::team::LOCAL;
use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Args)]
pub(crate) struct Push {
    /// Files, brace patterns, quoted globs, folders or URLs
    #[arg(required = true, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(crate) paths: Vec<String>,
    /// The name in the index
    pub(crate) name: String,
    /// A published schema, or a file that holds one as JSON [default: found in the samples]
    #[arg(long, value_name = "REF|FILE", conflicts_with = "type_name")]
    pub(crate) schema: Option<String>,
    /// What the type of the samples is called [default: made of NAME]
    #[arg(long, value_name = "TYPE")]
    pub(crate) type_name: Option<String>,
    /// What it is, in words
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,
    /// A word to find it by; may be given several times
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
    /// The licence, best as an SPDX identifier
    #[arg(long, value_name = "LICENCE")]
    pub(crate) license: Option<String>,
    /// The folder in the store [default: made of NAME]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) prefix: Option<String>,
}

impl Push {
    /// A name that begins with `@local/` is one without it.
    pub(super) fn checked(mut self) -> Result<Self, Failure> {
        self.name = self.name.strip_prefix(LOCAL).unwrap_or(&self.name).to_owned();
        let is_file = ["/", "./", "../", "~"].iter().any(|start| self.name.starts_with(start))
            || self.name.ends_with(".tar")
            || self.name.contains("://");
        if is_file {
            let message = format!("{} looks like a file, and the last word is the name", self.name);
            return Err(Failure::usage(message).hint("atdata push PATH... NAME"));
        }
        check_type_name(self.type_name.as_deref())?;
        self.name = local_name(&self.name)?;
        Ok(self)
    }
}

/// A name of the index, without `@local/`.
fn local_name(name: &str) -> Result<String, Failure> {
    let name = name.strip_prefix(LOCAL).unwrap_or(name);
    atdata::store::check_name(name).map_err(|error| Failure::data(&error, ""))?;
    Ok(name.to_owned())
}

/// Whether a type can be called that.
pub(super) fn check_type_name(name: Option<&str>) -> Result<(), Failure> {
    if name.is_none_or(is_identifier) {
        return Ok(());
    }
    let hint = "letters, digits and _, and no digit first: Image";
    Err(Failure::usage("--type-name cannot be a type's name").hint(hint))
}

fn is_identifier(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

#[derive(Debug, Args)]
pub(crate) struct Pull {
    /// @local/NAME, @local/NAME@VERSION or a CID; @HANDLE/NAME or at://...
    pub(crate) target: String,
    /// The folder [default: NAME, in this folder]
    #[arg(value_hint = ValueHint::DirPath)]
    pub(crate) folder: Option<PathBuf>,
    /// Put a published data set into the index under this name, and its shards into the store
    #[arg(long, value_name = "NAME", conflicts_with = "folder")]
    pub(crate) name: Option<String>,
    /// With --name: leave the shards where they are, and keep their addresses
    #[arg(long, requires = "name")]
    pub(crate) urls: bool,
}

impl Pull {
    /// What the index names is there already.
    pub(super) fn checked(mut self) -> Result<Self, Failure> {
        if let Some(name) = self.name.take() {
            if !is_published(&self.target) {
                let hint = "those are @HANDLE/NAME and at://...; without --name, a folder";
                return Err(Failure::usage("--name is for published data sets").hint(hint));
            }
            self.name = Some(local_name(&name)?);
        }
        Ok(self)
    }
}

#[derive(Debug, Args)]
pub(crate) struct Search {
    /// Words, each of which begins a word of the name, description or tags
    #[arg(value_name = "TEXT")]
    pub(crate) words: Vec<String>,
    /// Only with this tag; may be given several times
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
    /// Only with a schema of this name
    #[arg(long, value_name = "TYPE")]
    pub(crate) schema: Option<String>,
    /// Only under this licence
    #[arg(long, value_name = "LICENCE")]
    pub(crate) license: Option<String>,
    /// The most data sets to show
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) limit: u32,
}

impl Search {
    /// All data sets are not what anyone searches for.
    pub(super) fn checked(self) -> Result<Self, Failure> {
        let Self { words, tags, schema, license, .. } = &self;
        if words.iter().all(|word| word.trim().is_empty())
            && tags.is_empty()
            && schema.is_none()
            && license.is_none()
        {
            let hint = "give words, --tag, --schema or --license; atdata ls lists all data sets";
            return Err(Failure::usage("there is nothing to search for").hint(hint));
        }
        Ok(self)
    }
}

#[derive(Debug, Args)]
pub(crate) struct History {
    /// The name
    pub(crate) name: String,
}

#[derive(Debug, Args)]
pub(crate) struct Rm {
    /// A name with all its versions, NAME@VERSION, or a CID
    #[arg(value_name = "NAME|NAME@VERSION|CID")]
    pub(crate) target: String,
    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Gc {
    /// How old a file is at least: 90s, 30m, 24h, 7d
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = duration)]
    pub(crate) grace: Duration,
    /// Remove what is found
    #[arg(long)]
    pub(crate) remove: bool,
    /// List every file
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SchemaWord {
    /// List all schemas
    Ls,
    /// Show a schema
    Show {
        /// NAME@VERSION, NAME for the highest version, or a reference
        #[arg(value_name = "REF")]
        reference: String,
    },
    /// Show what differs between two schemas
    Diff {
        /// The older: NAME@VERSION, NAME, a reference, or a JSON file
        old: String,
        /// The newer, likewise
        new: String,
    },
    /// Publish a schema
    Publish {
        /// A file that holds it as JSON, as `atdata schema show --json` prints it
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
        /// The version, such as 1.2.0 [default: the one the changes call for]
        #[arg(long)]
        version: Option<String>,
    },
}

/// A whole number with its unit.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "expected a number and s, m, h or d, such as 24h".to_owned();
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let (number, seconds) = match unit {
        "s" => (number, 1),
        "m" => (number, 60),
        "h" => (number, 3600),
        "d" => (number, 24 * 3600),
        "0" if number.is_empty() => ("0", 1),
        _ => return Err(wrong()),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(duration("24h"), Ok(Duration::from_secs(86400)));
        assert_eq!(
            (duration("0"), duration("90s").map(|d| d.as_secs())),
            (Ok(Duration::ZERO), Ok(90))
        );
        for bad in [
            "",
            "h",
            "24",
            "-1h",
            "1.5h",
            "24 h",
            "é",
            "99999999999999999999d",
            "18446744073709551615d",
        ] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
