//! Which blobs were uploaded and are not published yet, so that a publication that was cut short
//! goes on where it stopped. A file a DID, in the home folder, of one blob a line.

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

/// The blobs of an account that were uploaded from this machine of late, and that no publication
/// has used yet.
#[must_use]
pub fn pending(did: &Did) -> Vec<Upload> {
    let text = path(did).and_then(|path| fs::read_to_string(path).ok()).unwrap_or_default();
    let oldest = now().saturating_sub(KEPT.as_secs());
    text.lines().filter_map(upload).filter(|upload| upload.at >= oldest).collect()
}

pub(super) fn has(did: &Did, cid: &Cid) -> bool {
    let cid = cid.to_string();
    pending(did).iter().any(|upload| upload.cid == cid)
}

pub(super) fn add(did: &Did, cid: &Cid, bytes: u64) -> Result<()> {
    let Some(path) = path(did) else { return Ok(()) };
    let line = json!({"cid": cid.to_string(), "bytes": bytes, "at": now()});
    append(&path, &format!("{line}\n")).map_err(|error| Error::io("write", &path, error))
}

/// Forgets blobs that a record refers to now; all of them where none are given.
pub(crate) fn forget(did: &Did, published: Option<&[Cid]>) {
    let Some(path) = path(did) else { return };
    let is_published = |upload: &Upload| {
        published.is_none_or(|cids| cids.iter().any(|cid| cid.to_string() == upload.cid))
    };
    let left: Vec<Upload> =
        pending(did).into_iter().filter(|upload| !is_published(upload)).collect();
    let _ = fs::remove_file(&path);
    for Upload { cid, bytes, at } in left {
        let _ = append(&path, &format!("{}\n", json!({"cid": cid, "bytes": bytes, "at": at})));
    }
}

fn path(did: &Did) -> Option<PathBuf> {
    // A colon is not for every file system, and no DID has a plus.
    let name = did.as_str().replace(':', "+");
    config::home().map(|home| home.join("uploads").join(format!("{name}.jsonl")))
}

/// A line that is short enough is written whole, also when several processes write at once.
fn append(path: &Path, line: &str) -> io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    OpenOptions::new().create(true).append(true).open(path)?.write_all(line.as_bytes())
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
