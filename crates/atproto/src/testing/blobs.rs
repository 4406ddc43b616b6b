//! Blobs: nobody sees one before a record refers to it, and it goes with the last that does.

use super::call::{Answer, Call, Checked, Refusal, Reply};
use super::network::State;
use super::repository::Records;
use crate::cid::{self, Cid};
use crate::value;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub(super) struct Blobs(BTreeMap<String, Blob>);

struct Blob {
    mime: String,
    bytes: Vec<u8>,
}

impl Blobs {
    /// The blobs that a record refers to, which must be here as it says.
    pub(super) fn named_in(&self, value: &Value) -> Checked<Vec<Cid>> {
        let mut found = Vec::new();
        self.collect(value, &mut found)?;
        Ok(found)
    }

    fn collect(&self, value: &Value, found: &mut Vec<Cid>) -> Checked<()> {
        match value {
            Value::Object(object) if value["$type"] == "blob" => {
                if let Some(cid) = object.get("ref").and_then(value::as_link) {
                    self.check(&cid, value)?;
                    found.push(cid);
                }
                Ok(())
            }
            Value::Object(object) => object.values().try_for_each(|item| self.collect(item, found)),
            Value::Array(items) => items.iter().try_for_each(|item| self.collect(item, found)),
            _ => Ok(()),
        }
    }

    fn check(&self, cid: &Cid, named: &Value) -> Checked<()> {
        let missing = || Refusal::new(400, "BlobNotFound", format!("Could not find blob: {cid}"));
        let blob = self.0.get(&cid.to_string()).ok_or_else(missing)?;
        let (mime, size) = (Value::from(blob.mime.as_str()), Value::from(blob.bytes.len()));
        same("InvalidMimeType", "Mimetype", &mime, &named["mimeType"])?;
        same("InvalidSize", "Size", &size, &named["size"])
    }

    /// Drops those that the old records name, and the new ones do not.
    pub(super) fn forget(&mut self, old: &Records, new: &Records) {
        let kept = named(new);
        for cid in named(old).difference(&kept) {
            self.0.remove(cid);
        }
    }

    /// Changes a byte.
    pub(super) fn corrupt(&mut self, cid: &Cid) -> bool {
        let byte = self.0.get_mut(&cid.to_string()).and_then(|blob| blob.bytes.first_mut());
        byte.map(|byte| *byte ^= 1).is_some()
    }
}

fn same(error: &'static str, what: &str, stored: &Value, named: &Value) -> Checked<()> {
    let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let (expected, got) = (shown(stored), shown(named));
    if expected == got {
        return Ok(());
    }
    let start = format!("Referenced {what} does not match stored blob");
    Err(Refusal::new(400, error, format!("{start}. Expected: {expected}, Got: {got}")))
}

fn named(records: &Records) -> BTreeSet<String> {
    records.values().flat_map(|record| &record.blobs).map(ToString::to_string).collect()
}

pub(super) fn upload(state: &mut State, call: &Call) -> Answer {
    let limit = state.blob_limit;
    let account = state.authorized(call)?;
    if call.body.len() as u64 > limit {
        return Err(Refusal::too_large());
    }
    let mime = call.header("content-type").unwrap_or("application/octet-stream").to_owned();
    let cid = cid::of_blob(&call.body);
    let (size, link) = (call.body.len(), value::link(&cid));
    let blob = json!({"$type": "blob", "ref": link, "mimeType": mime, "size": size});
    account.blobs.0.insert(cid.to_string(), Blob { mime, bytes: call.body.clone() });
    Ok(Reply::Json(json!({"blob": blob})))
}

pub(super) fn get(state: &State, call: &Call) -> Answer {
    let account = state.synced(call)?;
    let cid = call.param("cid")?;
    let missing = || Refusal::invalid("Blob not found");
    let visible = named(account.repository.records()).contains(cid);
    let blob = account.blobs.0.get(cid).filter(|_| visible).ok_or_else(missing)?;
    Ok(Reply::bytes(&blob.mime, &blob.bytes))
}

pub(super) fn list(state: &State, call: &Call) -> Answer {
    let account = state.synced(call)?;
    let (limit, cursor) = (call.limit(500, 1000)?, call.optional("cursor").unwrap_or_default());
    let all = named(account.repository.records());
    let page: Vec<String> =
        all.into_iter().filter(|cid| *cid.as_str() > *cursor).take(limit).collect();
    let mut output = json!({"cids": page});
    if let Some(last) = page.last() {
        output["cursor"] = Value::from(last.as_str());
    }
    Ok(Reply::Json(output))
}
