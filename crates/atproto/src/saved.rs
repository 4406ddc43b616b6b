//! Sessions in files, for those who ask for it.

mod kept;

pub use kept::KeptSession;

use crate::error::{Error, Result};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file that holds one exported session, readable by its owner alone.
///
/// ```
/// use atdata_atproto::saved::SessionFile;
/// let folder = tempfile::tempdir()?;
/// let file = SessionFile::new(folder.path().join("session.json"));
/// assert_eq!(file.load()?, None);
/// file.save("{}")?;
/// assert_eq!(file.load()?.as_deref(), Some("{}"));
/// file.remove()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct SessionFile(PathBuf);

impl SessionFile {
    /// A file at a path; it need not be there.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes an exported session, whole or not at all.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn save(&self, exported: &str) -> Result<()> {
        let failed = |error| Error::io(format!("save the session in {}", self.0.display()), error);
        if let Some(folder) = self.0.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let mut name = self.0.clone().into_os_string();
        name.push(format!(".{}", crate::Tid::now()));
        let temporary = PathBuf::from(name);
        let written =
            write_new(&temporary, exported).and_then(|()| fs::rename(&temporary, &self.0));
        written.map_err(|error| {
            let _ = fs::remove_file(&temporary);
            failed(error)
        })
    }

    /// The session in the file; none if there is no file.
    ///
    /// # Errors
    /// [`Error::Denied`] when others than its owner can read it; [`Error::Io`].
    pub fn load(&self) -> Result<Option<String>> {
        let failed = |error| Error::io(format!("read the session in {}", self.0.display()), error);
        let file = match File::open(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file.map_err(failed)?,
        };
        if is_open_to_others(&file).map_err(failed)? {
            return Err(Error::Denied {
                address: self.0.display().to_string(),
                message: "others can read this session: log out and in again, or, if you trust \
                          them all, take their rights away with chmod 600"
                    .to_owned(),
            });
        }
        io::read_to_string(file).map(Some).map_err(failed)
    }

    /// Removes the file; that there is none is no error.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn remove(&self) -> Result<()> {
        match fs::remove_file(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => {
                removed.map_err(|error| Error::io(format!("remove {}", self.0.display()), error))
            }
        }
    }
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    for_owner(&mut options);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(unix)]
fn for_owner(options: &mut OpenOptions) {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
}

#[cfg(unix)]
fn is_open_to_others(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(file.metadata()?.permissions().mode() & 0o077 != 0)
}

// Elsewhere a home folder is its owner's by its own rules.
#[cfg(not(unix))]
fn for_owner(_: &mut OpenOptions) {}

#[cfg(not(unix))]
fn is_open_to_others(_: &File) -> io::Result<bool> {
    Ok(false)
}
