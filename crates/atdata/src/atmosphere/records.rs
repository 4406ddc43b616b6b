//! What records hold, typed; to JSON of either lexicons, and back from any.

mod dataset;
mod json_schema;
mod lens;
mod members;
mod schema;
mod storage;
mod todays;

pub use dataset::{DatasetRecord, Size};
pub use lens::{CodeRef, LabelRecord, LensRecord};
pub use schema::SchemaRecord;
pub use storage::{ExternalShard, Storage};

use super::collections::{Lexicons, RecordKind};
use crate::error::Result;
use atdata_atproto::cid::Cid;
use serde_json::Value;
use std::time::SystemTime;

/// A kind of record.
pub trait Record: Sized {
    /// Which kind.
    const KIND: RecordKind;

    /// What people call it.
    fn name(&self) -> &str;

    /// The record as JSON, with its `$type`.
    ///
    /// # Errors
    /// What these lexicons cannot say.
    fn to_value(&self, lexicons: Lexicons) -> Result<Value>;

    /// Reads the record; members that it does not know are passed over.
    ///
    /// # Errors
    /// [`Error::BadIndex`](crate::Error::BadIndex), naming the member.
    fn from_value(value: &Value, lexicons: Lexicons) -> Result<Self>;
}

/// Another record: its address, and what it was when this one was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its at-uri.
    pub uri: String,
    /// Its CID, where the record says it.
    pub cid: Option<Cid>,
}

/// The time, as records say it.
pub(super) fn now() -> String {
    humantime::format_rfc3339_millis(SystemTime::now()).to_string()
}
