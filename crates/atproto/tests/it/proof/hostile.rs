//! What a server that lies could send.

use super::repository::{
    Key, Repository, car, commit, encoded, entry, height, k256_key, node_of, p256_key, push,
    section,
};
use super::verify;
use atdata_atproto::cid::{self, Cid};
use atdata_atproto::value;
use ipld_core::ipld::Ipld;
use proptest::prelude::*;
use std::collections::BTreeMap;

const PATH: &str = "com.example.a/1";

fn some_repository() -> Repository {
    let mut paths: Vec<String> = (0..40).map(|i| format!("com.example.a/{i}")).collect();
    paths.sort();
    Repository::new(&paths, &k256_key())
}

/// Why a proof is refused.
fn refusal(repository: &Repository, car: &[u8]) -> String {
    let error = verify(repository, car, PATH).unwrap_err();
    assert_eq!(error.kind(), "unverified", "{error}");
    error.to_string().strip_prefix(&format!("at://did:plc:tests/{PATH}: ")).unwrap().to_owned()
}

#[test]
fn a_proof_that_is_cut_off_anywhere_is_refused() {
    let repository = some_repository();
    let car = repository.car();
    for length in 0..car.len() {
        assert!(verify(&repository, &car[..length], PATH).is_err(), "{length} bytes");
    }
    verify(&repository, &car, PATH).unwrap();
}

#[test]
fn no_changed_byte_changes_what_is_verified() {
    let repository = some_repository();
    let mut car = repository.car();
    for place in 0..car.len() {
        car[place] ^= 1 << (place % 8);
        assert!(verify(&repository, &car, PATH).is_err(), "byte {place}");
        car[place] ^= 1 << (place % 8);
    }
}

#[test]
fn a_record_that_was_exchanged_is_missed() {
    let mut repository = some_repository();
    let block = value::to_cbor(&Repository::record(PATH)).unwrap();
    let record = repository.blocks.iter().position(|b| *b == block).unwrap();
    let cid = cid::of_block(&repository.blocks[record]);
    *repository.blocks[record].last_mut().unwrap() ^= 1;
    let why = refusal(&repository, &repository.car());
    assert_eq!(why, format!("the CAR file lacks the block {cid}"));
}

#[test]
fn a_broken_container_is_refused() {
    let repository = some_repository();
    let blocks = &repository.blocks;
    let root = repository.commit;
    let raw = [&cid::of_blob(b"x").to_bytes()[..], b"x"].concat();
    let cases: [(Vec<u8>, &str); 8] = [
        (b"".to_vec(), "cut off within a length"),
        (vec![0xff; 20], "larger than"),
        (section(b"not cbor"), "its header is broken"),
        (car(&[], blocks), "has 0 roots"),
        (car(&[root, root], blocks), "has 2 roots"),
        (car(&[cid::of_block(b"")], blocks), "lacks the block"),
        ([repository.car(), section(&raw)].concat(), "not a CIDv1 of DAG-CBOR"),
        ([repository.car(), vec![0xff, 0xff, 0xff, 0x07]].concat(), "cut off within a block"),
    ];
    for (car, expected) in cases {
        let why = refusal(&repository, &car);
        assert!(why.contains(expected), "{why}");
    }
}

#[test]
fn too_many_blocks_and_too_many_bytes_are_refused() {
    let repository = some_repository();
    let block = [&cid::of_block(&[0]).to_bytes()[..], &[0]].concat();
    let many = [repository.car(), section(&block).repeat(10_001)].concat();
    assert!(refusal(&repository, &many).contains("more than 10000 blocks"));
    assert!(refusal(&repository, &vec![0; (16 << 20) + 1]).contains("larger than"));
}

#[test]
fn a_wrong_commit_is_refused() {
    let data = cid::of_block(b"");
    let with = |key: &str, value: Ipld| {
        let mut commit = commit(data);
        commit.insert(key.to_owned(), value);
        commit
    };
    let text = |text: &str| Ipld::String(text.to_owned());
    let cases = [
        (with("did", text("did:plc:mallory")), "of another repository"),
        (with("version", Ipld::Integer(2)), "version is not 3"),
        (with("data", Ipld::Null), "names no tree"),
        (with("rev", text("yesterday")), "is not a TID"),
        (commit(data), "lacks the block"),
    ];
    for (commit, expected) in cases {
        let repository = Repository::of_commit(commit, Vec::new(), &k256_key());
        let why = refusal(&repository, &repository.car());
        assert!(why.contains(expected), "{why}");
    }
}

#[test]
fn a_wrong_signature_is_refused() {
    let mut repository = some_repository();
    let car_of = |signature: Ipld| {
        let mut commit = commit(cid::of_block(b""));
        commit.insert("sig".to_owned(), signature);
        let block = encoded(&Ipld::Map(commit));
        car(&[cid::of_block(&block)], &[block])
    };
    let signed = encoded(&Ipld::Map(commit(cid::of_block(b""))));
    let cases = [
        (Ipld::Bytes(high(&k256_key(), &signed)), "high-S"),
        (Ipld::Bytes(p256_key().sign(&signed)), "does not fit"),
        (Ipld::Bytes(vec![0; 64]), "does not fit"),
        (Ipld::Bytes(vec![1; 63]), "does not fit"),
        (Ipld::Null, "not signed"),
    ];
    for (signature, expected) in cases {
        let why = refusal(&repository, &car_of(signature));
        assert!(why.contains(expected), "{why}");
    }
    for key in ["", "z", "zzz", "f00", "z0OIl", &"z2".repeat(1000)] {
        repository.multikey = key.to_owned();
        assert!(refusal(&repository, &repository.car()).contains("neither secp256k1 nor P-256"));
    }
}

/// The other signature that fits: s is turned into n - s.
fn high(key: &Key, message: &[u8]) -> Vec<u8> {
    let low = k256::ecdsa::Signature::from_slice(&key.sign(message)).unwrap();
    let high = k256::ecdsa::Signature::from_scalars(low.r().to_bytes(), (-*low.s()).to_bytes());
    high.unwrap().to_bytes().to_vec()
}

/// Keys that stand at a height, in order.
fn keys_at(wanted: usize) -> impl Iterator<Item = String> {
    let keys = (10_000..99_999).map(|i| format!("com.example.a/{i}"));
    keys.filter(move |key| height(key) == wanted)
}

#[test]
fn a_tree_that_breaks_the_rules_is_refused() {
    let value = cid::of_block(b"");
    let link = Ipld::Link(value);
    let low: Vec<String> = keys_at(0).take(2).collect();
    let high = keys_at(1).next().unwrap();
    let first = ('a'..='b').map(String::from).find(|key| height(key) != 1).unwrap();
    let entries = |keys: &[&str]| keys.iter().map(|key| entry(0, key, value)).collect::<Vec<_>>();
    let cases = [
        (node_of(Ipld::Null, entries(&["b", "a"])), "not in order"),
        (node_of(Ipld::Null, entries(&[""])), "not in order"),
        (node_of(Ipld::Null, entries(&[&low[0], &low[1]])), "shares more with the one before"),
        (node_of(Ipld::Null, vec![entry(1, "a", value)]), "shares more than there is"),
        (node_of(Ipld::Null, vec![entry(usize::MAX, "a", value)]), "shares more than there is"),
        (node_of(link.clone(), vec![]), "has no keys"),
        (node_of(link, entries(&[&low[0]])), "below the lowest"),
        (
            node_of(Ipld::Null, vec![entry(0, &first, value), entry(0, &high, value)]),
            "wrong height",
        ),
        (Ipld::Map(BTreeMap::new()), "is not a node"),
        (nested(300), "is not a node"),
    ];
    for (node, expected) in cases {
        let why = refusal_of_tree(|blocks| push(&node, blocks));
        assert!(why.contains(expected), "{expected}: {why}");
    }
}

#[test]
fn a_node_with_keys_of_elsewhere_is_refused() {
    let value = cid::of_block(b"");
    let top = keys_at(1).next().unwrap();
    let late = &keys_at(0).find(|key| *key > top).unwrap();
    let why = refusal_of_tree(|blocks| {
        let below = push(&node_of(Ipld::Null, vec![entry(0, late, value)]), blocks);
        push(&node_of(Ipld::Link(below), vec![entry(0, &top, value)]), blocks)
    });
    assert!(why.contains("belong elsewhere"), "{why}");
}

fn refusal_of_tree(build: impl FnOnce(&mut Vec<Vec<u8>>) -> Cid) -> String {
    let mut blocks = Vec::new();
    let data = build(&mut blocks);
    let repository = Repository::over(data, blocks, &k256_key());
    refusal(&repository, &repository.car())
}

proptest! {
    #[test]
    fn no_block_as_a_tree_makes_it_panic(blocks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 1..4)) {
        let data = cid::of_block(&blocks[0]);
        let repository = Repository::over(data, blocks, &k256_key());
        prop_assert!(verify(&repository, &repository.car(), PATH).is_err());
    }

    /// A good tree of which bytes were changed, and then named and signed as it is.
    #[test]
    fn no_changed_node_makes_it_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let good = some_repository();
        let (mut node, mut others) = (good.blocks.last().unwrap().clone(), good.blocks[1..].to_vec());
        for (place, byte) in changes {
            let place = place.index(node.len());
            node[place] = byte;
        }
        let data = cid::of_block(&node);
        others.push(node);
        let repository = Repository::over(data, others, &k256_key());
        if let Ok(verified) = verify(&repository, &repository.car(), PATH) {
            prop_assert_eq!(cid::of_record(&verified.value).unwrap(), verified.cid);
        }
    }
}

fn nested(depth: usize) -> Ipld {
    (0..depth).fold(Ipld::Null, |inner, _| Ipld::List(vec![inner]))
}
