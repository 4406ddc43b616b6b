//! How long to wait, and how often to try.

use std::time::Duration;

/// How long a server may take, how often it is asked again, and how long it may make us wait.
///
/// ```
/// use atdata_atproto::config::Patience;
/// let patience = Patience { tries: 2, ..Patience::default() };
/// assert_eq!(patience.longest_wait.as_secs(), 60);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// How often a request is sent before its failure is reported; at least 1.
    pub tries: u32,
    /// The pause before the second try; each next one is three times as long.
    pub first_pause: Duration,
    /// The longest single wait that a server may ask for when there were too many requests.
    pub longest_wait: Duration,
    /// How long connecting may take.
    pub connect: Duration,
    /// How long an answer may take to begin, and a body in either direction to go on.
    pub answer: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            tries: 5,
            first_pause: Duration::from_millis(250),
            longest_wait: Duration::from_secs(60),
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(30),
        }
    }
}

impl Patience {
    /// The pause after so many tries, a quarter more or less, so that many processes that failed at
    /// once do not come back at once.
    pub(crate) fn pause(&self, tried: u32) -> Duration {
        let full = self.first_pause.saturating_mul(3_u32.saturating_pow(tried.saturating_sub(1)));
        let mut byte = [128];
        let _ = getrandom::fill(&mut byte);
        full.mul_f64(0.75 + f64::from(byte[0]) / 512.0).min(self.longest_wait)
    }
}
