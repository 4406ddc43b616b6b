//! Data sets on real servers of the AT Protocol, two of them, with an account on each.

mod hostile;
mod promotion;
mod publishing;
mod todays;

use crate::servers::{self, Server};
use atdata::atmosphere::Atmosphere;
use atdata::atproto::config::NetworkConfig;
use atdata::atproto::transport::web::WebTransport;
use atdata::atproto::transport::{Guard, Request, Response, Transport};
use atdata::atproto::{Network, Result as NetworkResult};
use atdata::schema::Schema;
use atdata::store::UploadJournal;
use atdata::{Dataset, Sample};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

/// What most tests publish.
#[derive(Sample, Debug, Clone, PartialEq)]
pub struct Text {
    pub text: String,
    pub number: i64,
}

pub fn texts(count: i64) -> impl Iterator<Item = Text> {
    (0..count).map(|number| Text { text: format!("text {number}"), number })
}

/// The servers that the tests of this process share. Each test makes accounts of its own.
pub struct Servers {
    server: Server,
    accounts: AtomicUsize,
}

pub fn servers() -> Option<&'static Servers> {
    static SHARED: OnceLock<Option<Servers>> = OnceLock::new();
    let make = || {
        let server = servers::start("atproto", &["--pds", "2"])?;
        Some(Servers { server, accounts: AtomicUsize::new(0) })
    };
    SHARED.get_or_init(make).as_ref()
}

impl Servers {
    pub fn pds(&self, number: usize) -> String {
        self.server.about["pds"][number].as_str().unwrap().to_owned()
    }

    pub fn config(&self) -> NetworkConfig {
        let environment = self.server.about["environment"].clone();
        NetworkConfig::from_variables(|name| environment[name].as_str().map(str::to_owned))
    }

    pub fn network(&self) -> Arc<Network> {
        Network::new(self.config()).unwrap()
    }

    /// A new account on a server: its handle. Its password is `password`.
    pub fn account(&self, pds: usize) -> String {
        let number = self.accounts.fetch_add(1, Ordering::Relaxed);
        let handle = format!("user{number}.test");
        let body = serde_json::json!({
            "handle": handle, "email": format!("{handle}@example.com"), "password": "password",
        });
        let network = self.network();
        network.xrpc(&self.pds(pds)).procedure("com.atproto.server.createAccount", &body).unwrap();
        handle
    }

    pub fn login(&self, handle: &str) -> Atmosphere {
        let alice = Atmosphere::login(self.network(), handle, "password", None).unwrap();
        alice.with_journal(UploadJournal::default())
    }

    /// Somebody who is not logged in.
    pub fn reader(&self) -> Atmosphere {
        Atmosphere::reading(self.network())
    }
}

/// The real transport, with a hand in it: it sees every request, and may change the answer.
pub struct Meddling {
    real: WebTransport,
    seen: Mutex<Vec<String>>,
    meddle: Box<Meddle>,
}

type Meddle = dyn Fn(&Request, NetworkResult<Response>) -> NetworkResult<Response> + Send + Sync;

impl std::fmt::Debug for Meddling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Meddling")
    }
}

impl Meddling {
    pub fn new(
        servers: &Servers,
        meddle: impl Fn(&Request, NetworkResult<Response>) -> NetworkResult<Response>
        + Send
        + Sync
        + 'static,
    ) -> Arc<Self> {
        let config = servers.config();
        let real = WebTransport::new(Guard::new(&config).unwrap(), config.patience);
        Arc::new(Self { real, seen: Mutex::default(), meddle: Box::new(meddle) })
    }

    /// How many requests there were of a method of the protocol.
    pub fn count(&self, method: &str) -> usize {
        self.seen.lock().unwrap().iter().filter(|url| url.contains(method)).count()
    }

    pub fn network(self: &Arc<Self>, servers: &Servers) -> Arc<Network> {
        Network::over(servers.config(), Arc::clone(self) as Arc<dyn Transport>).unwrap()
    }
}

impl Transport for Meddling {
    fn send(&self, request: &Request) -> NetworkResult<Response> {
        self.seen.lock().unwrap().push(request.url.clone());
        (self.meddle)(request, self.real.send(request))
    }
}

pub fn read<T: Sample>(dataset: &Dataset<T>) -> Vec<T> {
    dataset.ordered().into_iter().map(Result::unwrap).collect()
}

pub fn schema_of<T: Sample>() -> Schema {
    T::schema()
}

/// The SHA-256 of a file, in hex.
pub fn sha256_of(path: &std::path::Path) -> String {
    let cid = atdata::atproto::cid::of_blob(&std::fs::read(path).unwrap());
    let hash = atdata::atproto::cid::sha256(&cid).unwrap();
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
