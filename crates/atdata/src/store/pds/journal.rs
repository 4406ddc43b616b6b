//! Which blobs were uploaded and are not published yet, so that a publication that was cut short
//! goes on where it stopped. A file an account, of one blob a line.

use crate::config;
use crate::error::{Error, Result};
use atdata_atproto::Did;
use atdata_atproto::cid::Cid;
use serde_json::{Value, json};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How long a server is trusted to keep what nothing refers to yet.
const KEPT: Duration = Duration::from_secs(6 * 60 * 60);

/// A blob that was uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// What it is.
    pub cid: String,
    /// Its size.
    pub bytes: u64,
    /// When it was uploaded, in seconds since 1970.
    pub at: u64,
}

/// Where it is kept what was uploaded; without a folder nothing is.
#[derive(Debug, Clone, Default)]
pub struct UploadJournal {
    folder: Option<PathBuf>,
}

impl UploadJournal {
    /// In a folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: Some(folder.into()) }
    }

    /// In `uploads` of the home folder.
    #[must_use]
    pub fn at_home() -> Self {
        Self { folder: config::home().map(|home| home.join("uploads")) }
    }

    /// The blobs of an account that were uploaded of late, and that no publication has used yet.
    #[must_use]
    pub fn pending(&self, did: &Did) -> Vec<Upload> {
        let text = self.path(did).and_then(|path| fs::read_to_string(path).ok());
        let oldest = now().saturating_sub(KEPT.as_secs());
        let uploads = text.iter().flat_map(|text| text.lines()).filter_map(upload);
        uploads.filter(|upload| upload.at >= oldest).collect()
    }

    pub(super) fn has(&self, did: &Did, cid: &Cid) -> bool {
        let cid = cid.to_string();
        self.pending(did).iter().any(|upload| upload.cid == cid)
    }

    pub(super) fn add(&self, did: &Did, cid: &Cid, bytes: u64) -> Result<()> {
        let Some(path) = self.path(did) else { return Ok(()) };
        let written = append(&path, &Upload { cid: cid.to_string(), bytes, at: now() });
        written.map_err(|error| Error::io("write", &path, error))
    }

    /// Forgets blobs that a record refers to now; all of them where none are given.
    pub(crate) fn forget(&self, did: &Did, published: Option<&[Cid]>) {
        let Some(path) = self.path(did) else { return };
        let published = published.map(|cids| cids.iter().map(Cid::to_string).collect::<Vec<_>>());
        let is_left = |upload: &Upload| {
            published.as_ref().is_some_and(|published| !published.contains(&upload.cid))
        };
        let left: Vec<Upload> = self.pending(did).into_iter().filter(is_left).collect();
        // Losing a line costs one upload more, so nothing is said of what fails here.
        let _ = fs::remove_file(&path);
        for upload in left {
            let _ = append(&path, &upload);
        }
    }

    fn path(&self, did: &Did) -> Option<PathBuf> {
        // A colon is not for every file system, and no DID has a plus.
        let name = did.as_str().replace(':', "+");
        self.folder.as_ref().map(|folder| folder.join(format!("{name}.jsonl")))
    }
}

/// A line that is short enough is written whole, also when several processes write at once.
fn append(path: &Path, upload: &Upload) -> io::Result<()> {
    let Upload { cid, bytes, at } = upload;
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(format!("{}\n", json!({"cid": cid, "bytes": bytes, "at": at})).as_bytes())
}

fn upload(line: &str) -> Option<Upload> {
    let value: Value = serde_json::from_str(line).ok()?;
    Some(Upload {
        cid: value.get("cid")?.as_str()?.to_owned(),
        bytes: value.get("bytes")?.as_u64()?,
        at: value.get("at")?.as_u64()?,
    })
}

fn now() -> u64 {
    SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs())
}
