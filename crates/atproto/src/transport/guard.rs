//! Who may be asked: the public network with TLS, and what the user's own configuration names.

use super::address::is_public;
use crate::config::NetworkConfig;
use crate::error::{Error, Result};
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use url::{Host, Url};

/// A host, and its port if it is one of them.
type Named = (String, Option<u16>);

/// What may be reached. Clones share what is allowed later.
#[derive(Debug, Clone)]
pub struct Guard {
    hosts: Arc<Mutex<BTreeSet<Named>>>,
    loopback: bool,
}

/// How a URL may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    /// The user named it: whatever its name resolves to.
    Named,
    /// What its name resolves to must be public.
    Public,
}

impl Guard {
    /// What a configuration allows.
    ///
    /// # Errors
    /// [`Error::Syntax`] for addresses in it that are none.
    pub fn new(config: &NetworkConfig) -> Result<Self> {
        let loopback = config.allow_private.iter().any(|host| host == "loopback");
        let guard = Self { hosts: Arc::default(), loopback };
        config.addresses().try_for_each(|address| guard.allow(address))?;
        let private = config.allow_private.iter().filter(|host| *host != "loopback");
        private.map(|host| parse_host(host)).try_for_each(|host| {
            guard.insert(host?);
            Ok(())
        })?;
        Ok(guard)
    }

    /// Allows the host and port of a URL which the user named.
    ///
    /// # Errors
    /// [`Error::Syntax`] when it is no URL of a server.
    pub fn allow(&self, url: &str) -> Result<()> {
        let url = web_url(url)?;
        let host = url.host_str().unwrap_or_default().to_owned();
        self.insert((host, url.port_or_known_default()));
        Ok(())
    }

    fn insert(&self, host: Named) {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner).insert(host);
    }

    /// Whether a URL may be asked, and how. What its name resolves to is not known here.
    pub(crate) fn admit(&self, url: &Url) -> Result<Admission> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(forbidden(url, "it holds a user's name"));
        }
        if self.names(url) {
            return Ok(Admission::Named);
        }
        if let Some(address) = literal(url).filter(|address| !is_public(*address)) {
            return Err(private(url, address));
        }
        if url.scheme() != "https" {
            let message = format!("it is without TLS; {}", advice(url));
            return Err(forbidden(url, &message));
        }
        Ok(Admission::Public)
    }

    fn names(&self, url: &Url) -> bool {
        let Some(host) = url.host_str().filter(|_| matches!(url.scheme(), "http" | "https")) else {
            return false;
        };
        let hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let port = url.port_or_known_default();
        let named = |port| hosts.contains(&(host.to_owned(), port));
        named(port) || named(None) || (self.loopback && is_loopback(url))
    }

    /// Whether the user named a host, on whatever port.
    pub(crate) fn names_host(&self, name: &str) -> bool {
        let hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        hosts.iter().any(|(host, _)| host == name)
    }

    /// Whether a name that nobody named may lead to an address.
    pub(crate) fn admits(&self, address: IpAddr) -> bool {
        is_public(address) || (self.loopback && address.is_loopback())
    }
}

/// An address that a name resolved to and that must not be reached.
#[derive(Debug, thiserror::Error)]
#[error("it resolves to the private address {0}")]
pub(crate) struct Blocked(pub(crate) IpAddr);

impl Blocked {
    /// The error about it.
    pub(crate) fn error(&self, url: &Url) -> Error {
        private(url, self.0)
    }
}

fn private(url: &Url, address: IpAddr) -> Error {
    let message = format!("it is at the private address {address}; {}", advice(url));
    forbidden(url, &message)
}

fn advice(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    format!("if it is yours, allow it with ATDATA_ALLOW_PRIVATE={host}:{port}")
}

fn forbidden(url: &Url, message: &str) -> Error {
    Error::Forbidden { address: shown(url), message: message.to_owned() }
}

/// A URL for the words of an error: what stands in its query or before an `@` may be secret.
pub(crate) fn shown(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path())
}

/// A URL of a web server.
pub(crate) fn web_url(text: &str) -> Result<Url> {
    let wrong = |why: &str| {
        let shown: String =
            text.split(['?', '@']).next().unwrap_or_default().chars().take(100).collect();
        Error::Syntax(format!("{shown:?} is not the address of a server: {why}"))
    };
    let url = Url::parse(text).map_err(|error| wrong(&error.to_string()))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        _ => Err(wrong("it begins with https://")),
    }
}

fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    }
}

fn is_loopback(url: &Url) -> bool {
    let local = |host: &str| host == "localhost" || host.ends_with(".localhost");
    literal(url).map_or_else(|| url.host_str().is_some_and(local), |address| address.is_loopback())
}

/// `host`, `host:port`, or an address of either kind, as a URL would have it.
fn parse_host(text: &str) -> Result<Named> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok((in_url(address), None));
    }
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Ok((in_url(address.ip()), Some(address.port())));
    }
    let wrong = || {
        Error::Syntax(format!(
            "ATDATA_ALLOW_PRIVATE: {text:?} is not a host, host:port or loopback"
        ))
    };
    let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    let port = port.map(str::parse).transpose().map_err(|_| wrong())?;
    match Host::parse(host).map_err(|_| wrong())? {
        Host::Domain(name) => Ok((name, port)),
        address => Ok((address.to_string(), port)),
    }
}

fn in_url(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}
