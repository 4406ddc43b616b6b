//! What is known of a record beyond its server's word.

use super::records::Record;
use super::{Atmosphere, Found};
use crate::error::Result;
use atdata_atproto::{Error, proof};

impl Atmosphere {
    /// Checks a record against the commit that its owner's key has signed: the server proves that the
    /// record is in the repository, and is this one.
    ///
    /// # Errors
    /// [`Error::Network`](crate::Error::Network) for a proof that is wrong, or that proves another record.
    pub fn verify_in_repository<R: Record>(&self, found: &Found<R>) -> Result<()> {
        let repo = self.repo(Some(found.uri.authority()))?;
        let identity = repo.identity();
        let unverified = |message: &str| Error::Unverified {
            what: format!("{} ({})", found.uri, found.cid),
            message: message.to_owned(),
        };
        let key = identity.signing_key.as_deref();
        let key = key.ok_or_else(|| unverified("its owner's document has no signing key"))?;
        let (collection, rkey) = (found.uri.collection(), found.uri.rkey());
        let car = repo.record_proof(collection, rkey)?;
        let proven = proof::verify_record(&car, &identity.did, key, collection, rkey)?;
        if proven.cid == found.cid {
            return Ok(());
        }
        Err(unverified(&format!("its owner has signed {} instead", proven.cid)).into())
    }
}
