//! Waits that whoever waits can end, and values that each process makes for itself.
//!
//! A library does not know of signals, but a program that hosts it may: Python hears of Ctrl-C only
//! when it is asked. So a program says once how it is asked ([`ask`]), and whatever waits long here
//! (for a server, for a second try) asks it several times a second.

mod helper;
mod per_process;
mod stop;

pub use helper::{Helper, together};
pub use per_process::PerProcess;
#[cfg(feature = "tokio")]
pub use stop::run;
pub use stop::{Stopped, ask, check, is_stopped, receive, sleep, undisturbed, wait};
