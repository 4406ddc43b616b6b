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

/// A variable of the environment; an empty one counts as none.
#[must_use]
pub fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The variables of the environment whose names begin with a prefix.
#[must_use]
pub fn variables(prefix: &str) -> Vec<(String, String)> {
    let texts = env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    texts.filter(|(name, value)| name.starts_with(prefix) && !value.is_empty()).collect()
}

/// A file that the user keeps under the home folder, at the path that a variable names, else at its
/// usual place.
#[must_use]
pub fn user_file(variable_name: &str, usual: &str) -> Option<PathBuf> {
    let named = variable(variable_name).map(PathBuf::from);
    named.or_else(|| env::home_dir().map(|home| home.join(usual)))
}

/// The folder for files that are gone when this process is: `$TMPDIR`, else the system's.
#[must_use]
pub fn temporary_folder() -> PathBuf {
    env::temp_dir()
}

/// Whether `$ATDATA_ALLOW_PIPE` allows shards that are the output of commands.
#[must_use]
pub fn pipes_allowed() -> bool {
    variable("ATDATA_ALLOW_PIPE")
        .is_some_and(|value| matches!(value.as_str(), "1" | "true" | "yes"))
}

/// Where the index is: as given, else `$ATDATA_INDEX`, else `index.db` in the home folder. It may
/// hold a password.
#[must_use]
pub fn index_address(given: Option<&str>) -> Option<String> {
    address(given, "ATDATA_INDEX", "index.db")
}

/// Where shards are written to: as given, else `$ATDATA_STORE`, else `data` in the home folder.
#[must_use]
pub fn store_address(given: Option<&str>) -> Option<String> {
    address(given, "ATDATA_STORE", "data")
}

fn address(given: Option<&str>, variable_name: &str, usual: &str) -> Option<String> {
    let named = given.map(str::to_owned).or_else(|| variable(variable_name));
    named.or_else(|| home().map(|home| home.join(usual).display().to_string()))
}
