//! Ctrl-C, while the engine waits.

use atdata::waiting::{Stopped, ask};
use pyo3::ffi;
use pyo3::prelude::*;
use std::cell::RefCell;
use std::ffi::{c_int, c_void};
use std::ptr;

thread_local! {
    /// What a handler raised that nobody has raised again yet.
    static RAISED: RefCell<Option<PyErr>> = const { RefCell::new(None) };
}

/// Lets Python handle its signals in the middle of long waits of the engine.
pub(crate) fn listen() {
    ask(hear);
}

/// What a handler raised, if that has just ended a wait. It is raised once.
pub(crate) fn raised() -> Option<PyErr> {
    RAISED.take()
}

/// What a handler raises ends the wait, and each that follows until it is raised: who tries one way
/// after the other takes an ended wait for a way that does not work.
fn hear() -> Result<(), Stopped> {
    // At the end of the process there is no interpreter any more.
    Python::try_attach(handled).unwrap_or(Ok(())).map_err(|raised| Stopped(Box::new(raised)))
}

/// Only the main thread's answer is ever an exception.
fn handled(py: Python<'_>) -> PyResult<()> {
    let raised = match raised() {
        Some(raised) => raised,
        None => {
            let Err(raised) = py.check_signals() else { return Ok(()) };
            raise_at_the_latest();
            raised
        }
    };
    RAISED.set(Some(raised.clone_ref(py)));
    Err(raised)
}

/// Has the interpreter raise what is still not raised when the engine has returned: on some ways an
/// error is passed over, or becomes a text.
#[allow(unsafe_code, reason = "PyO3 has no safe form of this call")]
fn raise_at_the_latest() {
    // SAFETY: the function takes nothing and lives as long as the process. The call may be made at
    // any time; when too many wait, it does nothing.
    let _ = unsafe { ffi::Py_AddPendingCall(Some(raise), ptr::null_mut()) };
}

extern "C" fn raise(_: *mut c_void) -> c_int {
    let Some(raised) = raised() else { return 0 };
    Python::attach(|py| raised.restore(py));
    -1
}
