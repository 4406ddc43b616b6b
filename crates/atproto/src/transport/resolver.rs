//! Name resolution that gives no address that must not be reached.

use super::guard::{Blocked, Guard};
use crate::error::Result;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::SocketAddr;
use std::sync::Arc;

/// The system's name resolution under a guard. The connection is made to the addresses that were
/// checked, so that a second answer of DNS changes nothing.
pub(crate) struct Guarded {
    pub(crate) guard: Guard,
    /// Whether hosts that the user named may be anywhere.
    pub(crate) trusts_named: bool,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.guard.clone();
        let trusted = self.trusts_named && guard.names_host(name.as_str());
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.collect();
            match found.iter().find(|address| !trusted && !guard.admits(address.ip())) {
                Some(address) => Err(Blocked(address.ip()).into()),
                None => Ok(Box::new(found.into_iter()) as Addrs),
            }
        })
    }
}

impl Guard {
    /// Whether a URL may be asked at all.
    ///
    /// # Errors
    /// [`Error::Forbidden`](crate::Error::Forbidden): no TLS, or a private address, and the user
    /// has not named it.
    pub fn check(&self, url: &url::Url) -> Result<()> {
        self.admit(url).map(|_| ())
    }

    /// Name resolution for other clients of URLs that were learnt from the network. It does not see
    /// addresses that a URL itself has: [`Guard::check`] does, before each request and redirect.
    #[must_use]
    pub fn resolver(&self) -> Arc<dyn Resolve> {
        Arc::new(Guarded { guard: self.clone(), trusts_named: true })
    }
}
