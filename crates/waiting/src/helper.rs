//! Threads that work for somebody, and end with them.

use crate::stop::{begin_helping, receive, wait};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::{fmt, io, iter, mem, process};
use tracing::dispatcher::{get_default, with_default};

/// A thread, and what comes of it; what it tells, its maker's subscriber hears. Dropped, it is waited
/// for; what it waits for itself ends then ([`Stopped`](crate::Stopped)).
pub struct Helper<T> {
    outcome: Arc<Outcome<T>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    process: u32,
}

struct Outcome<T> {
    state: Mutex<State<T>>,
    ended: Condvar,
}

enum State<T> {
    Working,
    /// None where it panicked, which was reported there, or was taken before.
    Ended(Option<T>),
}

impl<T> Outcome<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, with: Option<T>) {
        let mut state = self.lock();
        if matches!(*state, State::Working) {
            *state = State::Ended(with);
        }
        self.ended.notify_one();
    }
}

/// However the work ends, nobody waits for it any longer.
struct Ending<T>(Arc<Outcome<T>>);

impl<T> Drop for Ending<T> {
    fn drop(&mut self) {
        self.0.end(None);
    }
}

impl<T: Send + 'static> Helper<T> {
    /// Begins to work.
    ///
    /// ```
    /// let mut helper = atdata_waiting::Helper::spawn(|| 6 * 7);
    /// assert_eq!(helper.outcome()?, Some(42));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Panics
    /// Where the system has no thread left.
    pub fn spawn(work: impl FnOnce() -> T + Send + 'static) -> Self {
        let outcome =
            Arc::new(Outcome { state: Mutex::new(State::Working), ended: Condvar::new() });
        let stop = Arc::new(AtomicBool::new(false));
        let (ending, told) = (Ending(Arc::clone(&outcome)), Arc::clone(&stop));
        let heard = get_default(Clone::clone);
        let thread = thread::spawn(move || {
            begin_helping(told);
            let done = with_default(&heard, work);
            ending.0.end(Some(done));
        });
        Self { outcome, stop, thread: Some(thread), process: process::id() }
    }

    /// Waits for what comes of it; none where it panicked.
    ///
    /// # Errors
    /// [`Stopped`](crate::Stopped), after which it can be waited for again.
    pub fn outcome(&mut self) -> io::Result<Option<T>> {
        let mut state = self.outcome.lock();
        loop {
            match &mut *state {
                State::Working => state = wait(&self.outcome.ended, &self.outcome.state, state)?,
                State::Ended(done) => return Ok(done.take()),
            }
        }
    }
}

impl<T> Drop for Helper<T> {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let Some(thread) = self.thread.take() else { return };
        if self.process == process::id() {
            // A panic there has been reported there.
            let _ = thread.join();
        } else {
            // In a forked process there is no such thread, and nothing would ever end it.
            mem::forget(thread);
        }
    }
}

impl<T> fmt::Debug for Helper<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Helper")
    }
}

/// Does something on so many threads at once, and gives what came of each, in no order. What they
/// wait for ends when whoever waits for them has had enough.
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
/// let next = AtomicU32::new(1);
/// let found = atdata_waiting::together(4, || next.fetch_add(1, Relaxed))?;
/// assert_eq!(found.iter().sum::<u32>(), 1 + 2 + 3 + 4);
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// [`Stopped`](crate::Stopped), once all threads have ended.
///
/// # Panics
/// Where one of them does.
pub fn together<T: Send>(threads: usize, work: impl Fn() -> T + Sync) -> io::Result<Vec<T>> {
    let (sender, receiver) = mpsc::channel();
    let (stop, work, heard) = (Arc::new(AtomicBool::new(false)), &work, get_default(Clone::clone));
    thread::scope(|scope| {
        for _ in 0..threads {
            let (sender, told, heard) = (sender.clone(), Arc::clone(&stop), heard.clone());
            scope.spawn(move || {
                begin_helping(told);
                // Nobody takes it where the wait was ended.
                let _ = sender.send(with_default(&heard, work));
            });
        }
        drop(sender);
        let outcomes = iter::from_fn(|| receive(&receiver).transpose()).collect();
        stop.store(true, Ordering::Relaxed);
        outcomes
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{is_stopped, sleep};
    use std::sync::atomic::AtomicUsize;
    use std::time::Duration;

    #[test]
    fn dropped_it_ends_what_it_waits_for() {
        let (sender, receiver) = mpsc::channel();
        let helper = Helper::spawn(move || sender.send(sleep(Duration::from_secs(1000))));
        drop(helper);
        assert!(is_stopped(&receiver.recv().unwrap().unwrap_err()));
    }

    #[test]
    fn several_work_together() {
        let next = AtomicUsize::new(0);
        let mut found = together(3, || next.fetch_add(1, Ordering::Relaxed)).unwrap();
        found.sort_unstable();
        assert_eq!(found, [0, 1, 2]);
        let (sender, receiver) = mpsc::channel();
        let long = || sleep(Duration::from_secs(1000));
        drop(Helper::spawn(move || sender.send(together(2, long))));
        assert!(is_stopped(&receiver.recv().unwrap().unwrap_err()));
    }

    #[test]
    fn what_panicked_has_no_outcome() {
        let mut helper: Helper<u8> = Helper::spawn(|| panic!("on purpose"));
        assert_eq!(helper.outcome().unwrap(), None);
        assert_eq!(helper.outcome().unwrap(), None);
    }
}
