//! The `atdata` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    let code = atdata_cli::run(std::env::args_os());
    u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from)
}
