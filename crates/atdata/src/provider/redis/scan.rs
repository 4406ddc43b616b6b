//! A look at every key of a database.

use super::failure::Failure;
use super::keys;
use super::link::{Link, command, one};
use crate::provider::DocumentKind;
use redis::{Cmd, Value, from_redis_value};
use std::collections::{HashMap, HashSet};

/// Part of one master's keys; a script, since its key leads to that master.
const SCAN: &str = "return redis.call('SCAN', ARGV[1], 'COUNT', 2000)";

const CHUNK: usize = 1000;

/// What lies under the original's keys.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) entries: HashSet<String>,
    /// From name and version to CID.
    pub(super) labels: HashMap<(String, String), String>,
    /// As `name@version`.
    pub(super) documents: HashMap<DocumentKind, HashSet<String>>,
    /// Keys that are no index's. A scan may tell of a key twice.
    pub(super) foreign: HashSet<Vec<u8>>,
}

/// Looks at every key of every master.
///
/// # Errors
/// What the server meets.
pub(super) fn scan(link: &mut Link) -> Result<Seen, Failure> {
    let mut seen = Seen::default();
    for kind in [DocumentKind::Schema, DocumentKind::Lens] {
        seen.documents.insert(kind, HashSet::new());
    }
    let mut labels = HashSet::new();
    for master in link.masters() {
        let mut cursor = "0".to_owned();
        loop {
            let part = one(link.ask(&[command("EVAL", &[SCAN, "1", &master, &cursor])])?)?;
            let (next, found): (String, Vec<Vec<u8>>) = from_redis_value(part)?;
            found.into_iter().for_each(|key| seen.sort_in(key, &mut labels));
            cursor = next;
            if cursor == "0" {
                break;
            }
        }
    }
    seen.read_labels(link, &labels.into_iter().collect::<Vec<_>>())?;
    Ok(seen)
}

impl Seen {
    /// Puts a key where it belongs; of a label what follows its prefix.
    fn sort_in(&mut self, key: Vec<u8>, labels: &mut HashSet<String>) {
        let text = std::str::from_utf8(&key).ok().filter(|text| !text.contains(keys::END));
        if text.is_some_and(|text| keys::OURS.contains(&text)) {
            return;
        }
        let rest = |prefix| text.and_then(|text| text.strip_prefix(prefix)).map(str::to_owned);
        if let Some(cid) = rest(keys::ENTRY) {
            self.entries.insert(cid);
        } else if let Some(label) = rest(keys::LABEL) {
            labels.insert(label);
        } else if !self.documents.iter_mut().any(|(kind, names)| {
            let name = rest(keys::documents(*kind)).filter(|name| name.contains('@'));
            name.map(|name| names.insert(name)).is_some()
        }) {
            self.foreign.insert(key);
        }
    }

    fn read_labels(&mut self, link: &mut Link, labels: &[String]) -> Result<(), Failure> {
        for labels in labels.chunks(CHUNK) {
            let key = |label: &String| format!("{}{label}", keys::LABEL);
            let row = |label: &String| command("HMGET", &[&key(label), "cid", "name", "version"]);
            let rows = link.ask(&labels.iter().map(row).collect::<Vec<Cmd>>())?;
            for (label, row) in labels.iter().zip(rows) {
                if let Some((label, cid)) = label_of(label, row) {
                    self.labels.insert(label, cid);
                } else {
                    self.foreign.insert(key(label).into_bytes());
                }
            }
        }
        Ok(())
    }
}

/// A label's name, version and CID. Where both hold an `@`, only its fields say where to part them.
fn label_of(label: &str, row: Value) -> Option<((String, String), String)> {
    let fields: Vec<Option<String>> = from_redis_value(row).ok()?;
    let [cid, name, version] = fields.try_into().ok()?;
    let named = name.zip(version).filter(|(name, version)| format!("{name}@{version}") == label);
    let parted = || label.rsplit_once('@').map(|(name, version)| (name.into(), version.into()));
    Some((named.or_else(parted)?, cid?))
}
