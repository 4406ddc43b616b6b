//! Asking again: what broke, and what a server wants to have later.

use super::{Method, Request, Response, Transport};
use crate::error::{Error, Result};
use crate::http_date;
use crate::patience::Patience;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// Of how many services and methods it is remembered when they may be asked again.
const MOST_BUDGETS: usize = 256;

/// A transport that asks again.
///
/// What is repeatable is asked again when the connection breaks and when the server fails. What was
/// refused because there were too many requests was not done, so it is always asked again, after
/// the time that the server names; if that is longer than the patience, it is
/// [`Error::RateLimited`]. When a server says that its budget is used up, the next request that does
/// something waits beforehand.
#[derive(Debug)]
pub struct Patient {
    inner: Arc<dyn Transport>,
    patience: Patience,
    budgets: Mutex<HashMap<u64, Instant>>,
}

impl Patient {
    /// Puts patience around a transport.
    #[must_use]
    pub fn new(inner: Arc<dyn Transport>, patience: Patience) -> Self {
        Self { inner, patience, budgets: Mutex::default() }
    }

    fn wait_for_budget(&self, request: &Request) -> Result<()> {
        let budgets = || self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(reset) = budgets().get(&budget_of(request)).copied() else { return Ok(()) };
        let wait = reset.saturating_duration_since(Instant::now());
        // A wait that is too long is for the server to ask for: it may know better.
        if wait <= self.patience.longest_wait { sleep(wait) } else { Ok(()) }
    }

    fn note_budget(&self, request: &Request, answer: &Response) {
        let used_up = answer.header("ratelimit-remaining").is_some_and(|left| left.trim() == "0");
        if request.method != Method::Post || !used_up {
            return;
        }
        let until = reset(answer).and_then(|wait| Instant::now().checked_add(wait));
        let Some(until) = until else { return };
        let mut budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        if budgets.len() >= MOST_BUDGETS {
            budgets.clear();
        }
        budgets.insert(budget_of(request), until);
    }

    /// How long to wait before the next try, if there is one.
    fn pause(
        &self,
        request: &Request,
        outcome: &Result<Response>,
        tried: u32,
    ) -> Result<Option<Duration>> {
        let pause = self.patience.pause(tried);
        match outcome {
            Ok(answer) if answer.status == 429 => {
                let wait = asked_wait(answer).unwrap_or(pause);
                if wait > self.patience.longest_wait || tried >= self.patience.tries {
                    let address = request.address().to_owned();
                    return Err(Error::RateLimited { address, wait });
                }
                // Not all at the same moment.
                Ok(Some(wait + pause / 8))
            }
            _ if tried >= self.patience.tries || !request.repeatable => Ok(None),
            Ok(answer) if is_passing(answer.status) => {
                let wait = asked_wait(answer).unwrap_or(pause);
                Ok(Some(wait).filter(|wait| *wait <= self.patience.longest_wait))
            }
            Err(Error::Unreachable { message, .. }) if !is_lasting(message) => Ok(Some(pause)),
            _ => Ok(None),
        }
    }
}

impl Transport for Patient {
    fn send(&self, request: &Request) -> Result<Response> {
        let mut tried = 1;
        if request.method == Method::Post {
            self.wait_for_budget(request)?;
        }
        loop {
            let outcome = self.inner.send(request);
            if let Ok(answer) = &outcome {
                self.note_budget(request, answer);
            }
            match self.pause(request, &outcome, tried)? {
                Some(pause) => sleep(pause)?,
                None => return outcome.map_err(|error| after(error, tried)),
            }
            tried += 1;
        }
    }
}

/// Sleeps, unless who waits stops it.
fn sleep(pause: Duration) -> Result<()> {
    atdata_waiting::sleep(pause).map_err(|error| Error::io("wait to ask again", error))
}

/// Says how often something was tried.
fn after(error: Error, tries: u32) -> Error {
    match error {
        Error::Unreachable { address, message } if tries > 1 => {
            Error::Unreachable { address, message: format!("{message} (tried {tries} times)") }
        }
        error => error,
    }
}

/// What is the same next time: the words of the system and of TLS are all there is to know it by.
fn is_lasting(message: &str) -> bool {
    ["Name or service not known", "nodename nor servname", "certificate"]
        .iter()
        .any(|words| message.contains(words))
}

/// A failure of a server that may pass.
const fn is_passing(status: u16) -> bool {
    matches!(status, 500 | 502 | 503 | 504 | 408 | 425)
}

/// A budget is that of one method at one service for one session.
fn budget_of(request: &Request) -> u64 {
    let mut hasher = DefaultHasher::new();
    request.address().hash(&mut hasher);
    request.header_value("authorization").hash(&mut hasher);
    hasher.finish()
}

/// How long an answer asks to wait, by the server's own clock.
fn asked_wait(answer: &Response) -> Option<Duration> {
    let Some(after) = answer.header("retry-after") else { return reset(answer) };
    if let Ok(seconds) = after.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = http_date::seconds(after)?;
    Some(Duration::from_secs(until.saturating_sub(now(answer))))
}

/// How long until a budget is full again: seconds, or the time at which it is.
fn reset(answer: &Response) -> Option<Duration> {
    /// More seconds than anybody waits, fewer than have passed since 1970.
    const TIMES: u64 = 1_000_000_000;
    let reset: u64 = answer.header("ratelimit-reset")?.trim().parse().ok()?;
    let seconds = if reset < TIMES { reset } else { reset.saturating_sub(now(answer)) };
    Some(Duration::from_secs(seconds))
}

/// The time where the answer was made; this machine's clock may be wrong.
fn now(answer: &Response) -> u64 {
    let local = || SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs();
    answer.header("date").and_then(http_date::seconds).unwrap_or_else(local)
}
