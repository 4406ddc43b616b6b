//! Our lexicons: every record is checked against them before it is published.

use crate::error::Result;
use atdata_atproto::Nsid;
use atdata_atproto::lexicon::Lexicons;
use serde_json::Value;
use std::sync::OnceLock;

macro_rules! files {
    ($($path:literal),+ $(,)?) => {
        [$(include_str!(concat!("../../../../lexicons/", $path, ".json"))),+]
    };
}

/// The files of `lexicons/`.
const FILES: [&str; 15] = files![
    "ac/foundation/dataset/label",
    "ac/foundation/dataset/lens",
    "ac/foundation/dataset/record",
    "ac/foundation/dataset/sampleSchema",
    "ac/foundation/dataset/schemaType",
    "ac/foundation/dataset/storageBlobs",
    "ac/foundation/dataset/storageExternal",
    "science/alt/dataset/entry",
    "science/alt/dataset/label",
    "science/alt/dataset/lens",
    "science/alt/dataset/lensVerification",
    "science/alt/dataset/schema",
    "science/alt/dataset/storageBlobs",
    "science/alt/dataset/storageHttp",
    "science/alt/dataset/storageS3",
];

/// Whether a record follows the lexicon of its collection.
///
/// # Errors
/// [`Error::Network`](crate::Error::Network), naming the member that does not.
pub(super) fn check(collection: &Nsid, record: &Value) -> Result<()> {
    static LEXICONS: OnceLock<Option<Lexicons>> = OnceLock::new();
    let lexicons = LEXICONS.get_or_init(|| Lexicons::parse(FILES).ok());
    let lexicons = lexicons.as_ref().unwrap_or_else(|| unreachable!("our lexicons are right"));
    Ok(lexicons.validate(collection, record)?)
}
