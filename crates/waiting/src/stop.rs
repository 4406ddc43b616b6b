//! Whether to go on waiting.

use std::cell::OnceCell;
use std::error::Error;
use std::io;
#[cfg(feature = "tokio")]
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Condvar, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
#[cfg(feature = "tokio")]
use tokio::runtime::Runtime;

/// How long a wait goes on before it is asked again.
const OFTEN: Duration = Duration::from_millis(100);

type Ask = fn() -> Result<(), Stopped>;

static ASK: OnceLock<Ask> = OnceLock::new();

/// Who waited wants it to end, and why. Waits give it as an [`io::Error`] around it.
#[derive(Debug, thiserror::Error)]
#[error("stopped")]
pub struct Stopped(#[source] pub Box<dyn Error + Send + Sync>);

/// Says who is asked whether to go on, on the thread that waits. The first one stays.
pub fn ask(whether_to_go_on: Ask) {
    let _ = ASK.set(whether_to_go_on);
}

thread_local! {
    /// On the thread of a helper, whether nobody waits for it any more.
    static UNWANTED: OnceCell<Arc<AtomicBool>> = const { OnceCell::new() };
}

/// From now on waits of this thread end when nobody wants what it does.
pub(crate) fn begin_helping(unwanted: Arc<AtomicBool>) {
    let _ = UNWANTED.with(|flag| flag.set(unwanted));
}

/// Asks whether to go on.
///
/// # Errors
/// [`Stopped`].
pub fn check() -> io::Result<()> {
    let unwanted = |flag: &OnceCell<Arc<AtomicBool>>| {
        flag.get().is_some_and(|unwanted| unwanted.load(Ordering::Relaxed))
    };
    if UNWANTED.with(unwanted) {
        return Err(io::Error::other(Stopped("nobody waits for it any more".into())));
    }
    ASK.get().map_or(Ok(()), |ask| ask()).map_err(io::Error::other)
}

/// Whether [`Stopped`] is among the causes of an error.
#[must_use]
pub fn is_stopped(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let within = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if within.and_then(|within| within.downcast_ref::<Stopped>()).is_some() {
            return true;
        }
        next = error.source();
    }
    false
}

/// Sleeps.
///
/// # Errors
/// [`Stopped`].
pub fn sleep(duration: Duration) -> io::Result<()> {
    let start = Instant::now();
    while let Some(left) = duration.checked_sub(start.elapsed()).filter(|left| !left.is_zero()) {
        thread::sleep(left.min(OFTEN));
        check()?;
    }
    Ok(())
}

/// Runs a future on this thread, and what others wait for on this runtime meanwhile.
///
/// # Errors
/// [`Stopped`]; the future is dropped then.
#[cfg(feature = "tokio")]
pub fn run<T>(runtime: &Runtime, work: impl Future<Output = T>) -> io::Result<T> {
    runtime.block_on(async {
        let mut work = pin!(work);
        loop {
            match tokio::time::timeout(OFTEN, work.as_mut()).await {
                Ok(done) => return Ok(done),
                Err(_) => check()?,
            }
        }
    })
}

/// Waits for what a channel brings; none where nobody sends any more.
///
/// # Errors
/// [`Stopped`].
pub fn receive<T>(receiver: &Receiver<T>) -> io::Result<Option<T>> {
    loop {
        match receiver.recv_timeout(OFTEN) {
            Ok(received) => return Ok(Some(received)),
            Err(RecvTimeoutError::Disconnected) => return Ok(None),
            Err(RecvTimeoutError::Timeout) => check()?,
        }
    }
}

/// Waits for a condition, or for a moment: the caller looks, and waits again.
///
/// # Errors
/// [`Stopped`].
pub fn wait<'a, T>(condition: &Condvar, guard: MutexGuard<'a, T>) -> io::Result<MutexGuard<'a, T>> {
    let (guard, waited) =
        condition.wait_timeout(guard, OFTEN).unwrap_or_else(PoisonError::into_inner);
    if waited.timed_out() {
        check()?;
    }
    Ok(guard)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::sync::Mutex;

    thread_local! {
        static STOP: Cell<bool> = const { Cell::new(false) };
    }

    /// Every wait that is longer than a moment is ended on this thread.
    fn stopping() {
        ask(|| if STOP.get() { Err(Stopped("enough".into())) } else { Ok(()) });
        STOP.set(true);
    }

    #[test]
    fn every_wait_ends_when_it_is_to() {
        stopping();
        let long = Duration::from_secs(1000);
        let (mutex, condition) = (Mutex::new(()), Condvar::new());
        let (_sender, receiver) = std::sync::mpsc::channel::<()>();
        let errors = [
            sleep(long).unwrap_err(),
            wait(&condition, mutex.lock().unwrap()).map(drop).unwrap_err(),
            receive(&receiver).unwrap_err(),
        ];
        for error in errors {
            assert!(is_stopped(&error) && error.to_string() == "stopped", "{error:?}");
            assert_eq!(error.source().unwrap().to_string(), "enough");
        }
    }

    #[test]
    fn what_is_done_at_once_is_not_asked_of() {
        stopping();
        assert!(sleep(Duration::ZERO).is_ok());
        assert!(!is_stopped(&io::Error::other("else")));
    }

    #[test]
    #[cfg(feature = "tokio")]
    fn a_future_is_waited_for_unless_it_takes_too_long() {
        stopping();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        assert_eq!(run(&runtime, async { 1 }).unwrap(), 1);
        let long = async { tokio::time::sleep(Duration::from_secs(1000)).await };
        assert!(is_stopped(&run(&runtime, long).unwrap_err()));
    }

    #[test]
    fn waits_go_on_where_nobody_objects() {
        ask(|| if STOP.get() { Err(Stopped("enough".into())) } else { Ok(()) });
        let start = Instant::now();
        sleep(Duration::from_millis(150)).unwrap();
        assert!(start.elapsed() >= Duration::from_millis(150));
    }
}
