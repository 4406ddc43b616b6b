//! Which network this is: its directory, its resolver, and what may be reached of it.

pub use crate::patience::Patience;

use std::net::SocketAddr;

/// The directory of the public network.
const PLC: &str = "https://plc.directory";
/// What knows the handles of the public network that nothing else knows.
const APPVIEW: &str = "https://public.api.bsky.app";

/// Which network this is. The default is the public one.
///
/// Every address in here is the user's own word, and may be reached even when it is private or
/// without TLS: exactly that host and port.
///
/// ```
/// use atdata_atproto::config::NetworkConfig;
/// let variables = |name: &str| (name == "ATDATA_PLC").then(|| "http://localhost:2585".to_owned());
/// let config = NetworkConfig::from_variables(variables);
/// assert_eq!(config.plc, "http://localhost:2585");
/// assert_eq!(NetworkConfig::default().plc, "https://plc.directory");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkConfig {
    /// The directory of `did:plc`.
    pub plc: String,
    /// The service that alone is asked what a handle is; without one it is DNS, then the handle's
    /// web server, then `appview`.
    pub resolver: Option<String>,
    /// The service that is asked for handles that DNS and web servers do not know.
    pub appview: Option<String>,
    /// The service to log in at when an account's own cannot be found.
    pub service: Option<String>,
    /// What may be reached although it is private or without TLS: `host`, `host:port`, `loopback`.
    pub allow_private: Vec<String>,
    /// The DNS server that is asked about handles, rather than the system's.
    pub nameserver: Option<SocketAddr>,
    /// How long to wait, and how often to try.
    pub patience: Patience,
}

impl Default for NetworkConfig {
    fn default() -> Self {
        Self {
            plc: PLC.to_owned(),
            resolver: None,
            appview: Some(APPVIEW.to_owned()),
            service: None,
            allow_private: Vec::new(),
            nameserver: None,
            patience: Patience::default(),
        }
    }
}

impl NetworkConfig {
    /// What variables say: `ATDATA_PLC`, `ATDATA_HANDLE_RESOLVER`, `ATDATA_PDS`, and
    /// `ATDATA_ALLOW_PRIVATE` (with commas). The caller reads the environment, or whatever it has.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).map(|value| value.trim().to_owned());
        let set = |name: &str| set(name).filter(|value| !value.is_empty());
        let allowed = set("ATDATA_ALLOW_PRIVATE").unwrap_or_default();
        let allowed = allowed.split(',').map(str::trim).filter(|host| !host.is_empty());
        Self {
            plc: set("ATDATA_PLC").unwrap_or_else(|| PLC.to_owned()),
            resolver: set("ATDATA_HANDLE_RESOLVER"),
            service: set("ATDATA_PDS"),
            allow_private: allowed.map(str::to_owned).collect(),
            ..Self::default()
        }
    }

    /// Every address that the user named.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = &str> {
        let optional = [&self.resolver, &self.appview, &self.service];
        std::iter::once(self.plc.as_str()).chain(optional.into_iter().flatten().map(String::as_str))
    }
}
