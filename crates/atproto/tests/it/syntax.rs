//! Identifiers: what is one, and that it is written as it was read.

use atdata_atproto::{AtUri, Did, Handle, Nsid, RecordKey, Tid};
use proptest::prelude::*;

proptest! {
    #[test]
    fn nothing_makes_a_parser_panic_and_what_it_takes_it_shows(text in "\\PC{0,80}") {
        if let Ok(did) = Did::parse(&text) { prop_assert_eq!(did.to_string(), text.clone()); }
        if let Ok(handle) = Handle::parse(&text) {
            prop_assert_eq!(handle.to_string(), text.to_ascii_lowercase());
        }
        if let Ok(nsid) = Nsid::parse(&text) { prop_assert_eq!(nsid.to_string(), text.clone()); }
        if let Ok(rkey) = RecordKey::parse(&text) { prop_assert_eq!(rkey.to_string(), text.clone()); }
        if let Ok(uri) = AtUri::parse(&text) { prop_assert_eq!(uri.to_string(), text.clone()); }
    }

    #[test]
    fn addresses_of_records_are_read_as_they_are_written(
        did in "did:(plc:[a-z2-7]{24}|web:[a-z]{1,20}(%3A[0-9]{2,5})?)",
        nsid in "[a-z]{2,10}\\.[a-z][a-z0-9]{0,10}(-[a-z])?\\.[a-zA-Z]{1,20}",
        rkey in "[a-zA-Z0-9:_~-][a-zA-Z0-9:._~-]{0,60}",
    ) {
        let parts = (Did::parse(&did)?, Nsid::parse(&nsid)?, RecordKey::parse(&rkey)?);
        let uri = AtUri::new(parts.0.clone(), parts.1.clone(), parts.2.clone());
        let again = AtUri::parse(&uri.to_string())?;
        prop_assert_eq!(&again, &uri);
        prop_assert_eq!(again.did(), Some(&parts.0));
        prop_assert_eq!((again.collection(), again.rkey()), (&parts.1, &parts.2));
    }
}

#[test]
fn what_is_no_address_of_a_record() {
    for text in [
        "",
        "at://",
        "at:///../x",
        "at://did:plc:abc",
        "at://did:plc:abc/com.example.note",
        "at://did:plc:abc/com.example.note/",
        "at://did:plc:abc/com.example.note/a/b",
        "at://did:plc:abc/com.example.note/a?q",
        "at://did:plc:abc/com.example.note/a#f",
        "at://did:plc:abc/com.example.note/..",
        "AT://did:plc:abc/com.example.note/a",
        "at://alice/com.example.note/a",
        "at://did:plc:abc/note/a",
        " at://did:plc:a/a.b.c/d",
    ] {
        assert!(AtUri::parse(text).is_err(), "{text}");
    }
}

#[test]
fn keys_of_the_time_grow_also_between_threads() {
    let made = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| (0..500).map(|_| Tid::now()).collect::<Vec<_>>()))
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| {
                let made = thread.join().unwrap();
                assert!(made.is_sorted());
                made
            })
            .collect::<Vec<_>>()
    });
    let mut unique: Vec<_> = made.iter().map(|tid| tid.as_str()[..11].to_owned()).collect();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), made.len());
    assert!(made.iter().all(|tid| Tid::parse(tid.as_str()).is_ok()));
}
