//! Which web servers may be asked, where the addresses come from strangers.

use reqwest::Url;
use reqwest::dns::Resolve;
use std::fmt::Debug;
use std::sync::Arc;

/// Says which web servers may be asked.
pub(crate) trait Reach: Debug + Send + Sync {
    /// Whether a URL may be asked; if not, why, and how to allow it.
    fn check(&self, url: &Url) -> Result<(), String>;

    /// Name resolution that gives only addresses that may be asked.
    fn resolver(&self) -> Arc<dyn Resolve>;
}

#[cfg(feature = "atproto")]
impl Reach for atdata_atproto::transport::Guard {
    fn check(&self, url: &Url) -> Result<(), String> {
        Self::check(self, url).map_err(|error| match error {
            atdata_atproto::Error::Forbidden { message, .. } => message,
            other => other.to_string(),
        })
    }

    fn resolver(&self) -> Arc<dyn Resolve> {
        Self::resolver(self)
    }
}
