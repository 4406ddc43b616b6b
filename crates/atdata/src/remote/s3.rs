//! Where the credentials of S3 come from.

use super::{dotenv, profile};
use crate::config;
use crate::error::{Error, Result};
use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;

/// What is given of a bucket and its credentials. Whatever is not is looked up: in the map of
/// credentials, the `.env` file, the environment and the profile, in this order.
///
/// ```
/// use atdata::remote::S3Options;
/// let options = S3Options::new("data").endpoint("http://localhost:9000");
/// let config = options.keys("minio", "password").region("eu-1").resolve()?;
/// assert_eq!(config.region(), "eu-1");
/// assert!(!format!("{config:?}").contains("password"));
/// # Ok::<(), atdata::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct S3Options {
    bucket: String,
    prefix: String,
    given: Values,
    map: Values,
    file: Option<PathBuf>,
    profile: Option<String>,
}

/// Settings by the names that they have in the environment. They may be secrets.
#[derive(Clone, Default)]
struct Values(HashMap<String, String>);

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

const ENDPOINT: &[&str] = &["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"];
const REGION: &[&str] = &["AWS_REGION", "AWS_DEFAULT_REGION"];
const KEY: &[&str] = &["AWS_ACCESS_KEY_ID"];
const SECRET: &[&str] = &["AWS_SECRET_ACCESS_KEY"];
const TOKEN: &[&str] = &["AWS_SESSION_TOKEN"];
const ANONYMOUS: &[&str] = &["AWS_SKIP_SIGNATURE", "AWS_NO_SIGN_REQUEST"];

impl S3Options {
    /// A bucket whose credentials are all looked up.
    pub fn new(bucket: impl Into<String>) -> Self {
        Self { bucket: bucket.into(), ..Self::default() }
    }

    /// The folder within the bucket.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// The server, as an `http://` or `https://` URL; without one it is Amazon's.
    #[must_use]
    pub fn endpoint(self, url: impl Into<String>) -> Self {
        self.give(ENDPOINT, url.into())
    }

    /// The region.
    #[must_use]
    pub fn region(self, region: impl Into<String>) -> Self {
        self.give(REGION, region.into())
    }

    /// The access key and its secret.
    #[must_use]
    pub fn keys(self, access_key: impl Into<String>, secret_key: impl Into<String>) -> Self {
        self.give(KEY, access_key.into()).give(SECRET, secret_key.into())
    }

    /// The session token of temporary keys.
    #[must_use]
    pub fn session_token(self, token: impl Into<String>) -> Self {
        self.give(TOKEN, token.into())
    }

    /// Settings by the names that they have in the environment, such as `AWS_ACCESS_KEY_ID`.
    #[must_use]
    pub fn credentials(mut self, map: impl IntoIterator<Item = (String, String)>) -> Self {
        self.map.0.extend(map);
        self
    }

    /// A file of `NAME=value` lines with such settings.
    #[must_use]
    pub fn env_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.file = Some(path.into());
        self
    }

    /// The profile of `~/.aws`; else it is `$AWS_PROFILE`, else `default`.
    #[must_use]
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    fn give(mut self, names: &[&str], value: String) -> Self {
        if let Some(name) = names.first() {
            self.given.0.insert((*name).to_owned(), value);
        }
        self
    }

    /// Looks everything up. Without keys, the role of the machine or container is used later.
    ///
    /// # Errors
    /// A file that cannot be read; an access key without a secret or the other way round.
    pub fn resolve(self) -> Result<S3Config> {
        let layers = self.layers()?;
        let find = |names: &[&str]| layers.iter().find_map(|layer| value(layer, names));
        let keys = keys(&layers)?;
        let anonymous = keys.is_none() && find(ANONYMOUS).is_some_and(|value| value != "false");
        Ok(S3Config {
            endpoint: find(ENDPOINT).map(|url| url.trim_end_matches('/').to_owned()),
            region: find(REGION).unwrap_or_else(|| "us-east-1".to_owned()),
            bucket: self.bucket,
            prefix: self.prefix.trim_matches('/').to_owned(),
            keys,
            anonymous,
        })
    }

    fn layers(&self) -> Result<Vec<HashMap<String, String>>> {
        let file = self.file.as_deref().map(dotenv::read).transpose()?;
        let environment = config::variables("AWS_").into_iter().collect();
        let profile = self.profile.clone().or_else(|| config::variable("AWS_PROFILE"));
        let profile = profile::read(profile.as_deref().unwrap_or("default"));
        let given = [self.given.0.clone(), self.map.0.clone(), file.unwrap_or_default()];
        Ok(given.into_iter().chain([environment, profile]).collect())
    }
}

fn value(layer: &HashMap<String, String>, names: &[&str]) -> Option<String> {
    let mut found = names.iter().filter_map(|name| layer.get(*name));
    found.find(|value| !value.is_empty()).cloned()
}

/// The keys. A session token counts only where its access key is: with others it would be wrong.
fn keys(layers: &[HashMap<String, String>]) -> Result<Option<Keys>> {
    let find = |names: &[&str]| layers.iter().find_map(|layer| value(layer, names));
    let home = layers.iter().find(|layer| value(layer, KEY).is_some());
    match (find(KEY), find(SECRET)) {
        (Some(access), Some(secret)) => {
            let token = home.and_then(|layer| value(layer, TOKEN));
            Ok(Some(Keys { access, secret, token }))
        }
        (None, None) => Ok(None),
        (access, _) => {
            let (there, missing) = match access {
                Some(_) => ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
                None => ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"),
            };
            Err(Error::Invalid(format!("{there} is there but {missing} is not; give both")))
        }
    }
}

/// A bucket, its server and its credentials.
#[derive(Debug, Clone)]
pub struct S3Config {
    pub(super) bucket: String,
    pub(super) prefix: String,
    pub(super) endpoint: Option<String>,
    pub(super) region: String,
    pub(super) keys: Option<Keys>,
    /// Whether requests go unsigned, as for public buckets.
    pub(super) anonymous: bool,
}

impl S3Config {
    /// The bucket.
    #[must_use]
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// The folder within the bucket, without slashes at its ends.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The server, if it is not Amazon's.
    #[must_use]
    pub fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref()
    }

    /// The region.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The same server and credentials for another bucket.
    pub(super) fn for_bucket(mut self, bucket: &str) -> Self {
        bucket.clone_into(&mut self.bucket);
        self
    }
}

/// Keys, which are never shown.
#[derive(Clone)]
pub(super) struct Keys {
    pub(super) access: String,
    pub(super) secret: String,
    pub(super) token: Option<String>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}
