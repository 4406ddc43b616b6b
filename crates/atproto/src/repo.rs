//! One repository, as everybody may read it.

mod blob;
mod fetched;
mod records;

pub use blob::BlobReader;
pub use fetched::{Fetched, Page};
pub use records::Records;

use crate::cid::{self, Cid};
use crate::error::{Error, Result};
use crate::identity::Identity;
use crate::network::Network;
use crate::syntax::{AtUri, Nsid, RecordKey};
use crate::transport::Request;
use crate::xrpc::{Refusal, Xrpc};
use serde_json::Value;
use std::sync::{Arc, PoisonError, RwLock};

/// How many records a server gives at most at once.
pub const MOST_RECORDS: u32 = 100;

/// The most bytes of a record's proof.
const PROOF_CAP: u64 = 16 << 20;

/// A repository at the server that holds it. Clones share what they know; threads may share it.
///
/// ```no_run
/// use atdata_atproto::config::NetworkConfig;
/// use atdata_atproto::{Network, Nsid};
/// let network = Network::new(NetworkConfig::default())?;
/// let repo = network.repo("@alice.example.com")?;
/// for record in repo.records(&Nsid::parse("ac.foundation.dataset.record")?) {
///     let record = record?;
///     assert_eq!(atdata_atproto::cid::of_record(&record.value)?, record.cid);
/// }
/// # Ok::<(), atdata_atproto::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Repo {
    network: Arc<Network>,
    identity: Arc<RwLock<Arc<Identity>>>,
}

impl Repo {
    pub(crate) fn new(network: Arc<Network>, identity: Identity) -> Self {
        Self { network, identity: Arc::new(RwLock::new(Arc::new(identity))) }
    }

    /// Whose it is, and where; another server than before when the account has moved.
    #[must_use]
    pub fn identity(&self) -> Arc<Identity> {
        Arc::clone(&self.identity.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// A record. Its CID is that of its content, computed here.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Unverified`] when the server says another CID;
    /// [`Error::BadRecord`] for what cannot be a record.
    pub fn get(&self, collection: &Nsid, rkey: &RecordKey) -> Result<Fetched> {
        let did = self.identity().did.clone();
        let uri = AtUri::new(did.clone(), collection.clone(), rkey.clone());
        let params =
            [("repo", did.as_str()), ("collection", collection.as_str()), ("rkey", rkey.as_str())];
        let answer = self.ask("com.atproto.repo.getRecord", &params);
        match answer {
            Err(Error::NotFound(message)) => Err(Error::NotFound(format!("{uri}: {message}"))),
            answer => Fetched::read(answer?, &uri),
        }
    }

    /// All records of a collection, as many requests as it takes. A record that is broken is an
    /// error in its place, and the next one follows.
    #[must_use]
    pub fn records(&self, collection: &Nsid) -> Records {
        Records::new(self.clone(), collection.clone())
    }

    /// So many records of a collection, at most 100, the newest keys first unless `reverse`.
    ///
    /// # Errors
    /// As the server; a record that is broken is an error in its place.
    pub fn page(
        &self,
        collection: &Nsid,
        limit: u32,
        cursor: Option<&str>,
        reverse: bool,
    ) -> Result<Page> {
        let did = self.identity().did.clone();
        let limit = limit.clamp(1, MOST_RECORDS).to_string();
        let mut params =
            vec![("repo", did.as_str()), ("collection", collection.as_str()), ("limit", &limit)];
        params.extend(cursor.map(|cursor| ("cursor", cursor)));
        params.extend(reverse.then_some(("reverse", "true")));
        let answer = self.ask("com.atproto.repo.listRecords", &params)?;
        Page::read(answer, &did, collection).map_err(|message| self.bad_answer(message))
    }

    /// The collections that have records.
    ///
    /// # Errors
    /// As the server.
    pub fn collections(&self) -> Result<Vec<Nsid>> {
        let did = self.identity().did.clone();
        let answer = self.ask("com.atproto.repo.describeRepo", &[("repo", did.as_str())])?;
        let names = answer["collections"].as_array().into_iter().flatten();
        names.map(|name| Nsid::parse(name.as_str().unwrap_or_default())).collect()
    }

    /// A blob as a reader, verified when it was read to its end.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Syntax`] for CIDs that are not those of blobs.
    pub fn blob(&self, cid: &Cid) -> Result<BlobReader> {
        cid::check_blob(cid)?;
        let response = self.at_pds(|pds| {
            let request = Request { cap: u64::MAX, ..Request::get(self.url_at(pds, cid)) };
            pds.exchange(&request)
        });
        match response {
            Err(Error::NotFound(message)) => {
                Err(Error::NotFound(format!("the blob {cid} is not there: {message}")))
            }
            response => Ok(BlobReader::new(response?, *cid)),
        }
    }

    /// Where everybody may read a blob.
    #[must_use]
    pub fn blob_url(&self, cid: &Cid) -> String {
        self.url_at(&self.pds(), cid)
    }

    /// A record with what proves it: blocks from the signed commit down, as a CAR.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn record_proof(&self, collection: &Nsid, rkey: &RecordKey) -> Result<Vec<u8>> {
        let did = self.identity().did.clone();
        let params =
            [("did", did.as_str()), ("collection", collection.as_str()), ("rkey", rkey.as_str())];
        let answer = self.at_pds(|pds| {
            let url = pds.url("com.atproto.sync.getRecord", &params);
            pds.exchange(&Request { cap: PROOF_CAP, ..Request::get(url) })
        });
        answer?.bytes()
    }

    fn url_at(&self, pds: &Xrpc, cid: &Cid) -> String {
        let identity = self.identity();
        let cid = cid.to_string();
        pds.url("com.atproto.sync.getBlob", &[("did", identity.did.as_str()), ("cid", &cid)])
    }

    fn pds(&self) -> Xrpc {
        self.network.xrpc(&self.identity().pds)
    }

    fn ask(&self, method: &str, params: &[(&str, &str)]) -> Result<Value> {
        self.at_pds(|pds| pds.ask(method, params))
    }

    /// Asks the server; where it does not have the repository (any more), the account may have
    /// moved: it is looked up once more.
    fn at_pds<T>(
        &self,
        work: impl Fn(&Xrpc) -> Result<std::result::Result<T, Refusal>>,
    ) -> Result<T> {
        let pds = self.pds();
        match work(&pds)? {
            Err(refusal) if refusal.is_missing_repo() => match self.moved(pds.service())? {
                Some(pds) => work(&pds)?.map_err(Refusal::into_error),
                None => Err(refusal.into_error()),
            },
            answer => answer.map_err(Refusal::into_error),
        }
    }

    fn moved(&self, from: &str) -> Result<Option<Xrpc>> {
        let did = self.identity().did.clone();
        self.network.forget(&did);
        let now = self.network.identity(did.as_str())?;
        if now.pds == from {
            return Ok(None);
        }
        *self.identity.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(now);
        Ok(Some(self.pds()))
    }

    fn bad_answer(&self, message: impl Into<String>) -> Error {
        Error::BadAnswer { address: self.identity().pds.clone(), message: message.into() }
    }
}
