//! A repository: records, the tree over them, the commit.

use crate::cid::{self, Cid};
use crate::proof::{Blocks, SecretKey, build_tree, find, sign, write_car};
use crate::syntax::{Did, Tid};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Records by their paths, `collection/rkey`.
pub(super) type Records = BTreeMap<String, Arc<Record>>;

pub(super) struct Record {
    pub(super) cid: Cid,
    pub(super) block: Vec<u8>,
    pub(super) value: Value,
    /// The blobs that it refers to.
    pub(super) blobs: Vec<Cid>,
}

pub(super) struct Repository {
    did: Did,
    pub(super) key: SecretKey,
    records: Records,
    rev: Tid,
    root: Cid,
    nodes: Blocks,
    commit: Vec<u8>,
}

impl Repository {
    /// A new one, with a new key; the DID is made of the public key.
    pub(super) fn create(did: impl FnOnce(&str) -> Did) -> (Did, Self) {
        let key = SecretKey::generate();
        let did = did(&key.multikey());
        let (root, nodes) = build_tree(std::iter::empty());
        let rev = Tid::now();
        let commit = sign(&did, &rev, root, &key);
        let records = Records::new();
        (did.clone(), Self { did, key, records, rev, root, nodes, commit })
    }

    pub(super) const fn records(&self) -> &Records {
        &self.records
    }

    pub(super) fn record(&self, path: &str) -> Option<&Record> {
        self.records.get(path).map(AsRef::as_ref)
    }

    /// Those of a collection, by their record keys.
    pub(super) fn collection(
        &self,
        collection: &str,
    ) -> impl DoubleEndedIterator<Item = (&str, &Record)> {
        // `0` comes right after `/`.
        let paths = format!("{collection}/")..format!("{collection}0");
        let start = collection.len() + 1;
        self.records.range(paths).map(move |(path, record)| (&path[start..], &**record))
    }

    /// Signs what is there from now on.
    pub(super) fn replace(&mut self, records: Records) {
        (self.root, self.nodes) =
            build_tree(records.iter().map(|(path, record)| (&**path, record.cid)));
        self.rev = Tid::now();
        self.commit = sign(&self.did, &self.rev, self.root, &self.key);
        self.records = records;
    }

    pub(super) fn commit_cid(&self) -> Cid {
        cid::of_block(&self.commit)
    }

    pub(super) fn commit(&self) -> Value {
        json!({"cid": self.commit_cid().to_string(), "rev": self.rev.as_str()})
    }

    /// The commit, the way through the tree, and the record, if it is there.
    pub(super) fn proof(&self, path: &str) -> Vec<u8> {
        let commit = self.commit_cid();
        let mut blocks: Vec<(Cid, &[u8])> = vec![(commit, &self.commit)];
        let found = find(&self.root, path, &mut |cid| {
            let node = self.nodes.get(cid).ok_or("a node is missing")?;
            blocks.push((*cid, node));
            Ok(node)
        });
        debug_assert!(found.is_ok(), "the tree was made here: {found:?}");
        blocks.extend(self.record(path).map(|record| (record.cid, record.block.as_slice())));
        write_car(commit, blocks.iter().map(|(cid, block)| (cid, *block)))
    }
}
