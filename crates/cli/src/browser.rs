//! Opening a page for somebody who sits at this machine.

use atdata::config::variable;
use std::process::{Command, Stdio};

/// Opens a page, where there is a browser that can be seen; whether it was tried.
pub(crate) fn open(page: &str) -> bool {
    let Some(program) = program() else { return false };
    let mut command = Command::new(program);
    command.arg(page).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().is_ok()
}

/// What opens pages here. Without a screen it would open a browser of text in this terminal.
fn program() -> Option<&'static str> {
    let has_screen =
        || ["DISPLAY", "WAYLAND_DISPLAY"].into_iter().any(|name| variable(name).is_some());
    match std::env::consts::OS {
        "macos" => Some("open"),
        "windows" => Some("explorer"),
        _ => has_screen().then_some("xdg-open"),
    }
}
