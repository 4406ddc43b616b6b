//! Texts in DNS.

use hickory_resolver::config::{NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;
use hickory_resolver::{Resolver, TokioResolver};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::runtime::Builder;

/// How long one server may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// The texts at a name, asked of the system's servers or of this one; or why there are none.
///
/// Everything is made anew each time: it is asked rarely, and nothing stays that a fork would break.
pub(super) fn texts(name: &str, server: Option<SocketAddr>) -> Result<Vec<String>, String> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let resolver = resolver(server)?;
        // Rooted, so that no search domain of this machine is tried.
        let answer =
            resolver.txt_lookup(format!("{name}.")).await.map_err(|error| error.to_string())?;
        let texts = answer.answers().iter().filter_map(|record| match &record.data {
            RData::TXT(text) => {
                let parts = text.txt_data.iter().map(|part| String::from_utf8_lossy(part));
                Some(parts.collect::<String>())
            }
            _ => None,
        });
        Ok(texts.collect())
    })
}

fn resolver(server: Option<SocketAddr>) -> Result<TokioResolver, String> {
    let provider = TokioRuntimeProvider::default();
    let mut builder = match server {
        Some(address) => {
            let mut server = NameServerConfig::udp_and_tcp(address.ip());
            server.connections.iter_mut().for_each(|way| way.port = address.port());
            let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
            Resolver::builder_with_config(config, provider)
        }
        None => Resolver::builder(provider).map_err(|error| error.to_string())?,
    };
    limit(builder.options_mut());
    builder.build().map_err(|error| error.to_string())
}

fn limit(options: &mut ResolverOpts) {
    options.timeout = PATIENCE;
    options.attempts = 1;
    options.cache_size = 0;
}
