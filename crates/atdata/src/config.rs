//! What the environment and the home folder say. No other module reads them.

use std::env;
use std::path::PathBuf;

/// The folder for what atdata keeps on this machine: `$ATDATA_HOME`, else `~/.atdata`.
#[must_use]
pub fn home() -> Option<PathBuf> {
    let explicit = env::var_os("ATDATA_HOME").filter(|value| !value.is_empty());
    explicit.map(PathBuf::from).or_else(|| env::home_dir().map(|home| home.join(".atdata")))
}

/// The folder for indexes of shards that others wrote; removing it loses nothing.
#[must_use]
pub fn shard_index_cache() -> Option<PathBuf> {
    home().map(|home| home.join("cache").join("shard-indexes"))
}
