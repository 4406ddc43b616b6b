//! How long to wait, and how often to try.

use std::time::{Duration, SystemTime};

/// How long a server may take, and how often it is asked again.
///
/// ```
/// use atdata::remote::Patience;
/// let patience = Patience { tries: 2, ..Patience::default() };
/// assert_eq!(patience.answer.as_secs(), 30);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// How often a request is sent before its failure is reported; at least 1.
    pub tries: u32,
    /// The pause before the second try; each next one is three times as long.
    pub first_pause: Duration,
    /// How long connecting may take.
    pub connect: Duration,
    /// How long an answer may take to begin, and its body to go on.
    pub answer: Duration,
    /// How long one upload of up to 16 MiB may take.
    pub upload: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            tries: 5,
            first_pause: Duration::from_millis(250),
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(30),
            upload: Duration::from_secs(300),
        }
    }
}

impl Patience {
    /// The pause after so many tries, a quarter more or less, so that many processes that failed at
    /// once do not come back at once.
    pub(crate) fn pause(&self, tried: u32) -> Duration {
        let full = self.first_pause.saturating_mul(3_u32.saturating_pow(tried.saturating_sub(1)));
        let nanos = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.subsec_nanos());
        full.mul_f64(0.75 + f64::from(nanos % 1024) / 2048.0)
    }
}
