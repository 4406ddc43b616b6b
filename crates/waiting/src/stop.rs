//! Whether to go on waiting.

use std::cell::{Cell, OnceCell};
use std::error::Error;
use std::io;
#[cfg(feature = "tokio")]
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
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
///
/// ```
/// use atdata_waiting::{Stopped, ask, is_stopped, sleep, undisturbed};
/// use std::time::Duration;
///
/// ask(|| Err(Stopped("had enough".into())));
/// let long = Duration::from_secs(1000);
/// assert!(is_stopped(&sleep(long).unwrap_err()));
/// assert!(undisturbed(|| sleep(Duration::from_millis(1))).is_ok());
/// ```
pub fn ask(whether_to_go_on: Ask) {
    let _ = ASK.set(whether_to_go_on);
}

thread_local! {
    /// On the thread of a helper, whether nobody waits for it any more.
    static UNWANTED: OnceCell<Arc<AtomicBool>> = const { OnceCell::new() };
    /// Whether what is done must be done to its end.
    static UNDISTURBED: Cell<bool> = const { Cell::new(false) };
    /// When it was last asked.
    static ASKED: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// From now on waits of this thread end when nobody wants what it does.
pub(crate) fn begin_helping(unwanted: Arc<AtomicBool>) {
    let _ = UNWANTED.with(|flag| flag.set(unwanted));
}

/// Asks whether to go on. On a helper's thread its owner is asked, not the program.
///
/// # Errors
/// [`Stopped`].
pub fn check() -> io::Result<()> {
    ASKED.set(Some(Instant::now()));
    if UNDISTURBED.get() {
        return Ok(());
    }
    let unwanted = |flag: &OnceCell<Arc<AtomicBool>>| {
        flag.get().map(|unwanted| unwanted.load(Ordering::Relaxed))
    };
    let answer = match UNWANTED.with(unwanted) {
        Some(true) => Err(Stopped("nobody waits for it any more".into())),
        Some(false) => Ok(()),
        None => ASK.get().map_or(Ok(()), |ask| ask()),
    };
    answer.map_err(io::Error::other)
}

/// Asks if it is time to: many short waits are a long one.
#[cfg(feature = "tokio")]
fn check_when_due() -> io::Result<()> {
    let is_due = ASKED.get().is_none_or(|asked| asked.elapsed() >= OFTEN);
    if is_due { check() } else { Ok(()) }
}

/// Does something that must come to its end once it was begun, whoever waits: no wait in it is ended
/// by others. So it must have a limit of its own.
pub fn undisturbed<T>(work: impl FnOnce() -> T) -> T {
    struct Before(bool);
    impl Drop for Before {
        fn drop(&mut self) {
            UNDISTURBED.set(self.0);
        }
    }
    let _before = Before(UNDISTURBED.replace(true));
    work()
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
    check_when_due()?;
    let mut work = pin!(work);
    loop {
        let moment = runtime.block_on(async { tokio::time::timeout(OFTEN, work.as_mut()).await });
        match moment {
            Ok(done) => return Ok(done),
            // Out of the runtime: who is asked may use it.
            Err(_) => check()?,
        }
    }
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
pub fn wait<'a, T>(
    condition: &Condvar,
    mutex: &'a Mutex<T>,
    guard: MutexGuard<'a, T>,
) -> io::Result<MutexGuard<'a, T>> {
    let (guard, waited) =
        condition.wait_timeout(guard, OFTEN).unwrap_or_else(PoisonError::into_inner);
    if !waited.timed_out() {
        return Ok(guard);
    }
    // Unlocked meanwhile: who is asked may take long.
    drop(guard);
    check()?;
    Ok(mutex.lock().unwrap_or_else(PoisonError::into_inner))
}

#[cfg(test)]
mod tests {
    use super::*;

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
            wait(&condition, &mutex, mutex.lock().unwrap()).map(drop).unwrap_err(),
            receive(&receiver).unwrap_err(),
        ];
        for error in errors {
            assert!(is_stopped(&error) && error.to_string() == "stopped", "{error:?}");
            assert_eq!(error.source().unwrap().to_string(), "enough");
        }
    }

    #[test]
    fn what_must_be_done_to_its_end_is() {
        stopping();
        undisturbed(|| sleep(Duration::from_millis(150))).unwrap();
        assert!(sleep(Duration::from_millis(150)).is_err());
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
        ASKED.set(Some(Instant::now()));
        assert_eq!(run(&runtime, async { 1 }).unwrap(), 1);
        ASKED.set(None);
        assert!(run(&runtime, async { 1 }).is_err(), "it is time to ask");
        ASKED.set(Some(Instant::now()));
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
