//! What is meant by what was typed; the step from one to the other is the only place that
//! validates.

use super::several::one_of;
use super::{
    CatTyped, HeadTyped, InspectTyped, LsTyped, ReindexTyped, Shells, Typed, VerifyTyped, When,
    Word,
};
use super::{Convert, Gc, History, Login, Promote, Publish, Pull, Push, Rm, SchemaWord, Search};
use crate::error::Failure;
use crate::team::Team;
use atdata::Expr;
use clap_complete::Shell;
use std::num::NonZero;
use std::thread;

/// What is meant.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) command: Command,
    pub(crate) common: Common,
    pub(crate) color: When,
}

/// What any command may need.
#[derive(Debug)]
pub(crate) struct Common {
    pub(crate) json: bool,
    pub(crate) team: Team,
}

/// One command and what it needs.
#[derive(Debug)]
pub(crate) enum Command {
    Inspect(Inspect),
    Head(Head),
    Verify(Verify),
    Ls(Ls),
    Cat(Cat),
    Reindex(Reindex),
    Convert(Convert),
    Push(Push),
    Publish(Publish),
    Promote(Promote),
    Login(Login),
    Logout,
    Whoami,
    Pull(Pull),
    Search(Search),
    History(History),
    Rm(Rm),
    Gc(Gc),
    Schema(SchemaWord),
    Doctor,
    Completions(Shell),
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
    /// Which samples are wanted.
    pub(crate) condition: Option<Expr>,
    pub(crate) full: bool,
}

/// What `verify` needs.
#[derive(Debug)]
pub(crate) struct Verify {
    pub(crate) target: String,
    pub(crate) jobs: usize,
    pub(crate) all: bool,
}

/// What `ls` needs.
#[derive(Debug)]
pub(crate) struct Ls {
    /// Data sets when there is none.
    pub(crate) target: Option<String>,
    pub(crate) keys: bool,
    pub(crate) all: bool,
}

/// What `cat` needs.
#[derive(Debug)]
pub(crate) struct Cat {
    pub(crate) target: String,
    pub(crate) key: String,
    /// All when there is none.
    pub(crate) field: Option<String>,
    /// Whether only bytes are written, and which.
    pub(crate) bytes: Option<Bytes>,
    pub(crate) full: bool,
}

/// What is written of a single field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bytes {
    /// What is stored.
    Raw,
    /// An array as a file of numpy's.
    Npy,
}

/// What `reindex` needs.
#[derive(Debug)]
pub(crate) struct Reindex {
    pub(crate) target: String,
    /// Whether indexes are only compared.
    pub(crate) check: bool,
    pub(crate) all: bool,
}

impl TryFrom<Typed> for Request {
    type Error = Failure;

    fn try_from(Typed { word, json, index, store, color }: Typed) -> Result<Self, Failure> {
        let command = match word {
            Word::Inspect(InspectTyped { target, samples, all }) => {
                Command::Inspect(Inspect { target: one_of(target)?, samples, all })
            }
            Word::Head(HeadTyped { target, samples, fields, condition, full }) => {
                full_with_json(full, json)?;
                let fields = fields.into_iter().filter(|name| !name.is_empty()).collect();
                let condition = condition.map(|text| text.parse()).transpose();
                let condition = condition.map_err(|error: atdata::format::Error| {
                    // The lines that show the place would be shown escaped.
                    let text = error.to_string();
                    let first = text.lines().next().unwrap_or_default();
                    Failure::usage(first).hint("atdata head --help shows what can be asked")
                })?;
                Command::Head(Head { target: one_of(target)?, samples, fields, condition, full })
            }
            Word::Verify(VerifyTyped { target, jobs, all }) => {
                let jobs = jobs.or_else(|| thread::available_parallelism().ok());
                let jobs = jobs.map_or(1, NonZero::get);
                Command::Verify(Verify { target: one_of(target)?, jobs, all })
            }
            Word::Ls(typed) => Command::Ls(ls(typed)?),
            Word::Cat(typed) => Command::Cat(cat(typed, json)?),
            Word::Reindex(ReindexTyped { target, check, all }) => {
                Command::Reindex(Reindex { target: one_of(target)?, check, all })
            }
            Word::Convert(convert) => Command::Convert(convert.checked()?),
            Word::Push(push) => Command::Push(push.checked()?),
            Word::Publish(publish) => Command::Publish(publish.checked()?),
            Word::Promote(promote) => Command::Promote(promote.checked()?),
            Word::Login(login) => Command::Login(login),
            Word::Logout => Command::Logout,
            Word::Whoami => Command::Whoami,
            Word::Pull(pull) => Command::Pull(pull.checked()?),
            Word::Search(search) => Command::Search(search.checked()?),
            Word::History(history) => Command::History(history),
            Word::Rm(rm) => Command::Rm(rm),
            Word::Gc(gc) => Command::Gc(gc),
            Word::Schema(word) => Command::Schema(word),
            Word::Doctor => Command::Doctor,
            Word::Completions { shell } => Command::Completions(match shell {
                Shells::Bash => Shell::Bash,
                Shells::Zsh => Shell::Zsh,
                Shells::Fish => Shell::Fish,
            }),
        };
        let common = Common { json, team: Team { index, store } };
        Ok(Self { command, common, color })
    }
}

fn ls(LsTyped { target, keys, all }: LsTyped) -> Result<Ls, Failure> {
    let target = if target.is_empty() { None } else { Some(one_of(target)?) };
    let target = target.filter(|target| target != "@local/");
    if target.is_none() && keys {
        let hint = "name one: atdata ls --keys @local/NAME";
        return Err(Failure::usage("--keys needs a target").hint(hint));
    }
    Ok(Ls { target, keys, all })
}

fn cat(typed: CatTyped, json: bool) -> Result<Cat, Failure> {
    let CatTyped { target, key, field, raw, npy, full } = typed;
    full_with_json(full, json)?;
    let bytes = match (raw, npy) {
        (true, _) => Some(Bytes::Raw),
        (_, true) => Some(Bytes::Npy),
        _ => None,
    };
    if bytes.is_some() && json {
        return Err(Failure::usage("--raw and --npy write bytes, which are no JSON"));
    }
    Ok(Cat { target: one_of(vec![target])?, key, field, bytes, full })
}

fn full_with_json(full: bool, json: bool) -> Result<(), Failure> {
    if full && !json {
        let hint = "add --json; as text, arrays are always shown in short";
        return Err(Failure::usage("--full is for --json").hint(hint));
    }
    Ok(())
}
