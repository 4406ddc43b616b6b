//! What data sets of `science.alt` say in words of their own: metadata and manifests.

use super::members::object_or_packed;
use crate::error::Result;
use atdata_atproto::value;
use atdata_format::Value as Packed;
use serde_json::{Value, json};

/// Where an object has what today's readers have no word for.
const CUSTOM: &str = "custom";
/// A manifest's two files: what we call them, and what today's records do.
const MANIFEST: [(&str, &str); 2] = [("json", "header"), ("parquet", "samples")];

/// Metadata where today's readers look for it, as far as an object can hold it; else packed.
pub(super) fn custom(metadata: &Packed) -> Result<Value> {
    let value = object_or_packed(metadata)?;
    Ok(if value::as_bytes(&value).is_some() { value } else { json!({CUSTOM: value}) })
}

/// Metadata of an object, that under `custom` with the rest.
pub(super) fn uncustom(metadata: Packed) -> Packed {
    let Packed::Map(pairs) = metadata else { return metadata };
    let is_custom = |(key, item): &(Packed, Packed)| matches!((key, item), (Packed::Str(key), Packed::Map(_)) if key == CUSTOM);
    let (custom, mut all): (Vec<_>, Vec<_>) = pairs.into_iter().partition(is_custom);
    for (_, inner) in custom {
        let Packed::Map(inner) = inner else { continue };
        all.extend(inner);
    }
    Packed::Map(all)
}

/// The shards' manifests by their names in today's records.
pub(super) fn manifests(ours: Value) -> Value {
    MANIFEST.iter().fold(ours, |all, (ours, todays)| renamed(all, ours, todays))
}

/// The shards' manifests by our names.
pub(super) fn our_manifests(todays: Value) -> Value {
    MANIFEST.iter().fold(todays, |all, (ours, todays)| renamed(all, todays, ours))
}

/// A list of objects, in each of which one member has another name.
fn renamed(list: Value, from: &str, to: &str) -> Value {
    let Value::Array(mut items) = list else { return list };
    for map in items.iter_mut().filter_map(Value::as_object_mut) {
        let found = map.remove(from);
        map.extend(found.map(|value| (to.to_owned(), value)));
    }
    Value::Array(items)
}
