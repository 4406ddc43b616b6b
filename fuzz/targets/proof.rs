//! A proof that a record is in its repository: as a whole, and as the tree of a commit that is good.
#![no_main]
use atdata_atproto::{Did, Nsid, RecordKey, cid, proof::verify_record, value};
use k256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Value, json};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    verify(bytes);
    verify(&signed(bytes));
});

fn verify(car: &[u8]) {
    let did = Did::parse("did:plc:fuzz").expect("a DID");
    let collection = Nsid::parse("a.b.c").expect("a collection");
    let rkey = RecordKey::parse("k").expect("a record key");
    if let Ok(found) = verify_record(car, &did, &multikey(), &collection, &rkey) {
        assert_eq!(cid::of_record(&found.value).expect("it was a record"), found.cid);
    }
}

/// Blocks (each with a byte before it that says its length), the first of them the tree's root.
fn signed(mut bytes: &[u8]) -> Vec<u8> {
    let mut blocks = Vec::new();
    while let Some((length, rest)) = bytes.split_first() {
        let (block, rest) = rest.split_at(rest.len().min(usize::from(*length)));
        blocks.push(block.to_vec());
        bytes = rest;
    }
    let root = cid::of_block(blocks.first().map_or(&[], Vec::as_slice));
    let commit = commit(value::link(&root));
    let header = json!({"roots": [value::link(&cid::of_block(&commit))], "version": 1});
    let named = |block: &Vec<u8>| section(&[&cid::of_block(block).to_bytes(), block]);
    let blocks = std::iter::once(&commit).chain(&blocks).flat_map(named);
    section(&[&cbor(&header)]).into_iter().chain(blocks).collect()
}

fn commit(data: Value) -> Vec<u8> {
    let mut commit = json!({
        "did": "did:plc:fuzz", "version": 3, "rev": "3kabc2345abcd", "prev": null, "data": data
    });
    let signature: Signature = key().sign(&cbor(&commit));
    commit["sig"] = value::bytes(&signature.normalize_s().unwrap_or(signature).to_bytes());
    cbor(&commit)
}

fn cbor(json: &Value) -> Vec<u8> {
    value::to_cbor(json).expect("it has no floats")
}

fn section(parts: &[&[u8]]) -> Vec<u8> {
    let bytes = parts.concat();
    // Two bytes are enough: a block has at most 255.
    let length = [(bytes.len() & 0x7f) as u8 | 0x80, (bytes.len() >> 7) as u8];
    [&length[..], &bytes].concat()
}

fn key() -> SigningKey {
    SigningKey::from_slice(&[7; 32]).expect("a key")
}

fn multikey() -> String {
    let point = key().verifying_key().to_encoded_point(true);
    multibase::encode(multibase::Base::Base58Btc, [&[0xe7, 0x01], point.as_bytes()].concat())
}
