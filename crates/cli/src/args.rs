//! What was typed; [`request`] has what is meant by it.

mod convert;
mod network;
mod request;
mod several;
mod team;

pub(crate) use convert::Convert;
pub(crate) use network::{Login, Promote, Publish, Saying};
pub(crate) use request::{
    Bytes, Cat, Command, Common, Head, Inspect, Ls, Reindex, Request, Verify,
};
pub(crate) use team::{Gc, History, Pull, Push, Rm, SchemaWord, Search};

use clap::{CommandFactory, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;
use std::ffi::OsString;
use std::num::NonZero;

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

/// Typed machine-learning datasets: look at shards, share them by name, check them.
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
    /// The index: a file, redis://, rediss://, redis+cluster:// or postgres://
    #[arg(long, global = true, value_name = "URL")]
    index: Option<String>,
    /// The store for shards: a folder, s3://, gs:// or az://
    #[arg(long, global = true, value_name = "URL")]
    store: Option<String>,
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
    /// Show a sample by its key
    #[command(after_help = SHORT, after_long_help = help!("cat"))]
    Cat(CatTyped),
    /// List data sets, shards, or the keys of their samples
    #[command(after_help = SHORT, after_long_help = help!("ls"))]
    Ls(LsTyped),
    /// Check that every sample decodes and every index holds
    #[command(after_help = SHORT, after_long_help = help!("verify"))]
    Verify(VerifyTyped),
    /// Make the indexes beside shards, or make them again
    #[command(after_help = SHORT, after_long_help = help!("reindex"))]
    Reindex(ReindexTyped),
    /// Make shards of other formats, and other formats of shards
    #[command(after_help = SHORT, after_long_help = help!("convert"))]
    Convert(Convert),
    /// Copy shards into the store, under a name in the index
    #[command(after_help = SHORT, after_long_help = help!("push"))]
    Push(Push),
    /// Publish shards on the AT Protocol
    #[command(after_help = SHORT, after_long_help = help!("publish"))]
    Publish(Publish),
    /// Publish a data set of the index on the AT Protocol
    #[command(after_help = SHORT, after_long_help = help!("promote"))]
    Promote(Promote),
    /// Copy a data set's shards into a folder, or a published one into the index
    #[command(after_help = SHORT, after_long_help = help!("pull"))]
    Pull(Pull),
    /// Find data sets by words, tags, schema or licence
    #[command(after_help = SHORT, after_long_help = help!("search"))]
    Search(Search),
    /// Show what a name has pointed to, the newest first
    #[command(after_help = SHORT, after_long_help = help!("history"))]
    History(History),
    /// Remove a name, a version or an entry from the index
    #[command(after_help = SHORT, after_long_help = help!("rm"))]
    Rm(Rm),
    /// Find shards in the store that nothing names, and remove them
    #[command(after_help = SHORT, after_long_help = help!("gc"))]
    Gc(Gc),
    /// List, show, compare and publish schemas
    #[command(subcommand, after_help = SHORT, after_long_help = help!("schema"))]
    Schema(SchemaWord),
    /// Log in to the AT Protocol, to publish
    #[command(after_help = SHORT, after_long_help = help!("login"))]
    Login(Login),
    /// End the session
    #[command(after_help = SHORT, after_long_help = help!("logout"))]
    Logout,
    /// Say who is logged in, and whether the session still holds
    #[command(after_help = SHORT, after_long_help = help!("whoami"))]
    Whoami,
    /// Say what can be reached, and what to do where it cannot
    #[command(after_help = SHORT, after_long_help = help!("doctor"))]
    Doctor,
    /// Print a script that completes commands in your shell
    #[command(after_help = SHORT, after_long_help = help!("completions"))]
    Completions {
        /// The shell
        shell: Shells,
    },
}

/// The shells that completions are made for.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Shells {
    Bash,
    Zsh,
    Fish,
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
    /// Files, a brace pattern, glob or folder, a URL, @local/NAME, @HANDLE/NAME or at://...
    #[arg(value_hint = ValueHint::AnyPath, required = true)]
    target: Vec<String>,
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
    /// Files, a brace pattern, glob or folder, a URL, @local/NAME, @HANDLE/NAME or at://...
    #[arg(value_hint = ValueHint::AnyPath, required = true)]
    target: Vec<String>,
    /// How many samples to show
    #[arg(short = 'n', long = "samples", value_name = "N", default_value_t = 5)]
    samples: u64,
    /// Only these fields, in this order
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    fields: Vec<String>,
    /// Only samples of which this holds, such as "score > 0.9 and label in ['cat', 'dog']"
    #[arg(long = "where", value_name = "CONDITION")]
    condition: Option<String>,
    /// With --json: the data of arrays too
    #[arg(long)]
    full: bool,
}

#[derive(Debug, clap::Args)]
struct VerifyTyped {
    /// Files, a brace pattern, glob or folder, a URL, @local/NAME, @HANDLE/NAME or at://...
    #[arg(value_hint = ValueHint::AnyPath, required = true)]
    target: Vec<String>,
    /// How many shards to check at a time [default: one a processor]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZero<usize>>,
    /// List every problem
    #[arg(long)]
    all: bool,
}

#[derive(Debug, clap::Args)]
struct CatTyped {
    /// A file, brace pattern, quoted glob or folder, a URL, @local/NAME, @HANDLE/NAME or at://...
    #[arg(value_hint = ValueHint::AnyPath)]
    target: String,
    /// The sample's key
    key: String,
    /// Only this field, whole
    #[arg(long, value_name = "NAME")]
    field: Option<String>,
    /// With --field: the bytes of a text or bytes field, or of a stored array
    #[arg(long, conflicts_with = "npy", requires = "field")]
    raw: bool,
    /// With --field: an array as a .npy file
    #[arg(long, requires = "field")]
    npy: bool,
    /// With --json: the data of arrays too
    #[arg(long)]
    full: bool,
}

#[derive(Debug, clap::Args)]
struct LsTyped {
    /// Files, a pattern or folder, a URL, @local/NAME, @HANDLE/NAME or at://...; @HANDLE: what that
    /// account has published; without it, all data sets of the index
    #[arg(value_hint = ValueHint::AnyPath)]
    target: Vec<String>,
    /// List the keys of all samples instead, one a line
    #[arg(long)]
    keys: bool,
    /// List every data set
    #[arg(long)]
    all: bool,
}

#[derive(Debug, clap::Args)]
struct ReindexTyped {
    /// Files, a brace pattern, a glob or a folder
    #[arg(value_hint = ValueHint::AnyPath, required = true)]
    target: Vec<String>,
    /// Change nothing; exit code 1 when an index is missing or wrong
    #[arg(long)]
    check: bool,
    /// List every shard, those that were right too
    #[arg(long)]
    all: bool,
}

/// Reads arguments; the error is clap's, which prints itself, help and version included.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Typed, clap::Error> {
    Typed::try_parse_from(args)
}

/// The script that completes this command's arguments in a shell.
pub(crate) fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Typed::command(), "atdata", &mut script);
    script
}
