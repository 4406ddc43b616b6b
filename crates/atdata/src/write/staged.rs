//! Files that are written under another name until they are whole.

use crate::error::{Error, Result};
use crate::source::{is_remote, shown};
use std::ffi::OsString;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};

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
    /// A name of its own in the folder of `path`, which no pattern for shards fits. A number alone
    /// would not do: in containers, processes that share a folder may all have the same id.
    pub(crate) fn beside(path: PathBuf) -> Self {
        let number = RandomState::new().hash_one(&path);
        let mut name = OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push(format!(".{}-{number}.tmp", std::process::id()));
        Self { temporary: path.with_file_name(name), path, published: false }
    }

    /// The name that a file of this temporary name was to get; none for other files.
    pub(crate) fn name_in(temporary: &str) -> Option<&str> {
        let name = temporary.strip_prefix('.')?.strip_suffix(".tmp")?;
        let (name, numbers) = name.rsplit_once('.')?;
        let (process, number) = numbers.split_once('-')?;
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        (is_number(process) && is_number(number)).then_some(name)
    }

    /// Gives the file its name.
    pub(crate) fn publish(&mut self) -> Result<()> {
        fs::rename(&self.temporary, &self.path)
            .map_err(|error| Error::io("write", &self.path, error))?;
        self.published = true;
        Ok(())
    }
}

/// The file at a path where one can be, its folder made; `example` is a name for such a file.
///
/// # Errors
/// A URL, a folder, a folder that cannot be made.
pub(crate) fn writable(path: &Path, example: &str) -> Result<PathBuf> {
    let text = path.to_string_lossy();
    if is_remote(&text) {
        let text = shown(&text);
        let message = format!(
            "{text}: only files on this machine can be written so; an index with a store writes \
             elsewhere"
        );
        return Err(Error::Unsupported(message));
    }
    let path = PathBuf::from(text.strip_prefix("file://").unwrap_or(&text));
    if path.is_dir() || path.file_name().is_none() {
        let (path, example) = (path.display(), path.join(example));
        let message = format!("{path} is a folder; name the file, such as {}", example.display());
        return Err(Error::Invalid(message));
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(|error| Error::io("make", folder, error))?;
    }
    Ok(path)
}
