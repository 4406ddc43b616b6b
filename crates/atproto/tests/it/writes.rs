//! Nothing is written twice, and nothing is believed.

use crate::scripted::{DID, Reply, Scripted, ok, refused};
use atdata_atproto::client::{Swap, Validate, Write};
use atdata_atproto::{AtUri, Client, Error, Nsid, RecordKey, cid};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

fn notes() -> Nsid {
    Nsid::parse("com.example.note").unwrap()
}

fn note(text: &str) -> Value {
    json!({"$type": "com.example.note", "text": text})
}

/// What a PDS holds, and how often it was changed.
#[derive(Default)]
struct Store {
    records: BTreeMap<String, Value>,
    commits: usize,
}

impl Store {
    fn change(&mut self, writes: &[Value]) -> Reply {
        let key = |write: &Value| write["rkey"].as_str().unwrap().to_owned();
        let creates = writes.iter().filter(|write| write["$type"] == "#create");
        if creates.map(key).any(|key| self.records.contains_key(&key)) {
            return refused(400, "InvalidRequest", "there is one");
        }
        let results: Vec<Value> = writes
            .iter()
            .map(|write| {
                if write["$type"] == "#delete" {
                    self.records.remove(&key(write));
                    return json!({});
                }
                self.records.insert(key(write), write["value"].clone());
                json!({"cid": cid::of_record(&write["value"]).unwrap().to_string()})
            })
            .collect();
        self.commits += 1;
        let commit = json!({"cid": cid::of_block(&[self.commits as u8]).to_string(), "rev": "r"});
        ok(&json!({"commit": commit, "cid": results[0]["cid"], "results": results}))
    }

    fn answer(&mut self, asked: &crate::scripted::Asked) -> Reply {
        let write = |kind: &str| {
            let body = asked.json();
            json!({"$type": kind, "rkey": body["rkey"], "value": body["record"]})
        };
        match asked.xrpc() {
            "com.atproto.repo.createRecord" => self.change(&[write("#create")]),
            "com.atproto.repo.putRecord" => self.change(&[write("#update")]),
            "com.atproto.repo.deleteRecord" => self.change(&[write("#delete")]),
            "com.atproto.repo.applyWrites" => {
                let mut writes = asked.json()["writes"].as_array().unwrap().clone();
                for write in &mut writes {
                    let kind = write["$type"].as_str().unwrap();
                    write["$type"] = kind.replace("com.atproto.repo.applyWrites", "").into();
                }
                self.change(&writes)
            }
            "com.atproto.repo.getRecord" => match self.records.get(&asked.query["rkey"]) {
                Some(value) => ok(&json!({"value": value, "uri": "x"})),
                None => Reply::Usual,
            },
            _ => Reply::Usual,
        }
    }
}

/// What happens to the answers of the first writes.
#[derive(Clone, Copy)]
enum Lost {
    /// It was done, and the connection breaks.
    Done,
    /// It was done, and the server fails.
    Failed,
    /// It was not done, and the connection breaks.
    NotDone,
    /// It is done late: not yet when it is looked for.
    Late,
}

fn losing(lost: Lost) -> (Scripted, Arc<Mutex<Store>>) {
    let store = Arc::new(Mutex::new(Store::default()));
    let inner = Arc::clone(&store);
    let late = Mutex::new(None);
    let server = Scripted::start(move |asked| {
        let mut store = inner.lock().unwrap();
        let writes = asked.method == "POST" && asked.xrpc().contains(".repo.");
        if !writes || asked.number > 0 {
            let reply = store.answer(asked);
            if let (true, Some(before)) = (!writes, late.lock().unwrap().take()) {
                store.answer(&before);
            }
            return reply;
        }
        match lost {
            Lost::Done => drop(store.answer(asked)),
            Lost::Failed => {
                store.answer(asked);
                return refused(500, "InternalServerError", "");
            }
            Lost::NotDone => {}
            Lost::Late => *late.lock().unwrap() = Some(asked.clone()),
        }
        Reply::Reset
    });
    (server, store)
}

const ALL: [Lost; 4] = [Lost::Done, Lost::Failed, Lost::NotDone, Lost::Late];

#[test]
fn a_record_whose_answer_was_lost_is_there_once() {
    for lost in ALL {
        let (server, store) = losing(lost);
        let written = server.client().create(&notes(), None, note("once")).unwrap();
        assert_eq!(written.cid, cid::of_record(&note("once")).unwrap());
        let store = store.lock().unwrap();
        assert_eq!((store.records.len(), store.commits), (1, 1));
        assert!(store.records.contains_key(written.uri.rkey().as_str()));
    }
}

#[test]
fn a_commit_whose_answer_was_lost_is_made_once() {
    for lost in ALL {
        let (server, store) = losing(lost);
        let writes = (0..3).map(|number| {
            let rkey = None;
            Write::Create { collection: notes(), rkey, record: note(&number.to_string()) }
        });
        let written = server.client().apply(writes.collect(), None).unwrap();
        assert_eq!(written.len(), 3);
        let store = store.lock().unwrap();
        assert_eq!((store.records.len(), store.commits), (3, 1));
    }
}

#[test]
fn putting_and_deleting_go_on_after_lost_answers() {
    for lost in ALL {
        let (server, store) = losing(lost);
        let (client, rkey) = (server.client(), RecordKey::parse("self").unwrap());
        let written = client.put(&notes(), rkey, note("put"), Swap::default()).unwrap();
        assert_eq!(store.lock().unwrap().records["self"], note("put"));
        client.delete(&written.uri, Swap::default()).unwrap();
        assert!(store.lock().unwrap().records.is_empty());
    }
}

#[test]
fn a_server_that_never_answers_is_given_up() {
    let server = Scripted::start(|asked| match asked.xrpc() {
        "com.atproto.repo.createRecord" => Reply::Reset,
        _ => Reply::Usual,
    });
    let error = server.client().create(&notes(), None, note("x")).unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error}");
    assert_eq!(server.asked("createRecord").len(), 5);
}

#[test]
fn a_key_that_is_taken_is_a_conflict() {
    let (server, _) = losing(Lost::NotDone);
    let (client, rkey) = (server.client(), RecordKey::parse("one").unwrap());
    client.create(&notes(), Some(rkey.clone()), note("a")).unwrap();
    let error = client.create(&notes(), Some(rkey), note("b")).unwrap_err();
    assert!(matches!(error, Error::Conflict(_)), "{error}");
}

fn answering(reply: impl Fn() -> Reply + Send + Sync + 'static) -> (Scripted, Client) {
    let server = Scripted::start(move |asked| match asked.xrpc() {
        "com.atproto.repo.createRecord" | "com.atproto.repo.putRecord" => reply(),
        _ => Reply::Usual,
    });
    let client = server.client();
    (server, client)
}

#[test]
fn a_server_that_names_another_cid_is_not_believed() {
    let lie = cid::of_record(&note("other")).unwrap().to_string();
    let (_server, client) = answering(move || ok(&json!({"uri": "at://x", "cid": lie})));
    let error = client.create(&notes(), None, note("mine")).unwrap_err();
    assert!(matches!(error, Error::Unverified { .. }), "{error}");
}

#[test]
fn a_stale_swap_is_a_conflict_and_goes_as_it_was_given() {
    let (server, client) = answering(|| refused(400, "InvalidSwap", "Record was at bafyx"));
    let known = cid::of_record(&note("old")).unwrap();
    let swaps = [
        (Swap { record: Some(Some(known)), commit: None }, json!(known.to_string()), Value::Null),
        (Swap { record: Some(None), commit: Some(known) }, Value::Null, json!(known.to_string())),
    ];
    for (index, (swap, record, commit)) in swaps.into_iter().enumerate() {
        let rkey = RecordKey::parse("self").unwrap();
        let error = client.put(&notes(), rkey, note("new"), swap).unwrap_err();
        assert!(
            matches!(error, Error::Conflict(_)) && error.to_string().contains("bafyx"),
            "{error}"
        );
        let body = server.asked("putRecord")[index].json();
        assert!(body.as_object().unwrap().contains_key("swapRecord"));
        assert_eq!((&body["swapRecord"], &body["swapCommit"]), (&record, &commit));
        assert_eq!((&body["repo"], &body["validate"]), (&json!(DID), &json!(false)));
    }
}

#[test]
fn validation_is_the_callers_choice() {
    for (validate, expected) in
        [(Validate::No, json!(false)), (Validate::Known, Value::Null), (Validate::Yes, json!(true))]
    {
        let (server, client) = answering(|| ok(&json!({})));
        client.validating(validate).create(&notes(), None, note("x")).unwrap();
        assert_eq!(server.asked("createRecord")[0].json()["validate"], expected);
    }
}

#[test]
fn what_cannot_be_written_is_refused_before_it_is_sent() {
    let (server, store) = losing(Lost::NotDone);
    let client = server.client();
    let other = client.create(&notes(), None, json!({"$type": "com.example.other"})).unwrap_err();
    assert!(other.to_string().contains("com.example.other"), "{other}");
    let none = client.create(&notes(), None, json!({"text": "a"})).unwrap_err();
    assert!(matches!(none, Error::BadRecord(_)), "{none}");
    let float = json!({"$type": "com.example.note", "score": 0.5});
    let float = client.create(&notes(), None, float).unwrap_err();
    assert!(matches!(float, Error::BadRecord(_)) && float.to_string().contains("score"), "{float}");
    let many =
        (0..201).map(|_| Write::Create { collection: notes(), rkey: None, record: note("x") });
    assert!(matches!(client.apply(many.collect(), None), Err(Error::BadRecord(_))));
    assert!(client.apply(vec![], None).unwrap().is_empty());
    let foreign = AtUri::parse("at://did:plc:other/com.example.note/a").unwrap();
    assert!(matches!(client.delete(&foreign, Swap::default()), Err(Error::Denied { .. })));
    assert_eq!(store.lock().unwrap().commits, 0);
    assert!(server.asked("createRecord").is_empty());
}
