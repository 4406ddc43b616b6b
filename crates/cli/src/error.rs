//! What ends the command early: a message, perhaps a hint, and an exit code.

use crate::hint;
use crate::output::{Style, visible};
use atdata::Error;
use atdata::atproto;
use atdata::format::Kind;
use atdata::source::shown;
use std::error::Error as _;
use std::io::{self, IsTerminal, Write};

/// All is well.
pub(crate) const OK: i32 = 0;
/// Problems were found in the data.
pub(crate) const PROBLEMS: i32 = 1;
const USAGE: i32 = 2;
const NOT_FOUND: i32 = 3;
/// Data cannot be read.
pub(crate) const UNREADABLE: i32 = 4;
const UNWRITABLE: i32 = 5;

/// Why the command ends.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    code: i32,
}

impl Failure {
    /// Arguments that make no sense.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, code: USAGE }
    }

    /// Nothing has that name.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, code: NOT_FOUND }
    }

    /// Nothing that can be read has that name.
    pub(crate) fn unreadable(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, code: UNREADABLE }
    }

    /// Something that cannot be written, or a server that cannot be reached.
    pub(crate) fn unwritable(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, code: UNWRITABLE }
    }

    /// Results that no one could be given.
    pub(crate) fn output(error: &io::Error) -> Self {
        let message = format!("cannot write the results: {error}");
        Self { message, hint: None, code: UNWRITABLE }
    }

    /// What the library met, with what there is to do about it.
    pub(crate) fn data(error: &Error, target: &str) -> Self {
        let hint = hint::find(error, target);
        Self { message: message(error), hint, code: code(error) }
    }

    /// The first of what was met while the rest was done, if anything was.
    pub(crate) fn first_of(problems: &[Error], target: &str) -> Option<Self> {
        let failure = Self::data(problems.first()?, target);
        Some(match problems.len() {
            1 => failure,
            all => failure.hint(format!("atdata verify lists this and {} more", all - 1)),
        })
    }

    /// The same with something to do about it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Tells it on stderr, and gives the exit code.
    pub(crate) fn report(&self, style: Style) -> i32 {
        let mut text = format!("{} {}\n", style.error("error:"), visible(&self.message));
        if let Some(hint) = &self.hint {
            text += &format!("{} {}\n", style.hint("hint:"), visible(hint));
        }
        // There is no one left to tell if this fails.
        let _ = io::stderr().write_all(text.as_bytes());
        self.code
    }
}

/// The message with those of its causes, which it does not repeat.
pub(crate) fn message(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    let shard = match error {
        Error::Format(error) => error.place().shard.as_deref(),
        Error::Checksum { shard, .. } => Some(shard.as_str()),
        _ => None,
    };
    // A web address may hold a password or a signature.
    shard.map_or(text.clone(), |shard| text.replace(shard, &shown(shard)))
}

/// Tells something on stderr that is no error but should be read.
pub(crate) fn warning(text: &str, style: Style) {
    // There is no one left to tell if this fails.
    let _ = writeln!(io::stderr(), "{} {}", style.warning("warning:"), visible(text));
}

/// Tells lines on stderr that explain a result.
pub(crate) fn plain(lines: &str) {
    // There is no one left to tell if this fails.
    let _ = io::stderr().write_all(lines.as_bytes());
}

/// Tells something on stderr that is no error.
pub(crate) fn note(text: &str) {
    // There is no one left to tell if this fails.
    let _ = writeln!(io::stderr(), "note: {}", visible(text));
}

/// Tells whoever looks on why it takes so long; a bar that is there is drawn anew below.
pub(crate) fn waiting(text: &str) {
    if io::stderr().is_terminal() {
        let _ = write!(io::stderr(), "\r\x1b[K");
        note(text);
    }
}

/// What others have published and cannot be believed is data that cannot be read.
fn code_of_network(error: &atproto::Error) -> i32 {
    match error {
        atproto::Error::NotFound(_) => NOT_FOUND,
        atproto::Error::Syntax(_) | atproto::Error::Conflict(_) | atproto::Error::BadRecord(_) => {
            USAGE
        }
        atproto::Error::BadAnswer { .. }
        | atproto::Error::BadIdentity(_)
        | atproto::Error::Unverified { .. } => UNREADABLE,
        _ => UNWRITABLE,
    }
}

fn code(error: &Error) -> i32 {
    match error {
        Error::NotFound(_) | Error::SplitNotFound { .. } | Error::UnknownName(_) => NOT_FOUND,
        Error::Invalid(_)
        | Error::Unsupported(_)
        | Error::OutOfRange { .. }
        | Error::Conflict(_) => USAGE,
        Error::Io { action: "write" | "make" | "copy" | "remove", .. }
        | Error::Unreachable { .. }
        | Error::Denied { .. } => UNWRITABLE,
        Error::Network(error) => code_of_network(error),
        Error::Format(error) if matches!(error.kind(), Kind::BadPattern | Kind::BadReference) => {
            USAGE
        }
        _ => UNREADABLE,
    }
}
