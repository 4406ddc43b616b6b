//! The tree of a repository: which CID a path has.
//!
//! A node has entries in the order of their keys, and between them (and before the first) links to
//! nodes with the keys between. How high an entry stands follows from the SHA-256 of its key, so that
//! there is one tree for one set of records. A key leaves out what it shares with the key before it.

use super::Checked;
use crate::cid::Cid;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

#[derive(Serialize, Deserialize)]
pub(super) struct Node {
    #[serde(rename = "e")]
    pub(super) entries: Vec<Entry>,
    #[serde(rename = "l")]
    pub(super) left: Option<Cid>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Entry {
    #[serde(rename = "k", with = "serde_bytes")]
    pub(super) rest: Vec<u8>,
    #[serde(rename = "p")]
    pub(super) shared: usize,
    #[serde(rename = "t")]
    pub(super) right: Option<Cid>,
    #[serde(rename = "v")]
    pub(super) value: Cid,
}

/// How high a key stands: pairs of zero bits that its hash begins with.
pub(super) fn height(key: &[u8]) -> u32 {
    let hash = Sha256::digest(key);
    let zeros = hash.iter().take_while(|byte| **byte == 0).count();
    let next = hash.get(zeros).map_or(0, |byte| byte.leading_zeros());
    (8 * u32::try_from(zeros).unwrap_or(0) + next) / 2
}

/// The bytes that two keys begin with, counted.
pub(super) fn shared(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

/// Walks from the root to a path. `block` gives a block by its CID, checked.
pub(crate) fn find<'a>(
    root: &Cid,
    path: &str,
    block: &mut dyn FnMut(&Cid) -> Checked<&'a [u8]>,
) -> Checked<Option<Cid>> {
    let mut range = Range::default();
    let mut cid = *root;
    // Each node stands lower than the one before, so that this ends.
    loop {
        let node = decode(&cid, block(&cid)?)?;
        let keys = keys(&node).and_then(|keys| range.check(&node, &keys).map(|()| keys));
        let keys = keys.map_err(|flaw| format!("the tree's node {cid} is broken: {flaw}"))?;
        let after = keys.partition_point(|key| key.as_slice() <= path.as_bytes());
        let before = after.checked_sub(1);
        if before.is_some_and(|i| keys[i] == path.as_bytes()) {
            return Ok(before.map(|i| node.entries[i].value));
        }
        let Some(below) = before.map_or(node.left, |i| node.entries[i].right) else {
            return Ok(None);
        };
        range.narrow(keys, after)?;
        cid = below;
    }
}

fn decode(cid: &Cid, block: &[u8]) -> Checked<Node> {
    serde_ipld_dagcbor::from_slice(block).map_err(|_| format!("{cid} is not a node of the tree"))
}

/// The whole keys of a node's entries.
fn keys(node: &Node) -> Checked<Vec<Vec<u8>>> {
    let mut keys: Vec<Vec<u8>> = Vec::with_capacity(node.entries.len());
    let mut last: &[u8] = &[];
    for entry in &node.entries {
        let start = last.get(..entry.shared).ok_or("a key shares more than there is")?;
        let key = [start, &entry.rest].concat();
        if shared(last, &key) != entry.shared {
            return Err("a key shares more with the one before than it says".to_owned());
        }
        if key.as_slice() <= last {
            return Err("its keys are not in order".to_owned());
        }
        keys.push(key);
        last = keys.last().map_or(&[], Vec::as_slice);
    }
    Ok(keys)
}

/// What the nodes above leave to the next one.
#[derive(Default)]
struct Range {
    /// How high it stands; of the root nobody says.
    height: Option<u32>,
    /// Its keys come after this one and before that one.
    after: Option<Vec<u8>>,
    before: Option<Vec<u8>>,
}

impl Range {
    fn check(&mut self, node: &Node, keys: &[Vec<u8>]) -> Checked<()> {
        let is_root = self.height.is_none();
        let height = *self.height.get_or_insert_with(|| keys.first().map_or(0, |key| height(key)));
        if keys.is_empty() && is_root == node.left.is_some() {
            return Err("it has no keys".to_owned());
        }
        if keys.iter().any(|key| self::height(key) != height) {
            return Err("a key stands at the wrong height".to_owned());
        }
        let early =
            self.after.is_some() && keys.first().is_some_and(|k| Some(k) <= self.after.as_ref());
        let late =
            self.before.is_some() && keys.last().is_some_and(|k| Some(k) >= self.before.as_ref());
        if early || late { Err("its keys belong elsewhere".to_owned()) } else { Ok(()) }
    }

    /// Goes down between the keys `at - 1` and `at`, to a node one lower.
    fn narrow(&mut self, mut keys: Vec<Vec<u8>>, at: usize) -> Checked<()> {
        if at < keys.len() {
            self.before = Some(keys.swap_remove(at));
        }
        keys.truncate(at);
        self.after = keys.pop().or(self.after.take());
        let height = self.height.unwrap_or_default().checked_sub(1);
        self.height = Some(height.ok_or("the tree has nodes below the lowest")?);
        Ok(())
    }
}
