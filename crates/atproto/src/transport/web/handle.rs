//! What requests of one process run on.

use crate::error::{Error, Result};
use crate::patience::Patience;
use crate::transport::guard::{Admission, Guard};
use crate::transport::resolver::Guarded;
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};
use std::future::Future;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

const AGENT: &str = concat!("atdata/", env!("CARGO_PKG_VERSION"));

/// Shorter than servers keep an idle connection: nobody watches ours between two requests.
const IDLE: Duration = Duration::from_secs(4);

/// How often the runtime turns until it has seen what happened to connections, and told them.
const TURNS: usize = 3;

/// A runtime and clients. Several threads may drive it at once.
pub(super) struct Handle {
    named: Client,
    public: Client,
    // Last: the clients are closed before what they run on.
    runtime: Runtime,
}

impl Handle {
    pub(super) fn new(guard: &Guard, patience: &Patience) -> Result<Self> {
        // Whoever came first has installed one that does as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let built = Builder::new_current_thread().enable_all().build();
        let runtime = built.map_err(|error| Error::io("start a runtime", error))?;
        let builder = || Client::builder().connect_timeout(patience.connect);
        let named = client(builder)?;
        let guarded = || Guarded { guard: guard.clone(), trusts_named: false };
        let public = client(|| builder().dns_resolver(guarded()))?;
        Ok(Self { named, public, runtime })
    }

    /// Runs a future on this thread, and what others wait for meanwhile, unless who waits stops it.
    pub(super) fn run<T>(&self, work: impl Future<Output = T>) -> Result<T> {
        atdata_waiting::run(&self.runtime, work)
            .map_err(|error| Error::io("wait for the network", error))
    }

    /// Looks at the idle connections, which nobody watched since the last request: one that the
    /// server has closed meanwhile must not be taken for the next.
    pub(super) fn look_around(&self) {
        self.runtime.block_on(async {
            for _ in 0..TURNS {
                tokio::task::yield_now().await;
            }
        });
    }

    pub(super) const fn client(&self, admission: Admission) -> &Client {
        match admission {
            Admission::Named => &self.named,
            Admission::Public => &self.public,
        }
    }
}

fn client(builder: impl Fn() -> ClientBuilder) -> Result<Client> {
    // Redirects are followed by hand, each checked; through a proxy, nobody could check addresses.
    let builder = || {
        let builder = builder().user_agent(AGENT).http1_only().referer(false).no_proxy();
        builder.redirect(Policy::none()).pool_idle_timeout(IDLE)
    };
    // A machine without root certificates can still talk to servers without TLS.
    let built = builder().build().or_else(|_| builder().tls_certs_only([]).build());
    built.map_err(|_| Error::Unreachable {
        address: "the network".to_owned(),
        message: "TLS cannot be set up here; install the root certificates".to_owned(),
    })
}
