//! The `atdata` command: arguments, tables, progress bars and exit codes over the library.
//!
//! `main` and the Python wheel's `atdata` both call [`run`]. Results go to stdout, progress and
//! errors to stderr. One command is one file.

mod args;
mod array;
mod browser;
mod cat;
mod convert;
mod convert_out;
mod datasets;
mod doctor;
mod error;
mod fields;
mod gc;
mod head;
mod hint;
mod history;
mod inspect;
mod json;
mod login;
mod ls;
mod network;
mod output;
mod progress;
mod promote;
mod publish;
mod published;
mod published_list;
mod published_verify;
mod pull;
mod push;
mod reindex;
mod rm;
mod samples;
mod schema;
mod search;
mod show;
mod statistics;
mod table;
mod target;
mod team;
mod verify;
mod warnings;
mod when;
mod whoami;

use args::Command;
use error::Failure;
use output::{Output, Style};
use std::ffi::OsString;

/// Runs the command with its arguments, the program's name first, and gives its exit code.
///
/// Nothing here ends the process or touches its signals: whoever calls this from a runtime that
/// catches Ctrl-C itself, as Python does, gives the signal its default back before.
///
/// ```
/// let args = ["atdata", "head", "no-such-file.tar"].map(Into::into);
/// assert_eq!(atdata_cli::run(args), 3);
/// ```
pub fn run(args: impl IntoIterator<Item = OsString>) -> i32 {
    let typed = match args::parse(args) {
        Ok(typed) => typed,
        Err(error) => {
            // Help that no one reads to its end is no failure.
            let _ = error.print();
            return error.exit_code();
        }
    };
    let stderr = Style::stderr(typed.color);
    let (done, warnings) = warnings::collect(|| execute(typed));
    for warning in warnings {
        error::warning(&warning, stderr);
    }
    done.unwrap_or_else(|failure| failure.report(stderr))
}

/// Results are written out before an error is told.
fn execute(typed: args::Typed) -> Result<i32, Failure> {
    let request = args::Request::try_from(typed)?;
    let mut out = Output::stdout(request.color);
    let common = &request.common;
    let done = match &request.command {
        Command::Inspect(options) => inspect::run(options, common, &mut out),
        Command::Head(options) => head::run(options, common, &mut out),
        Command::Verify(options) => verify::run(options, common, &mut out),
        Command::Ls(options) => ls::run(options, common, &mut out),
        Command::Cat(options) => cat::run(options, common, &mut out),
        Command::Reindex(options) => reindex::run(options, common, &mut out),
        Command::Convert(options) => convert::run(options, common, &mut out),
        Command::Push(options) => push::run(options, common, &mut out),
        Command::Publish(options) => publish::run(options, common, &mut out),
        Command::Promote(options) => promote::run(options, common, &mut out),
        Command::Login(options) => login::run(options, common, &mut out),
        Command::Logout => login::end(common, &mut out),
        Command::Whoami => whoami::run(common, &mut out),
        Command::Pull(options) => pull::run(options, common, &mut out),
        Command::Search(options) => search::run(options, common, &mut out),
        Command::History(options) => history::run(options, common, &mut out),
        Command::Rm(options) => rm::run(options, common, &mut out),
        Command::Gc(options) => gc::run(options, common, &mut out),
        Command::Schema(word) => schema::run(word, common, &mut out),
        Command::Doctor => Ok(doctor::run(common, &mut out)),
        Command::Completions(shell) => {
            out.bytes(&args::completions(*shell));
            Ok(error::OK)
        }
    };
    let written = out.finish();
    done.and_then(|code| written.map(|()| code))
}
