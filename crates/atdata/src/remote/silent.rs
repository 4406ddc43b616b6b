//! Servers that did not answer, so that not every question after the first waits as long.

use super::Patience;
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// For so long a server that could not be reached is asked only once.
const REMEMBERED: Duration = Duration::from_secs(10);

/// When which server was found out of reach. A lock that another thread holds is not waited for:
/// in a forked process nobody would open it.
#[derive(Debug, Default)]
pub(super) struct Silent(Mutex<HashMap<String, Instant>>);

impl Silent {
    /// The patience that is left with a server.
    pub(super) fn patience(&self, server: &str, patience: Patience) -> Patience {
        let found = self.0.try_lock().ok().and_then(|since| since.get(server).copied());
        match found {
            Some(since) if since.elapsed() < REMEMBERED => Patience { tries: 1, ..patience },
            _ => patience,
        }
    }

    /// Remembers whether a server answered; whatever it said, it was there.
    pub(super) fn note(&self, server: &str, answered: bool) {
        let Ok(mut since) = self.0.try_lock() else { return };
        if answered {
            since.remove(server);
        } else {
            since.insert(server.to_owned(), Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_was_out_of_reach_is_asked_once_until_it_answers() {
        let (silent, given) = (Silent::default(), Patience::default());
        silent.note("a", false);
        assert_eq!(silent.patience("a", given).tries, 1);
        assert_eq!(silent.patience("b", given), given);
        silent.note("a", true);
        assert_eq!(silent.patience("a", given), given);
    }
}
