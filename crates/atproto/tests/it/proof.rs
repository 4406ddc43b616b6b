//! Records verified against signed commits: good ones, and everything that could be wrong with one.

mod hostile;
mod repository;

use crate::proof::repository::{Repository, did, k256_key, p256_key};
use atdata_atproto::proof::{VerifiedRecord, verify_record};
use atdata_atproto::{Error, Nsid, RecordKey, Result, cid};
use proptest::prelude::*;
use serde_json::json;

/// Verifies the record at a path against the repository's own key.
pub fn verify(repository: &Repository, car: &[u8], path: &str) -> Result<VerifiedRecord> {
    let (collection, rkey) = path.split_once('/').unwrap();
    let (collection, rkey) = (Nsid::parse(collection)?, RecordKey::parse(rkey)?);
    verify_record(car, &did(), &repository.multikey, &collection, &rkey)
}

fn names() -> impl Strategy<Value = Vec<String>> {
    let collection = prop::sample::select(vec!["com.example.a", "com.example.ab", "org.example.b"]);
    let path = (collection, "[a-z0-9]{1,4}").prop_map(|(a, b)| format!("{a}/{b}"));
    prop::collection::btree_set(path, 1..80).prop_map(|paths| paths.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_record_of_a_repository_verifies_and_no_other(paths in names()) {
        let repository = Repository::new(&paths, &k256_key());
        let car = repository.car();
        for path in paths.iter().step_by(5) {
            let verified = verify(&repository, &car, path).unwrap();
            prop_assert_eq!(&verified.value, &Repository::record(path));
            prop_assert_eq!(verified.cid, cid::of_record(&verified.value).unwrap());
            prop_assert_eq!(verified.commit_cid, repository.commit);
            prop_assert_eq!(verified.rev.as_str(), repository.rev);
        }
        let absent = verify(&repository, &car, "com.example.a/absent").unwrap_err();
        prop_assert!(matches!(absent, Error::NotFound(_)), "{}", absent);
    }
}

#[test]
fn a_key_on_the_other_curve_signs_too() {
    let repository = Repository::new(&["com.example.a/1".to_owned()], &p256_key());
    verify(&repository, &repository.car(), "com.example.a/1").unwrap();
}

#[test]
fn older_documents_have_uncompressed_keys() {
    for key in [k256_key(), p256_key()] {
        let mut repository = Repository::new(&["com.example.a/1".to_owned()], &key);
        repository.multikey = multibase::encode(multibase::Base::Base58Btc, key.uncompressed());
        verify(&repository, &repository.car(), "com.example.a/1").unwrap();
    }
}

#[test]
fn an_empty_repository_has_no_record() {
    let repository = Repository::new(&[], &k256_key());
    let error = verify(&repository, &repository.car(), "com.example.a/1").unwrap_err();
    let expected =
        "at://did:plc:tests/com.example.a/1 is not in the repository at revision 3kabc2345abcd";
    assert_eq!(error.to_string(), expected);
    assert_eq!(error.kind(), "not_on_network");
}

#[test]
fn blocks_that_are_not_on_the_way_and_blocks_that_come_twice_do_no_harm() {
    let mut repository = Repository::new(&["com.example.a/1".to_owned()], &k256_key());
    repository.blocks.push(repository.blocks[0].clone());
    repository.blocks.push(cid_block(&json!({"x": 1})));
    verify(&repository, &repository.car(), "com.example.a/1").unwrap();
}

fn cid_block(value: &serde_json::Value) -> Vec<u8> {
    atdata_atproto::value::to_cbor(value).unwrap()
}
