//! What a data set is, wherever it is stored.

use crate::error::Result;
use atdata_format::cid::cid_of;
use atdata_format::schema::{Field, FieldType, LOCAL, Schema};
use serde_json::json;
use std::fmt::Write;

/// The identifier of a data set's content: of its schema's fields and its shards' hashes, in order.
/// The same samples have it on every disk and under every name. What is said of arrays is a hint,
/// and no part of it.
///
/// # Errors
/// None in practice: text always has DAG-CBOR.
pub(crate) fn content_cid<'a>(
    schema: &Schema,
    checksums: impl IntoIterator<Item = &'a str>,
) -> Result<String> {
    let shards: Vec<&str> = checksums.into_iter().collect();
    let mut plain = Schema::new("");
    plain.fields = schema.fields.iter().map(without_hints).collect();
    let content = json!({ "fields": plain.fields_to_json(LOCAL), "shards": shards });
    Ok(cid_of(&content)?.to_string())
}

fn without_hints(field: &Field) -> Field {
    let ty = match &field.ty {
        FieldType::Array { .. } => FieldType::array(),
        other => other.clone(),
    };
    Field { ty, description: None, has_default: false, encoding: None, ..field.clone() }
}

/// A hash as lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
