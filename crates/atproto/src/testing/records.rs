//! `com.atproto.repo.*`: records written, read, listed.

use super::call::{Answer, Call, Checked, Refusal, Reply, text};
use super::changes::{Action, Change, collection, rkey};
use super::network::State;
use crate::cid::Cid;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const MAX_WRITES: usize = 200;

pub(super) fn create(state: &mut State, call: &Call) -> Answer {
    let input = call.json()?;
    let account = state.owner(call, text(&input, "repo")?)?;
    account.check_commit(&input)?;
    let change = Change {
        collection: collection(&input)?,
        rkey: rkey(&input)?,
        action: Action::Create(record(&input)?),
    };
    write_one(account, &change, &input)
}

/// What is the same already is left as it is, without a commit, whatever it was to be swapped with.
pub(super) fn put(state: &mut State, call: &Call) -> Answer {
    let input = call.json()?;
    let account = state.owner(call, text(&input, "repo")?)?;
    text(&input, "rkey")?;
    let (collection, rkey, record) = (collection(&input)?, rkey(&input)?, record(&input)?);
    let path = format!("{collection}/{rkey}");
    let there = account.repository.record(&path).map(|record| record.cid);
    let same = there.filter(|cid| crate::cid::of_record(&record).is_ok_and(|new| new == *cid));
    let action = if there.is_some() { Action::Update(record) } else { Action::Create(record) };
    let change = Change { collection, rkey, action };
    if let Some(cid) = same {
        return Ok(Reply::Json(written(account, &change, cid, &input)));
    }
    account.check_commit(&input)?;
    account.check_record(&input, &path)?;
    write_one(account, &change, &input)
}

fn record(input: &Value) -> Checked<Value> {
    let record = &input["record"];
    if record.is_null() {
        return Err(Refusal::invalid("Missing required key \"record\" at $"));
    }
    // No lexicon is known here, so that nothing can be validated.
    if input["validate"] == true {
        let collection = text(input, "collection")?;
        return Err(Refusal::invalid(format!("Unknown lexicon type: {collection}")));
    }
    Ok(record.clone())
}

fn write_one(account: &mut super::Account, change: &Change, input: &Value) -> Answer {
    let cids = account.change(std::slice::from_ref(change))?;
    let cid = cids.into_iter().flatten().next().ok_or_else(Refusal::clash)?;
    let mut output = written(account, change, cid, input);
    output["commit"] = account.repository.commit();
    Ok(Reply::Json(output))
}

fn written(account: &super::Account, change: &Change, cid: Cid, input: &Value) -> Value {
    let uri = format!("at://{}/{}", account.did, change.path());
    let mut output = json!({"uri": uri, "cid": cid.to_string()});
    if input["validate"] != false {
        output["validationStatus"] = Value::from("unknown");
    }
    output
}

/// What is not there is deleted already.
pub(super) fn delete(state: &mut State, call: &Call) -> Answer {
    let input = call.json()?;
    let account = state.owner(call, text(&input, "repo")?)?;
    account.check_commit(&input)?;
    text(&input, "rkey")?;
    let change =
        Change { collection: collection(&input)?, rkey: rkey(&input)?, action: Action::Delete };
    if account.repository.record(&change.path()).is_none() {
        return Ok(Reply::Json(json!({})));
    }
    account.check_record(&input, &change.path())?;
    account.change(&[change])?;
    Ok(Reply::Json(json!({"commit": account.repository.commit()})))
}

pub(super) fn apply(state: &mut State, call: &Call) -> Answer {
    let input = call.json()?;
    let account = state.owner(call, text(&input, "repo")?)?;
    account.check_commit(&input)?;
    let writes = input["writes"].as_array().map_or(&[][..], Vec::as_slice);
    if writes.len() > MAX_WRITES {
        return Err(Refusal::invalid(format!("Too many writes. Max: {MAX_WRITES}")));
    }
    let changes = writes.iter().map(change).collect::<Checked<Vec<_>>>()?;
    let uri = |change: &Change| format!("at://{}/{}", account.did, change.path());
    let kinds: Vec<(&str, String)> = changes.iter().map(|c| (result(&c.action), uri(c))).collect();
    let cids = account.change(&changes)?;
    let results = kinds.into_iter().zip(cids).map(|((kind, uri), cid)| match cid {
        Some(cid) => json!({
            "$type": kind, "uri": uri, "cid": cid.to_string(), "validationStatus": "unknown"
        }),
        None => json!({"$type": kind}),
    });
    let results: Vec<Value> = results.collect();
    Ok(Reply::Json(json!({"commit": account.repository.commit(), "results": results})))
}

fn change(write: &Value) -> Checked<Change> {
    let value = || write["value"].clone();
    let action = match text(write, "$type")? {
        "com.atproto.repo.applyWrites#create" => Action::Create(value()),
        "com.atproto.repo.applyWrites#update" => Action::Update(value()),
        "com.atproto.repo.applyWrites#delete" => Action::Delete,
        _ => return Err(Refusal::invalid("Action not supported")),
    };
    if !matches!(action, Action::Create(_)) {
        text(write, "rkey")?;
    }
    Ok(Change { collection: collection(write)?, rkey: rkey(write)?, action })
}

const fn result(action: &Action) -> &'static str {
    match action {
        Action::Create(_) => "com.atproto.repo.applyWrites#createResult",
        Action::Update(_) => "com.atproto.repo.applyWrites#updateResult",
        Action::Delete => "com.atproto.repo.applyWrites#deleteResult",
    }
}

pub(super) fn get(state: &State, call: &Call) -> Answer {
    let unknown = |_| Refusal::invalid("Could not locate record");
    let account = state.repository(call, call.param("repo")?).map_err(unknown)?;
    let path = format!("{}/{}", call.param("collection")?, call.param("rkey")?);
    let uri = format!("at://{}/{path}", account.did);
    let wanted = |cid: Cid| call.optional("cid").is_none_or(|wanted| wanted == cid.to_string());
    let record = account.repository.record(&path).filter(|record| wanted(record.cid));
    let missing = || Refusal::new(400, "RecordNotFound", format!("Could not locate record: {uri}"));
    let record = record.ok_or_else(missing)?;
    Ok(Reply::Json(json!({"uri": uri, "cid": record.cid.to_string(), "value": record.value})))
}

/// The newest first. A page that has records has a cursor, the last one too.
pub(super) fn list(state: &State, call: &Call) -> Answer {
    let account = state.repository(call, call.param("repo")?)?;
    let collection = call.param("collection")?;
    let (limit, cursor) = (call.limit(50, 100)?, call.optional("cursor"));
    let forward = call.optional("reverse") == Some("true");
    let mut all: Vec<_> = account.repository.collection(collection).collect();
    if !forward {
        all.reverse();
    }
    let beyond = |rkey: &str| {
        cursor.is_none_or(|cursor| if forward { rkey > cursor } else { rkey < cursor })
    };
    let page: Vec<_> = all.into_iter().filter(|(rkey, _)| beyond(rkey)).take(limit).collect();
    let shown = |(rkey, record): &(&str, &super::repository::Record)| {
        let uri = format!("at://{}/{collection}/{rkey}", account.did);
        json!({"uri": uri, "cid": record.cid.to_string(), "value": record.value})
    };
    let mut output = json!({"records": page.iter().map(shown).collect::<Vec<_>>()});
    if let Some((last, _)) = page.last() {
        output["cursor"] = Value::from(*last);
    }
    Ok(Reply::Json(output))
}

pub(super) fn describe(state: &State, call: &Call) -> Answer {
    let account = state.repository(call, call.param("repo")?)?;
    let paths = account.repository.records().keys();
    let collections: BTreeSet<_> = paths.filter_map(|path| path.split('/').next()).collect();
    Ok(Reply::Json(json!({
        "handle": account.handle.as_str(),
        "did": account.did.as_str(),
        "didDoc": account.document(),
        "collections": collections,
        "handleIsCorrect": true,
    })))
}
