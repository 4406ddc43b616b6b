//! Repositories made here, by another way than the crate's own: the tree grows layer by layer.

use atdata_atproto::cid::{self, Cid};
use atdata_atproto::{Did, value};
use ipld_core::ipld::Ipld;
use k256::ecdsa::signature::Signer;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

pub struct Repository {
    pub multikey: String,
    pub rev: &'static str,
    pub commit: Cid,
    pub blocks: Vec<Vec<u8>>,
}

pub enum Key {
    K256(k256::ecdsa::SigningKey),
    P256(p256::ecdsa::SigningKey),
}

pub fn did() -> Did {
    Did::parse("did:plc:tests").unwrap()
}

pub fn k256_key() -> Key {
    Key::K256(k256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap())
}

pub fn p256_key() -> Key {
    Key::P256(p256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap())
}

impl Key {
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::K256(key) => {
                let signature: k256::ecdsa::Signature = key.sign(message);
                signature.normalize_s().unwrap_or(signature).to_bytes().to_vec()
            }
            Self::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.normalize_s().unwrap_or(signature).to_bytes().to_vec()
            }
        }
    }

    pub fn uncompressed(&self) -> Vec<u8> {
        match self {
            Self::K256(key) => key.verifying_key().to_encoded_point(false).as_bytes().to_vec(),
            Self::P256(key) => key.verifying_key().to_encoded_point(false).as_bytes().to_vec(),
        }
    }

    fn multikey(&self) -> String {
        let bytes = match self {
            Self::K256(key) => [&[0xe7, 1][..], &key.verifying_key().to_sec1_bytes()].concat(),
            Self::P256(key) => {
                let point = key.verifying_key().to_encoded_point(true);
                [&[0x80, 0x24][..], point.as_bytes()].concat()
            }
        };
        multibase::encode(multibase::Base::Base58Btc, bytes)
    }
}

impl Repository {
    /// Of records at these paths, which are in order.
    pub fn new(paths: &[String], key: &Key) -> Self {
        let mut blocks = Vec::new();
        let mut items = Vec::new();
        for path in paths {
            blocks.push(value::to_cbor(&Self::record(path)).unwrap());
            items.push(Item::Leaf(path.clone(), cid::of_block(blocks.last().unwrap())));
        }
        let data = tree(items, &mut blocks);
        Self::over(data, blocks, key)
    }

    /// A signed repository over any tree.
    pub fn over(data: Cid, blocks: Vec<Vec<u8>>, key: &Key) -> Self {
        Self::of_commit(commit(data), blocks, key)
    }

    /// A repository of any commit, which is signed here.
    pub fn of_commit(
        mut commit: BTreeMap<String, Ipld>,
        mut blocks: Vec<Vec<u8>>,
        key: &Key,
    ) -> Self {
        let signature = key.sign(&encoded(&Ipld::Map(commit.clone())));
        commit.insert("sig".to_owned(), Ipld::Bytes(signature));
        blocks.insert(0, encoded(&Ipld::Map(commit)));
        let commit = cid::of_block(&blocks[0]);
        Self { multikey: key.multikey(), rev: "3kabc2345abcd", commit, blocks }
    }

    pub fn record(path: &str) -> Value {
        json!({"$type": path.split('/').next(), "path": path})
    }

    pub fn car(&self) -> Vec<u8> {
        car(&[self.commit], &self.blocks)
    }
}

pub fn commit(data: Cid) -> BTreeMap<String, Ipld> {
    BTreeMap::from([
        ("did".to_owned(), Ipld::String(did().to_string())),
        ("version".to_owned(), Ipld::Integer(3)),
        ("rev".to_owned(), Ipld::String("3kabc2345abcd".to_owned())),
        ("prev".to_owned(), Ipld::Null),
        ("data".to_owned(), Ipld::Link(data)),
    ])
}

pub fn encoded(ipld: &Ipld) -> Vec<u8> {
    serde_ipld_dagcbor::to_vec(ipld).unwrap()
}

pub fn car(roots: &[Cid], blocks: &[Vec<u8>]) -> Vec<u8> {
    let roots = roots.iter().copied().map(Ipld::Link).collect();
    let header = Ipld::Map(BTreeMap::from([
        ("roots".to_owned(), Ipld::List(roots)),
        ("version".to_owned(), Ipld::Integer(1)),
    ]));
    let blocks = blocks.iter().map(|block| [&cid::of_block(block).to_bytes()[..], block].concat());
    std::iter::once(encoded(&header)).chain(blocks).flat_map(|part| section(&part)).collect()
}

/// Bytes with their length before them.
pub fn section(bytes: &[u8]) -> Vec<u8> {
    let mut length = bytes.len();
    let mut section = Vec::new();
    while length > 127 {
        section.push((length % 128) as u8 + 128);
        length /= 128;
    }
    section.push(length as u8);
    [&section, bytes].concat()
}

enum Item {
    Leaf(String, Cid),
    Node(Cid),
}

/// In each layer, runs of nodes and of leaves that are no higher become a node.
fn tree(mut items: Vec<Item>, blocks: &mut Vec<Vec<u8>>) -> Cid {
    for layer in 0.. {
        let mut above = Vec::new();
        for run in items.chunk_by(|a, b| a.height() <= layer && b.height() <= layer) {
            match run {
                [Item::Leaf(path, value)] if height(path) > layer => {
                    above.push(Item::Leaf(path.clone(), *value));
                }
                run => above.push(Item::Node(push(&node(run), blocks))),
            }
        }
        match above.as_slice() {
            [] => return push(&node(&[]), blocks),
            [Item::Node(root)] => return *root,
            _ => items = above,
        }
    }
    unreachable!("there is a highest leaf")
}

impl Item {
    fn height(&self) -> usize {
        match self {
            Self::Leaf(path, _) => height(path),
            Self::Node(_) => 0,
        }
    }
}

pub fn height(path: &str) -> usize {
    let bits: String = Sha256::digest(path).iter().map(|byte| format!("{byte:08b}")).collect();
    bits.find('1').unwrap() / 2
}

pub fn push(node: &Ipld, blocks: &mut Vec<Vec<u8>>) -> Cid {
    blocks.push(encoded(node));
    cid::of_block(blocks.last().unwrap())
}

fn node(run: &[Item]) -> Ipld {
    let (mut left, mut entries, mut last) = (Ipld::Null, Vec::new(), String::new());
    for item in run {
        match (item, entries.last_mut()) {
            (Item::Leaf(path, value), _) => {
                let shared = path.bytes().zip(last.bytes()).take_while(|(a, b)| a == b).count();
                entries.push(entry(shared, &path[shared..], *value));
                last.clone_from(path);
            }
            (Item::Node(cid), Some(Ipld::Map(entry))) => {
                entry.insert("t".to_owned(), Ipld::Link(*cid));
            }
            (Item::Node(cid), _) => left = Ipld::Link(*cid),
        }
    }
    node_of(left, entries)
}

pub fn node_of(left: Ipld, entries: Vec<Ipld>) -> Ipld {
    Ipld::Map(BTreeMap::from([("l".to_owned(), left), ("e".to_owned(), Ipld::List(entries))]))
}

pub fn entry(shared: usize, rest: &str, value: Cid) -> Ipld {
    Ipld::Map(BTreeMap::from([
        ("p".to_owned(), Ipld::Integer(shared as i128)),
        ("k".to_owned(), Ipld::Bytes(rest.as_bytes().to_vec())),
        ("v".to_owned(), Ipld::Link(value)),
        ("t".to_owned(), Ipld::Null),
    ]))
}
