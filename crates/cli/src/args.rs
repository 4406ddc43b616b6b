//! What was typed ([`Typed`]) and what is meant by it ([`Request`]); the step between is the only
//! place that validates.

use crate::error::Failure;
use clap::{Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::num::NonZero;
use std::thread;

macro_rules! help {
    ($name:literal) => {
        concat!(
            include_str!(concat!("help/", $name, ".txt")),
            "\n",
            include_str!("help/exit_codes.txt")
        )
    };
}

const SHORT: &str = "Examples, JSON keys and exit codes: --help";

/// Typed machine-learning datasets: look at shards, read samples, check them.
#[derive(Debug, Parser)]
#[command(name = "atdata", bin_name = "atdata", version)]
#[command(after_help = SHORT, after_long_help = help!("atdata"))]
#[command(disable_help_subcommand = true, max_term_width = 100)]
pub(crate) struct Typed {
    #[command(subcommand)]
    word: Word,
    /// Write results as JSON
    #[arg(long, global = true)]
    json: bool,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value = "auto", value_name = "WHEN")]
    pub(crate) color: When,
}

#[derive(Debug, Subcommand)]
enum Word {
    /// Show shards, sizes, fields and one sample
    #[command(after_help = SHORT, after_long_help = help!("inspect"))]
    Inspect(InspectTyped),
    /// Show the first samples
    #[command(after_help = SHORT, after_long_help = help!("head"))]
    Head(HeadTyped),
    /// Check that every sample decodes and every index holds
    #[command(after_help = SHORT, after_long_help = help!("verify"))]
    Verify(VerifyTyped),
}

/// When colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, clap::Args)]
struct InspectTyped {
    /// A file, a brace pattern, a quoted glob or a folder
    target: String,
    /// How many samples to look at for the fields
    #[arg(long, value_name = "N", default_value_t = 100)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    samples: u64,
    /// List every shard
    #[arg(long)]
    all: bool,
}

#[derive(Debug, clap::Args)]
struct HeadTyped {
    /// A file, a brace pattern, a quoted glob or a folder
    target: String,
    /// How many samples to show
    #[arg(short = 'n', long = "samples", value_name = "N", default_value_t = 5)]
    samples: u64,
    /// Only these fields, in this order
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    fields: Vec<String>,
    /// With --json: the data of arrays too
    #[arg(long)]
    full: bool,
}

#[derive(Debug, clap::Args)]
struct VerifyTyped {
    /// A file, a brace pattern, a quoted glob or a folder
    target: String,
    /// How many shards to check at a time [default: one a processor]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZero<usize>>,
    /// List every problem
    #[arg(long)]
    all: bool,
}

/// What is meant.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) command: Command,
    pub(crate) json: bool,
    pub(crate) color: When,
}

/// One command and what it needs.
#[derive(Debug)]
pub(crate) enum Command {
    Inspect(Inspect),
    Head(Head),
    Verify(Verify),
}

/// What `inspect` needs.
#[derive(Debug)]
pub(crate) struct Inspect {
    pub(crate) target: String,
    pub(crate) samples: u64,
    pub(crate) all: bool,
}

/// What `head` needs.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) target: String,
    pub(crate) samples: u64,
    /// All when there are none.
    pub(crate) fields: Vec<String>,
    pub(crate) full: bool,
}

/// What `verify` needs.
#[derive(Debug)]
pub(crate) struct Verify {
    pub(crate) target: String,
    pub(crate) jobs: usize,
    pub(crate) all: bool,
}

/// Reads arguments; the error is clap's, which prints itself, help and version included.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Typed, clap::Error> {
    Typed::try_parse_from(args)
}

impl TryFrom<Typed> for Request {
    type Error = Failure;

    fn try_from(typed: Typed) -> Result<Self, Failure> {
        let command = match typed.word {
            Word::Inspect(InspectTyped { target, samples, all }) => {
                Command::Inspect(Inspect { target: checked(target)?, samples, all })
            }
            Word::Head(HeadTyped { target, samples, fields, full }) => {
                if full && !typed.json {
                    let hint = "add --json; as text, arrays are always shown in short";
                    return Err(Failure::usage("--full is for --json").hint(hint));
                }
                let fields = fields.into_iter().filter(|name| !name.is_empty()).collect();
                Command::Head(Head { target: checked(target)?, samples, fields, full })
            }
            Word::Verify(VerifyTyped { target, jobs, all }) => {
                let jobs = jobs.or_else(|| thread::available_parallelism().ok());
                let jobs = jobs.map_or(1, NonZero::get);
                Command::Verify(Verify { target: checked(target)?, jobs, all })
            }
        };
        Ok(Self { command, json: typed.json, color: typed.color })
    }
}

fn checked(target: String) -> Result<String, Failure> {
    if target.is_empty() {
        return Err(Failure::usage("the target is empty").hint("use . for this folder"));
    }
    Ok(target)
}
