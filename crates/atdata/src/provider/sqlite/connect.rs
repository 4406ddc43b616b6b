//! Opening a database.

use super::failure::failed;
use super::layout;
use crate::error::{Error, Result};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf, absolute};
use std::time::Duration;

/// How long a writer waits for its turn.
const BUSY: Duration = Duration::from_secs(30);

/// Where a database is.
#[derive(Debug)]
pub(super) struct Place(Option<PathBuf>);

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(path) => write!(out, "sqlite://{}", path.display()),
            None => out.write_str("sqlite::memory:"),
        }
    }
}

impl Place {
    /// A file; where it is does not change with the working folder.
    pub(super) fn file(path: &Path) -> Result<Self> {
        Ok(Self(Some(absolute(path).map_err(|error| Error::io("find", path, error))?)))
    }

    /// This process's memory.
    pub(super) fn memory() -> Self {
        Self(None)
    }

    /// The file, if it is one.
    pub(super) fn path(&self) -> Option<&Path> {
        self.0.as_deref()
    }

    /// A connection to a database with all that belongs into it.
    ///
    /// # Errors
    /// A file that cannot be opened or is no index.
    pub(super) fn connect(&self) -> Result<Connection> {
        let mut connection = match &self.0 {
            Some(path) => self.open(path)?,
            None => Connection::open_in_memory().map_err(|error| failed(self, error))?,
        };
        layout::prepare(&mut connection, self)?;
        Ok(connection)
    }

    fn open(&self, path: &Path) -> Result<Connection> {
        if path.is_dir() {
            return Err(Error::Invalid(format!(
                "{} is a folder; name a file in it, such as {}",
                path.display(),
                path.join("index.db").display()
            )));
        }
        if let Some(folder) = path.parent().filter(|_| !path.exists()) {
            fs::create_dir_all(folder).map_err(|error| Error::io("make", folder, error))?;
        }
        self.open_file(path).map_err(|error| failed(self, error))
    }

    /// Opens a file for writing, else for reading.
    fn open_file(&self, path: &Path) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let writable = flags | OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let read_only = flags | OpenFlags::SQLITE_OPEN_READ_ONLY;
        let result = open_as(&uri(path, ""), writable);
        match result.as_ref().err().and_then(rusqlite::Error::sqlite_error_code) {
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied)
                if path.exists() => {}
            _ => return result,
        }
        let result = open_as(&uri(path, ""), read_only);
        // In a folder that may not be written to there is no place for locks. Where no log lies
        // beside the file, nobody is writing, and it is read without.
        if result.is_err() && !beside(path, "-wal").exists() {
            return open_as(&uri(path, "?immutable=1"), read_only);
        }
        result
    }
}

/// A file that `SQLite` keeps beside a database.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn open_as(uri: &str, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(uri, flags)?;
    connection.busy_timeout(BUSY)?;
    // Reads the file's first page: whether it can be read at all shows here.
    connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))?;
    Ok(connection)
}

/// A path as `SQLite` reads it, with what follows it.
fn uri(path: &Path, options: &str) -> String {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => uri.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => uri.push(char::from(*byte)),
            byte => uri.push_str(&format!("%{byte:02x}")),
        }
    }
    uri + options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_escaped() {
        assert_eq!(uri(Path::new("/a b/ü?#.db"), ""), "file:/a%20b/%c3%bc%3f%23.db");
    }
}
