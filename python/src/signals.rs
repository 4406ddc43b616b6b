//! Ctrl-C, while the engine waits.

use atdata::waiting::{Stopped, ask};
use pyo3::prelude::*;
use std::cell::RefCell;
use std::sync::OnceLock;
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

/// Python handles signals on its main thread, which is the one that imports, or nobody hears of them.
static MAIN: OnceLock<ThreadId> = OnceLock::new();

/// For so long every wait ends that comes after one that was ended, until its exception is raised:
/// who tries one way after the other takes an ended wait for a way that does not work.
const ENDING: Duration = Duration::from_secs(1);

thread_local! {
    static RAISED: RefCell<Option<(PyErr, Instant)>> = const { RefCell::new(None) };
}

/// Lets Python handle its signals in the middle of long waits of the engine.
pub(crate) fn listen() {
    let _ = MAIN.set(thread::current().id());
    ask(hear);
}

/// What a handler raised, if that has just ended a wait.
pub(crate) fn raised() -> Option<PyErr> {
    let (raised, since) = RAISED.take()?;
    (since.elapsed() < ENDING).then_some(raised)
}

/// What a handler raises ends the wait, and travels on as its cause.
fn hear() -> Result<(), Stopped> {
    if MAIN.get() != Some(&thread::current().id()) {
        return Ok(());
    }
    // At the end of the process there is no interpreter any more.
    Python::try_attach(handled).unwrap_or(Ok(())).map_err(|raised| Stopped(Box::new(raised)))
}

fn handled(py: Python<'_>) -> PyResult<()> {
    let raised = match raised() {
        Some(raised) => raised,
        None => match py.check_signals() {
            Ok(()) => return Ok(()),
            Err(raised) => raised,
        },
    };
    RAISED.set(Some((raised.clone_ref(py), Instant::now())));
    Err(raised)
}
