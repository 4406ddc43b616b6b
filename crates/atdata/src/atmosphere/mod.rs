//! Data sets on the AT Protocol: published under one's own identity, found and loaded by others.
//!
//! A data set is a record in its publisher's repository, which names the record of its schema; its
//! shards are blobs on the publisher's server, or files at any address. [`Atmosphere`] reads all
//! repositories and, logged in, writes one.
//!
//! ```
//! use atdata::atmosphere::Atmosphere;
//! use atdata::atproto::testing::LocalAtmosphere;
//! use atdata::schema::{Field, FieldType, Schema};
//!
//! # fn main() -> atdata::Result<()> {
//! let network = LocalAtmosphere::new();
//! network.account("alice.test", "app-password")?;
//! let alice = Atmosphere::login(network.network(), "alice.test", "app-password", None)?;
//!
//! let mut schema = Schema::new("Text");
//! schema.fields.push(Field::new("text", FieldType::Str));
//! let published = alice.publish_schema(&schema, None)?;
//! assert_eq!(alice.schema(&published.uri.to_string())?.record.schema.fields, schema.fields);
//! # Ok(())
//! # }
//! ```

mod collections;
mod datasets;
mod entries;
mod found;
mod import;
mod insert;
mod lenses;
mod lexicons;
mod moment;
mod promote;
mod reachable;
mod records;
mod schemas;
mod verified;

pub use collections::{Lexicons, RecordKind, scopes};
pub use datasets::{About, Publishing, SchemaFor};
pub use found::Found;
pub use insert::Place;
pub use promote::Promotion;
pub use reachable::check_readable;
pub use records::{
    CodeRef, DatasetRecord, ExternalShard, LabelRecord, LensRecord, Link, Record, SchemaRecord,
    Size, Storage,
};

use crate::error::{Error, Result};
use crate::store::{PdsStore, UploadJournal};
use atdata_atproto::{Client, Network, Repo};
use std::sync::Arc;

/// The network, and perhaps an account on it. It is cheap to clone, is shared by threads, and
/// survives a `fork`.
#[derive(Debug, Clone)]
pub struct Atmosphere {
    network: Arc<Network>,
    client: Option<Arc<Client>>,
    lexicons: Lexicons,
    journal: UploadJournal,
}

impl Atmosphere {
    /// The network without an account: it reads.
    #[must_use]
    pub fn reading(network: Arc<Network>) -> Self {
        let (lexicons, journal) = (Lexicons::default(), UploadJournal::at_home());
        Self { network, client: None, lexicons, journal }
    }

    /// The network with an account that is logged in.
    #[must_use]
    pub fn with_client(client: Arc<Client>) -> Self {
        let reading = Self::reading(Arc::clone(client.network()));
        Self { client: Some(client), ..reading }
    }

    /// Logs in with an app password; `service` is the account's server where it is not to be asked
    /// for.
    ///
    /// # Errors
    /// [`Error::Network`]: a wrong password, an account that is not there.
    pub fn login(
        network: Arc<Network>,
        handle: &str,
        password: &str,
        service: Option<&str>,
    ) -> Result<Self> {
        Ok(Self::with_client(Arc::new(Client::login(network, handle, password, service)?)))
    }

    /// The same, which writes the collections of these lexicons.
    #[must_use]
    pub const fn with_lexicons(mut self, lexicons: Lexicons) -> Self {
        self.lexicons = lexicons;
        self
    }

    /// The same, which keeps what was uploaded and not yet published in another journal.
    #[must_use]
    pub fn with_journal(mut self, journal: UploadJournal) -> Self {
        self.journal = journal;
        self
    }

    /// The blobs of the account, as a store for shards.
    ///
    /// # Errors
    /// [`Error::Network`] when nobody is logged in.
    pub fn blobs(&self) -> Result<PdsStore> {
        let store = PdsStore::new(Arc::clone(self.client()?));
        Ok(store.with_journal(self.journal.clone()))
    }

    /// Which collections are written.
    #[must_use]
    pub const fn lexicons(&self) -> Lexicons {
        self.lexicons
    }

    /// The network.
    #[must_use]
    pub const fn network(&self) -> &Arc<Network> {
        &self.network
    }

    /// The account.
    ///
    /// # Errors
    /// [`Error::Network`] when nobody is logged in.
    pub fn client(&self) -> Result<&Arc<Client>> {
        self.client.as_ref().ok_or_else(|| {
            let message =
                "nobody is logged in; log in first, with an app password or `atdata login`";
            Error::Network(atdata_atproto::Error::NotLoggedIn(message.to_owned()))
        })
    }

    /// The repository of a handle or DID; one's own where there is none.
    ///
    /// # Errors
    /// [`Error::Network`]: a handle that is not there, or does not point back.
    pub fn repo(&self, who: Option<&str>) -> Result<Repo> {
        match who {
            Some(who) => Ok(self.network.repo(who.strip_prefix('@').unwrap_or(who))?),
            None => Ok(self.client()?.repo()?),
        }
    }
}
