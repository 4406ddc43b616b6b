//! An index's rows by their address.

use crate::error::{Error, Result};
use crate::provider::{IndexProvider, MemoryProvider};
use std::path::Path;
#[cfg(feature = "sqlite")]
use std::path::PathBuf;
use std::sync::Arc;

/// Whether there is nothing, or a URL that lacks its slashes.
fn is_no_path(url: &str) -> bool {
    let before_colon = url.split_once(':').map_or("", |(scheme, _)| scheme);
    let schemes = ["sqlite", "redis", "rediss", "postgres", "postgresql"];
    url.trim().is_empty() || schemes.contains(&before_colon)
}

/// An index's rows at a path or URL: an `SQLite` file, `sqlite:///folder/index.db`, `redis://`,
/// `rediss://`, `redis+cluster://`, `postgres://`, or `memory:`. Nothing is reached yet.
///
/// # Errors
/// [`Error::Unsupported`] for a scheme that there is nothing for, or that this build is without;
/// an address that makes no sense.
pub fn open_provider(url: &str) -> Result<Arc<dyn IndexProvider>> {
    let scheme = url.split_once("://").map(|(scheme, _)| scheme);
    match scheme {
        None if url == "memory:" => Ok(Arc::new(MemoryProvider::default())),
        None if is_no_path(url) => {
            let message = "an index is at a path or at a URL such as sqlite:///folder/index.db";
            Err(Error::Invalid(message.to_owned()))
        }
        None => open_sqlite(Some(Path::new(url))),
        Some("sqlite" | "file") => {
            let path = url.split_once("://").map_or("", |(_, path)| path);
            open_sqlite(Some(Path::new(path)).filter(|path| !path.as_os_str().is_empty()))
        }
        Some("redis" | "rediss" | "redis+cluster" | "rediss+cluster") => open_redis(url),
        Some("postgres" | "postgresql") => open_postgres(url),
        Some(other) => {
            let message = format!(
                "{other}: no index can be there; there are a path, sqlite:///, redis://, \
                 rediss://, redis+cluster:// and postgres://"
            );
            Err(Error::Unsupported(message))
        }
    }
}

/// An index's rows in an `SQLite` file, or in the memory of this process.
///
/// # Errors
/// A file that cannot be one; a build without the feature `sqlite`.
#[cfg(feature = "sqlite")]
pub fn open_sqlite(path: Option<&Path>) -> Result<Arc<dyn IndexProvider>> {
    use crate::provider::SqliteProvider;
    Ok(Arc::new(match path {
        // SQLite takes two slashes at the start for the name of a host.
        Some(path) => SqliteProvider::open(&path.components().collect::<PathBuf>())?,
        None => SqliteProvider::in_memory()?,
    }))
}

/// An index's rows in an `SQLite` file.
///
/// # Errors
/// Always: this build is without the feature `sqlite`.
#[cfg(not(feature = "sqlite"))]
pub fn open_sqlite(_: Option<&Path>) -> Result<Arc<dyn IndexProvider>> {
    Err(without("sqlite"))
}

#[cfg(feature = "redis")]
fn open_redis(url: &str) -> Result<Arc<dyn IndexProvider>> {
    Ok(Arc::new(crate::provider::RedisProvider::from_url(url)?))
}

#[cfg(not(feature = "redis"))]
fn open_redis(_: &str) -> Result<Arc<dyn IndexProvider>> {
    Err(without("redis"))
}

#[cfg(feature = "postgres")]
fn open_postgres(url: &str) -> Result<Arc<dyn IndexProvider>> {
    Ok(Arc::new(crate::provider::PostgresProvider::open(url)?))
}

#[cfg(not(feature = "postgres"))]
fn open_postgres(_: &str) -> Result<Arc<dyn IndexProvider>> {
    Err(without("postgres"))
}

#[cfg(not(all(feature = "sqlite", feature = "redis", feature = "postgres")))]
fn without(feature: &str) -> Error {
    Error::Unsupported(format!("this build is without the feature `{feature}`"))
}
