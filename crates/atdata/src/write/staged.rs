//! Files that are written under another name until they are whole.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

/// A file under a temporary name.
#[derive(Debug)]
pub(crate) struct Staged {
    pub(crate) temporary: PathBuf,
    pub(crate) path: PathBuf,
    pub(crate) published: bool,
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.published {
            // Nothing that a reader could see; what cannot be removed is found by its name.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

impl Staged {
    /// A name of its own in the folder of `path`, which no pattern for shards fits.
    pub(crate) fn beside(path: PathBuf) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let mut name = OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push(format!(".{}-{number}.tmp", std::process::id()));
        Self { temporary: path.with_file_name(name), path, published: false }
    }
}
