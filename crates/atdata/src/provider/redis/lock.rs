//! One writer at a time, in a cluster: there the original's keys and ours cannot change as one.

use super::failure::Failure;
use super::keys;
use super::link::{Link, command, one};
use crate::error::Error;
use redis::from_redis_value;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A writer that died holds the lock no longer than this.
const LEASE: Duration = Duration::from_secs(10);

const PATIENCE: Duration = Duration::from_secs(30);

/// Frees the lock, if it is still ours.
const FREE: &str = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end";

/// Does something that only one writer may do at a time. On one server that is a transaction, and
/// nothing is locked.
///
/// # Errors
/// What `work` returns; a lock that does not become free.
pub(super) fn locked<T>(
    link: &mut Link,
    work: impl FnOnce(&mut Link) -> Result<T, Failure>,
) -> Result<T, Failure> {
    if !link.is_cluster() {
        return work(link);
    }
    let token = token();
    take(link, &token)?;
    let result = work(link);
    let freed = link.ask(&[command("EVAL", &[FREE, "1", keys::LOCK, &token])]);
    let result = result?;
    one(freed?)?;
    Ok(result)
}

fn take(link: &mut Link, token: &str) -> Result<(), Failure> {
    let lease = LEASE.as_millis().to_string();
    let set = [command("SET", &[keys::LOCK, token, "NX", "PX", &lease])];
    let deadline = Instant::now() + PATIENCE;
    loop {
        let taken: Option<String> = from_redis_value(one(link.ask(&set)?)?)?;
        if taken.is_some() {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(busy().into());
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// A text that no other writer has.
fn token() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{}-{}-{count}", process::id(), since.as_nanos())
}

fn busy() -> Error {
    Error::Conflict(format!(
        "others have been writing to this index for {} s (they hold its key {}); try again",
        PATIENCE.as_secs(),
        keys::LOCK
    ))
}
