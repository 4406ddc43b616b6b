//! Calls to a PDS, with what it answers, cleaned of what differs from one to the next.

use crate::ask::Asker;
use atdata_atproto::cid;
use atdata_atproto::transport::Transport;
use serde_json::{Map, Value, json};
use std::sync::Arc;

const C: &str = "ac.foundation.dataset.sampleSchema";
const APPLY: &str = "com.atproto.repo.applyWrites";
const STALE: &str = "bafyreiagynk6ktga3atrr3vqg4xb4tuektvclp32fkeydbtbbp2nowb5ky";

/// A call, and its answer: the status, and the JSON or the bytes.
pub type Said = (String, Value);

pub fn hold(transport: Arc<dyn Transport>, service: &str) -> Vec<Said> {
    let asker = Asker::new(transport, service);
    let mut talk = Talk { asker, did: String::new(), said: Vec::new() };
    talk.sessions();
    talk.single_records();
    talk.refused_records();
    talk.swaps();
    talk.lists();
    talk.many_writes();
    talk.blobs();
    talk.said
}

struct Talk {
    asker: Asker,
    did: String,
    said: Vec<Said>,
}

impl Talk {
    fn note(&mut self, call: String, (status, answer): (u16, Value)) -> Value {
        let clean = clean(answer.clone(), &self.did);
        self.said.push((call, json!([status, clean])));
        answer
    }

    fn post(&mut self, method: &str, input: &Value) -> Value {
        let answer = self.asker.post(method, input);
        self.note(format!("{method} {input}"), answer)
    }

    fn get(&mut self, method: &str, params: &Value) -> Value {
        let answer = self.asker.get(method, params);
        self.note(format!("{method} {params}"), answer)
    }

    /// `com.atproto.repo.*` in our collection, with more input.
    fn write(&mut self, method: &str, more: &Value) -> Value {
        let mut input = json!({"repo": self.did, "collection": C});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.post(&format!("com.atproto.repo.{method}"), &input)
    }

    fn read(&mut self, method: &str, more: &Value) -> Value {
        let mut params = json!({"repo": self.did, "collection": C});
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.get(&format!("com.atproto.repo.{method}"), &params)
    }

    fn sessions(&mut self) {
        let (create, get) = ("com.atproto.server.createSession", "com.atproto.server.getSession");
        self.post(create, &json!({"identifier": "carol.test", "password": "wrong"}));
        self.post(create, &json!({"identifier": "carol.test"}));
        self.get(get, &json!({}));
        self.asker.token = Some("wrong".to_owned());
        self.get(get, &json!({}));
        let session = self.asker.log_in("carol.test", "carol-password");
        self.did = session["did"].as_str().unwrap().to_owned();
        self.note("login".to_owned(), (200, session.clone()));
        self.get(get, &json!({}));
        let access = self.asker.token.replace(session["refreshJwt"].as_str().unwrap().to_owned());
        self.post("com.atproto.server.deleteSession", &Value::Null);
        self.post("com.atproto.server.deleteSession", &Value::Null);
        self.post("com.atproto.server.refreshSession", &Value::Null);
        self.asker.token = access;
        self.post("com.atproto.server.refreshSession", &Value::Null);
        self.get("com.atproto.identity.resolveHandle", &json!({"handle": "carol.test"}));
        self.get("com.atproto.identity.resolveHandle", &json!({"handle": "nobody.test"}));
        self.get("com.atproto.repo.nothing", &json!({}));
    }

    fn single_records(&mut self) {
        self.write("createRecord", &json!({"rkey": "a", "record": {"$type": C, "n": 1}}));
        self.write("createRecord", &json!({"rkey": "a", "record": {"$type": C, "n": 1}}));
        self.write("createRecord", &json!({"rkey": "b", "record": {"n": 1}, "validate": false}));
        self.write("putRecord", &json!({"rkey": "a", "record": {"$type": C, "n": 1}}));
        self.write("putRecord", &json!({"rkey": "a", "record": {"$type": C, "n": 2}}));
        self.write(
            "putRecord",
            &json!({"rkey": "p", "record": {"$type": C, "b": {"$bytes": "aGk="}}}),
        );
        self.read("getRecord", &json!({"rkey": "p"}));
        self.read("getRecord", &json!({"rkey": "p", "cid": STALE}));
        self.read("getRecord", &json!({"rkey": "absent"}));
        self.read("getRecord", &json!({"repo": "nobody.test", "rkey": "p"}));
        self.write("deleteRecord", &json!({"rkey": "p"}));
        self.write("deleteRecord", &json!({"rkey": "p"}));
    }

    fn refused_records(&mut self) {
        let refused = [
            json!({"record": {"$type": "com.example.other", "n": 1}}),
            json!({"record": {"$type": C, "n": 1.5}}),
            json!({"record": [1]}),
            json!({}),
            json!({"record": {"$type": C, "n": 1}, "validate": true}),
            json!({"record": {"$type": C, "n": 1}, "rkey": "a@1.0.0"}),
            json!({"record": {"$type": C, "n": 1}, "rkey": ".."}),
            json!({"record": {"$type": C, "n": 1}, "collection": "example"}),
            json!({"record": {"$type": C, "n": 1}, "repo": "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"}),
            json!({"record": {"$type": C, "t": "t".repeat(1_000_000)}}),
        ];
        for more in refused {
            self.write("createRecord", &more);
        }
        self.write("putRecord", &json!({"record": {"$type": C, "n": 1}}));
    }

    fn swaps(&mut self) {
        let put = |more: Value| {
            let mut input = json!({"rkey": "s", "record": {"$type": C, "n": 1}});
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            input
        };
        self.write("putRecord", &put(json!({"swapRecord": STALE})));
        let written = self.write("putRecord", &put(json!({"swapRecord": null})));
        self.write("putRecord", &put(json!({"swapRecord": null})));
        self.write("putRecord", &put(json!({"swapRecord": STALE})));
        self.write("putRecord", &put(json!({"swapRecord": written["cid"]})));
        self.write("putRecord", &put(json!({"swapCommit": STALE})));
        let commit = &written["commit"]["cid"];
        self.write(
            "putRecord",
            &put(json!({"swapCommit": commit, "record": {"$type": C, "n": 2}})),
        );
        self.write("deleteRecord", &json!({"rkey": "s", "swapRecord": STALE}));
        self.write("deleteRecord", &json!({"rkey": "s", "swapCommit": STALE}));
        self.write("deleteRecord", &json!({"rkey": "s"}));
        self.write("deleteRecord", &json!({"rkey": "s", "swapRecord": STALE}));
    }

    fn lists(&mut self) {
        self.read("listRecords", &json!({}));
        self.read("listRecords", &json!({"reverse": true}));
        self.read("listRecords", &json!({"limit": 1}));
        self.read("listRecords", &json!({"limit": 1, "cursor": "b"}));
        self.read("listRecords", &json!({"cursor": "a"}));
        self.read("listRecords", &json!({"limit": 101}));
        self.read("listRecords", &json!({"limit": 0}));
        self.read("listRecords", &json!({"repo": "nobody.test"}));
        self.read("listRecords", &json!({"collection": "com.example.nothing"}));
    }

    fn many_writes(&mut self) {
        let write = |kind: &str, rkey: &str, n: u64| {
            let value = json!({"$type": C, "n": n});
            json!({"$type": format!("{APPLY}#{kind}"), "collection": C, "rkey": rkey, "value": value})
        };
        let all = [
            vec![write("create", "w", 1), write("update", "a", 3)],
            vec![write("update", "absent", 1)],
            vec![write("create", "half", 1), write("create", "w", 1)],
            vec![write("replace", "w", 1)],
            vec![write("create", "w2", 1); 201],
            vec![json!({"$type": format!("{APPLY}#delete"), "collection": C, "rkey": "w"})],
            vec![],
        ];
        for writes in all {
            self.post(APPLY, &json!({"repo": self.did, "writes": writes}));
        }
        self.read("getRecord", &json!({"rkey": "half"}));
        self.post(APPLY, &json!({"repo": self.did, "writes": [], "swapCommit": STALE}));
    }

    fn blobs(&mut self) {
        let answer = self.asker.upload("com.atproto.repo.uploadBlob", "a/b", b"hello".to_vec());
        let blob = self.note("upload".to_owned(), answer)["blob"].clone();
        self.see_blobs();
        let mut wrong = blob.clone();
        wrong["mimeType"] = json!("image/png");
        self.write("createRecord", &json!({"record": {"$type": C, "b": wrong}}));
        wrong = blob.clone();
        wrong["size"] = json!(7);
        self.write("createRecord", &json!({"record": {"$type": C, "b": wrong}}));
        wrong = blob.clone();
        wrong["ref"]["$link"] = json!(cid::of_blob(b"absent").to_string());
        self.write("createRecord", &json!({"record": {"$type": C, "b": wrong}}));
        self.write("createRecord", &json!({"rkey": "blob", "record": {"$type": C, "b": [blob]}}));
        self.see_blobs();
        self.write("deleteRecord", &json!({"rkey": "blob"}));
        self.see_blobs();
        self.write("createRecord", &json!({"rkey": "blob", "record": {"$type": C, "b": [blob]}}));
    }

    fn see_blobs(&mut self) {
        let params = json!({"did": self.did, "cid": cid::of_blob(b"hello").to_string()});
        let (status, bytes) = self.asker.bytes("com.atproto.sync.getBlob", &params);
        self.note("getBlob".to_owned(), (status, json!(String::from_utf8(bytes).unwrap())));
        self.get("com.atproto.sync.listBlobs", &json!({"did": self.did}));
    }
}

/// Without what differs between two networks, or is the server's own choice of words.
fn clean(value: Value, did: &str) -> Value {
    match value {
        Value::String(text) if !did.is_empty() => {
            let text = text.replace(did, "DID");
            Value::from(if text.starts_with("Commit was at ") {
                "Commit was at".to_owned()
            } else {
                text
            })
        }
        Value::Array(items) => items.into_iter().map(|item| clean(item, did)).collect(),
        Value::Object(fields) => Value::Object(clean_fields(fields, did)),
        other => other,
    }
}

fn clean_fields(fields: Map<String, Value>, did: &str) -> Map<String, Value> {
    let invalid = fields.get("error").is_some_and(|error| error == "InvalidRequest");
    let field = |(name, value): (String, Value)| {
        let value = match name.as_str() {
            "accessJwt" | "refreshJwt" => json!(value.as_str().unwrap().split('.').count()),
            "commit" => json!(value.as_object().unwrap().keys().collect::<Vec<_>>()),
            "didDoc" => json!("a document"),
            // What is wrong with an input is told in the words of the PDS's own checks.
            "message" if invalid => json!("words"),
            _ => clean(value, did),
        };
        (name, value)
    };
    // `{"a": 1, "b": 2}` in any order.
    fields
        .into_iter()
        .map(field)
        .collect::<std::collections::BTreeMap<_, _>>()
        .into_iter()
        .collect()
}
