//! All that our own keys know of.

use super::failure::Failure;
use super::keys;
use super::link::{Link, one};
use super::read::range;
use crate::provider::DocumentKind;
use redis::from_redis_value;
use std::collections::{HashMap, HashSet};

const CHUNK: usize = 10_000;

/// What our own keys know of.
pub(super) struct Known {
    pub(super) entries: HashSet<String>,
    /// From name and version to CID.
    pub(super) targets: HashMap<(String, String), String>,
    /// As `name@version`.
    pub(super) documents: HashMap<DocumentKind, HashSet<String>>,
}

impl Known {
    pub(super) fn read(link: &mut Link) -> Result<Self, Failure> {
        let mut documents = HashMap::new();
        for kind in [DocumentKind::Schema, DocumentKind::Lens] {
            let names = members(link, keys::document_set(kind))?.into_iter().collect();
            documents.insert(kind, names);
        }
        let entries = members(link, keys::ENTRIES)?.into_iter().collect();
        let labels = members(link, keys::LABELS)?;
        Ok(Self {
            entries,
            targets: labels.iter().filter_map(|member| target(member)).collect(),
            documents,
        })
    }
}

fn members(link: &mut Link, set: &str) -> Result<Vec<String>, Failure> {
    let mut all: Vec<String> = Vec::new();
    loop {
        let from = all.last().map_or("-".into(), |last| format!("({last}"));
        let found = one(link.ask(&[range(set, from.as_bytes(), b"+", CHUNK)])?)?;
        let found: Vec<String> = from_redis_value(found)?;
        let is_last = found.len() < CHUNK;
        all.extend(found);
        if is_last {
            return Ok(all);
        }
    }
}

fn target(member: &str) -> Option<((String, String), String)> {
    let (cid, label) = member.split_once(keys::END)?;
    let (name, version) = label.split_once(keys::END)?;
    Some(((name.to_owned(), version.to_owned()), cid.to_owned()))
}
