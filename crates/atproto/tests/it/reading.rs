//! Repositories as servers give them, which may lie.

use crate::scripted::{DID, HANDLE, Reply, Scripted, ok, refused};
use atdata_atproto::{Error, Nsid, RecordKey, Repo, cid};
use serde_json::{Value, json};
use std::io::Read;

fn notes() -> Nsid {
    Nsid::parse("com.example.note").unwrap()
}

fn repo(server: &Scripted) -> Repo {
    server.network().repo(HANDLE).unwrap()
}

fn note(number: usize) -> Value {
    json!({"$type": "com.example.note", "number": number})
}

fn item(key: &str, value: &Value, cid: &str) -> Value {
    json!({"uri": format!("at://{DID}/com.example.note/{key}"), "cid": cid, "value": value})
}

fn good(number: usize) -> Value {
    let value = note(number);
    item(&format!("k{number:05}"), &value, &cid::of_record(&value).unwrap().to_string())
}

fn lists(list: impl Fn(usize, Option<&str>) -> Value + Send + Sync + 'static) -> Scripted {
    Scripted::start(move |asked| match asked.xrpc() {
        "com.atproto.repo.listRecords" => {
            ok(&list(asked.number, asked.query.get("cursor").map(String::as_str)))
        }
        _ => Reply::Usual,
    })
}

fn gets(
    reply: impl Fn() -> Reply + Send + Sync + 'static,
) -> Result<atdata_atproto::Fetched, Error> {
    let server = Scripted::start(move |asked| match asked.xrpc() {
        "com.atproto.repo.getRecord" => reply(),
        _ => Reply::Usual,
    });
    repo(&server).get(&notes(), &RecordKey::parse("k00001").unwrap())
}

#[test]
fn a_record_is_what_its_cid_says() {
    let found = gets(|| ok(&good(1))).unwrap();
    assert_eq!((found.value, found.uri.rkey().as_str()), (note(1), "k00001"));
}

#[test]
fn a_record_with_another_cid_is_refused_and_named() {
    let lie = cid::of_record(&note(2)).unwrap().to_string();
    let error = gets(move || ok(&item("k00001", &note(1), &lie))).unwrap_err();
    assert!(matches!(error, Error::Unverified { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("at://did:plc:abc123/com.example.note/k00001"), "{text}");
    assert!(text.contains(&cid::of_record(&note(1)).unwrap().to_string()), "{text}");
}

#[test]
fn another_record_than_was_asked_for_is_refused() {
    assert!(matches!(gets(|| ok(&good(2))), Err(Error::Unverified { .. })));
}

#[test]
fn what_cannot_be_a_record_is_refused() {
    let float = || ok(&item("k00001", &json!({"a": 0.5}), "bafy"));
    let error = gets(float).unwrap_err();
    assert!(matches!(error, Error::BadRecord(_)), "{error}");
    assert!(error.to_string().contains("k00001"), "{error}");
    let missing = gets(|| refused(400, "RecordNotFound", "Could not locate record")).unwrap_err();
    assert!(matches!(missing, Error::NotFound(_)), "{missing}");
}

#[test]
fn ten_megabytes_of_tags_are_not_read() {
    let tags = vec!["x".repeat(1000); 10_000];
    let record = json!({"$type": "com.example.note", "tags": tags});
    let error = gets(move || ok(&item("k00001", &record, "bafy"))).unwrap_err();
    assert!(error.to_string().contains("more than 8388608 bytes"), "{error}");
}

#[test]
fn lists_are_read_until_there_is_no_cursor_also_over_short_and_empty_pages() {
    let server = lists(|_, cursor| match cursor {
        None => json!({"records": [good(1), good(2)], "cursor": "a"}),
        Some("a") => json!({"records": [], "cursor": "b"}),
        Some("b") => json!({"records": [good(3)], "cursor": "c"}),
        _ => json!({"records": []}),
    });
    let found: Vec<_> =
        repo(&server).records(&notes()).map(|record| record.unwrap().value).collect();
    assert_eq!(found, [note(1), note(2), note(3)]);
}

#[test]
fn a_broken_record_is_an_error_in_its_place() {
    let server = lists(|_, _| {
        let lie = cid::of_record(&note(9)).unwrap().to_string();
        let other =
            json!({"uri": "at://did:plc:other/com.example.note/a", "cid": "x", "value": {}});
        json!({"records": [good(1), item("k2", &note(2), &lie), other, json!(3), good(4)]})
    });
    let found: Vec<_> = repo(&server).records(&notes()).collect();
    assert_eq!(
        found.iter().map(Result::is_ok).collect::<Vec<_>>(),
        [true, false, false, false, true]
    );
    assert!(matches!(found[1], Err(Error::Unverified { .. })));
}

#[test]
fn lists_that_never_end_are_ended() {
    let same_cursor = lists(|_, _| json!({"records": [good(1)], "cursor": "a"}));
    let same_records =
        lists(|number, _| json!({"records": [good(1)], "cursor": number.to_string()}));
    let nothing = lists(|number, _| json!({"records": [], "cursor": number.to_string()}));
    for server in [same_cursor, same_records, nothing] {
        let mut last = None;
        for record in repo(&server).records(&notes()).take(1000) {
            last = Some(record);
        }
        let error = last.unwrap().unwrap_err();
        assert!(error.to_string().contains("does not end"), "{error}");
        assert!(server.asked("listRecords").len() < 30);
    }
}

#[test]
fn large_records_come_in_smaller_pages() {
    let server = Scripted::start(|asked| match asked.xrpc() {
        "com.atproto.repo.listRecords" => {
            let limit: usize = asked.query["limit"].parse().unwrap();
            let first: usize = asked.query.get("cursor").map_or(0, |at| at.parse().unwrap());
            let last = (first + limit).min(30);
            let large = |number: usize| {
                let value = json!({"n": number, "text": "x".repeat(1_000_000)});
                let cid = cid::of_record(&value).unwrap().to_string();
                item(&format!("k{number}"), &value, &cid)
            };
            let records: Vec<Value> = (first..last).map(large).collect();
            ok(&json!({"records": records, "cursor": (last < 30).then(|| last.to_string())}))
        }
        _ => Reply::Usual,
    });
    let found: Vec<_> = repo(&server).records(&notes()).map(|record| record.unwrap().cid).collect();
    assert_eq!(found.len(), 30);
}

fn blob(sent: &'static [u8], named: &[u8]) -> (Result<Vec<u8>, Error>, Option<u64>) {
    let server = Scripted::start(move |asked| match asked.xrpc() {
        "com.atproto.sync.getBlob" => Reply::Is(200, vec![], sent.to_vec()),
        _ => Reply::Usual,
    });
    let mut reader = repo(&server).blob(&cid::of_blob(named)).unwrap();
    let (size, mut bytes) = (reader.size(), Vec::new());
    let read = reader.read_to_end(&mut bytes);
    (read.map(|_| bytes).map_err(|error| Error::io("read", error)), size)
}

#[test]
fn a_blob_is_verified_at_its_end() {
    let (read, size) = blob(b"hello", b"hello");
    assert_eq!((read.unwrap(), size), (b"hello".to_vec(), Some(5)));
    let error = blob(b"hellO", b"hello").0.unwrap_err();
    assert!(matches!(error, Error::Unverified { .. }));
    assert!(
        error.to_string().contains("bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq")
    );
}

#[test]
fn a_blob_that_is_cut_or_missing_is_an_error() {
    let server = Scripted::start(|asked| match asked.xrpc() {
        "com.atproto.sync.getBlob" if asked.number == 0 => Reply::Short(b"hel".to_vec(), 5),
        "com.atproto.sync.getBlob" => refused(400, "InvalidRequest", "Blob not found"),
        _ => Reply::Usual,
    });
    let (repo, cid) = (repo(&server), cid::of_blob(b"hello"));
    let cut = repo.blob(&cid).unwrap().read_to_end(&mut Vec::new()).unwrap_err();
    assert!(matches!(Error::io("read", cut), Error::Unreachable { .. }));
    let missing = repo.blob(&cid).unwrap_err();
    assert!(matches!(missing, Error::NotFound(_)), "{missing}");
    assert!(missing.to_string().contains(&cid.to_string()), "{missing}");
    let record = cid::of_record(&json!({})).unwrap();
    assert!(matches!(repo.blob(&record), Err(Error::Syntax(_))));
}
