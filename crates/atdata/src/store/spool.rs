//! A shard on its way: kept in a temporary file, hashed as it grows.

use super::hashed::Hashed;
use crate::config;
use crate::error::{Error, Result};
use std::fs::File;

/// A file without a name, which is gone with this process however that ends.
pub(crate) fn spool() -> Result<Hashed<File>> {
    let folder = config::temporary_folder();
    let made = tempfile::tempfile_in(&folder);
    let file = made.map_err(|error| Error::io("make a temporary file in", &folder, error))?;
    Ok(Hashed::new(file))
}
