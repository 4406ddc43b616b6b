//! Builds the tree of a repository, for those that are made here.

use super::mst::{Entry, Node, height, shared};
use crate::cid::{self, Cid};
use serde::Serialize;
use std::collections::BTreeMap;

/// The blocks of a tree, by their CIDs.
pub(crate) type Blocks = BTreeMap<Cid, Vec<u8>>;

struct Leaf<'a> {
    key: &'a [u8],
    height: u32,
    value: Cid,
}

/// The tree of records by their paths: its root and its nodes.
pub(crate) fn build<'a>(records: impl Iterator<Item = (&'a str, Cid)>) -> (Cid, Blocks) {
    let leaf = |(key, value): (&'a str, Cid)| Leaf {
        key: key.as_bytes(),
        height: height(key.as_bytes()),
        value,
    };
    let mut leaves: Vec<Leaf<'_>> = records.map(leaf).collect();
    leaves.sort_unstable_by_key(|leaf| leaf.key);
    let top = leaves.iter().map(|leaf| leaf.height).max().unwrap_or(0);
    let mut blocks = Blocks::new();
    let root = node(&leaves, top, &mut blocks);
    (root, blocks)
}

/// The node at a height that these leaves hang under.
fn node(leaves: &[Leaf<'_>], at: u32, blocks: &mut Blocks) -> Cid {
    let mut below = |gap: &[Leaf<'_>]| (!gap.is_empty()).then(|| node(gap, at - 1, blocks));
    let own: Vec<usize> = (0..leaves.len()).filter(|i| leaves[*i].height == at).collect();
    let left = below(&leaves[..own.first().copied().unwrap_or(leaves.len())]);
    let mut entries = Vec::with_capacity(own.len());
    let mut last: &[u8] = &[];
    for (place, &i) in own.iter().enumerate() {
        let end = own.get(place + 1).copied().unwrap_or(leaves.len());
        let Leaf { key, value, .. } = leaves[i];
        let shared = shared(last, key);
        let rest = key[shared..].to_vec();
        entries.push(Entry { rest, shared, right: below(&leaves[i + 1..end]), value });
        last = key;
    }
    let block = encoded(&Node { entries, left });
    let cid = cid::of_block(&block);
    blocks.insert(cid, block);
    cid
}

/// Values of ours as DAG-CBOR.
pub(super) fn encoded(value: &impl Serialize) -> Vec<u8> {
    match serde_ipld_dagcbor::to_vec(value) {
        Ok(bytes) => bytes,
        Err(error) => unreachable!("what is encoded here has no floats: {error}"),
    }
}
