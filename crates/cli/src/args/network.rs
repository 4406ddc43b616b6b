//! The words for publishing, and for the account to publish with.

use super::team::check_type_name;
use crate::error::Failure;
use crate::team::LOCAL;
use atdata::atmosphere::Lexicons;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueHint};

#[derive(Debug, Args)]
pub(crate) struct Login {
    /// The account's handle or DID [default: `ATPROTO_HANDLE`]
    #[arg(value_name = "HANDLE")]
    pub(crate) handle: Option<String>,
    /// Ask for an app password rather than open a browser; `ATPROTO_APP_PASSWORD` answers
    #[arg(long)]
    pub(crate) app_password: bool,
    /// The account's server, where it is not to be looked for
    #[arg(long, value_name = "URL")]
    pub(crate) service: Option<String>,
    /// Print the page's address, and open no browser
    #[arg(long, conflicts_with = "app_password")]
    pub(crate) no_browser: bool,
}

/// What is said of a data set, and in which collections.
#[derive(Debug, Args)]
pub(crate) struct Saying {
    /// What it is, in words
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,
    /// A word to find it by; may be given several times
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
    /// The licence, best as an SPDX identifier
    #[arg(long, value_name = "LICENCE")]
    pub(crate) license: Option<String>,
    /// Publish addresses that others may not be able to read, with a warning
    #[arg(long)]
    pub(crate) allow_unreadable: bool,
    /// Which collections are written
    #[arg(long, value_name = "NAME", default_value = "ac.foundation", value_parser = lexicons())]
    pub(crate) lexicons: Lexicons,
}

fn lexicons() -> impl TypedValueParser<Value = Lexicons> {
    let names = PossibleValuesParser::new(Lexicons::ALL.map(Lexicons::name));
    names.try_map(|name| name.parse::<Lexicons>())
}

#[derive(Debug, Args)]
pub(crate) struct Publish {
    /// Files, brace patterns, quoted globs, folders or URLs
    #[arg(required = true, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(crate) paths: Vec<String>,
    /// What the data set is called
    #[arg(long)]
    pub(crate) name: String,
    /// A published schema, one of the index, or a file that holds one as JSON [default: found in
    /// the samples]
    #[arg(long, value_name = "REF|FILE", conflicts_with = "type_name")]
    pub(crate) schema: Option<String>,
    /// What the type of the samples is called [default: made of NAME]
    #[arg(long, value_name = "TYPE")]
    pub(crate) type_name: Option<String>,
    /// Leave the shards where they are, and publish their addresses
    #[arg(long)]
    pub(crate) urls: bool,
    #[command(flatten)]
    pub(crate) saying: Saying,
}

impl Publish {
    pub(super) fn checked(self) -> Result<Self, Failure> {
        check_type_name(self.type_name.as_deref())?;
        check_name(&self.name)?;
        Ok(self)
    }
}

#[derive(Debug, Args)]
pub(crate) struct Promote {
    /// The name in the index, NAME@VERSION, or a CID
    #[arg(value_name = "NAME")]
    pub(crate) target: String,
    /// What it is called when it is published [default: as in the index]
    #[arg(long = "name", value_name = "NAME")]
    pub(crate) new_name: Option<String>,
    /// Copy the shards into this store, and publish their addresses there
    #[arg(long, value_name = "URL", conflicts_with = "blobs")]
    pub(crate) to: Option<String>,
    /// Upload the shards to the account's server, wherever they are
    #[arg(long)]
    pub(crate) blobs: bool,
    #[command(flatten)]
    pub(crate) saying: Saying,
}

impl Promote {
    pub(super) fn checked(self) -> Result<Self, Failure> {
        self.new_name.as_deref().map_or(Ok(()), check_name)?;
        Ok(self)
    }
}

fn check_name(name: &str) -> Result<(), Failure> {
    if name.starts_with('@') {
        let start = if name.starts_with(LOCAL) { "@local/" } else { "@HANDLE/" };
        let message = format!("a data set is published under a name without {start}");
        return Err(Failure::usage(message).hint("it goes to the account that is logged in"));
    }
    atdata::store::check_name(name).map_err(|error| Failure::data(&error, ""))
}
