//! Buckets by URL, with the credentials that they need.

use super::{Patience, S3Config};
use crate::config;
use crate::error::{Error, Result};
use crate::source::shown;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, Checksum};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::multipart::MultipartStore;
use object_store::path::Path as Key;
use object_store::signer::Signer;
use object_store::{ClientOptions, ObjectStore, RetryConfig};
use std::fmt::Debug;
use std::sync::Arc;

/// All that is done with a bucket.
pub(crate) trait Bucket: ObjectStore + MultipartStore + Signer + Debug {}

impl<T: ObjectStore + MultipartStore + Signer + Debug> Bucket for T {}

/// A URL in an object store, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Located {
    pub(crate) kind: Kind,
    /// The bucket, or for Azure the container with its account, if that is named.
    pub(crate) bucket: String,
    /// The object's name in it, as it is: nothing in it is an escape.
    pub(crate) key: String,
    /// `scheme://bucket`.
    pub(crate) base: String,
}

/// Whose object store it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    S3,
    Google,
    Azure,
}

impl Located {
    pub(crate) fn parse(url: &str) -> Result<Self> {
        let (scheme, rest) = url.split_once("://").unwrap_or_default();
        let kind = match scheme {
            "s3" | "s3a" => Kind::S3,
            "gs" | "gcs" => Kind::Google,
            "az" | "azure" | "abfs" | "abfss" => Kind::Azure,
            _ => {
                let message = format!("{} is not in an object store that is known", shown(url));
                return Err(Error::Unsupported(message));
            }
        };
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(Error::Invalid(format!("{} names no bucket", shown(url))));
        }
        let base = format!("{scheme}://{bucket}");
        Ok(Self { kind, bucket: bucket.to_owned(), key: key.to_owned(), base })
    }

    /// The object's name in the form that requests take.
    pub(crate) fn path(&self) -> Result<Key> {
        Key::parse(&self.key).map_err(|_| {
            let message = "a part between slashes is empty, a dot or has a character that is not \
                           allowed";
            Error::Invalid(format!("{}/{}: {message}", self.base, self.key))
        })
    }
}

/// A client for a Google or Azure bucket, with what the environment says.
pub(super) fn from_environment(at: &Located, patience: &Patience) -> Result<Arc<dyn Bucket>> {
    let built: object_store::Result<Arc<dyn Bucket>> = match at.kind {
        Kind::Google => google(at, patience).build().map(|bucket| Arc::new(bucket) as _),
        _ => azure(at, patience).build().map(|bucket| Arc::new(bucket) as _),
    };
    built.map_err(|_| unusable(&at.base, "its settings in the environment cannot be used"))
}

fn google(at: &Located, patience: &Patience) -> GoogleCloudStorageBuilder {
    let options = options(patience, false);
    let mut builder = GoogleCloudStorageBuilder::new().with_client_options(options);
    if let Some(path) = config::variable("SERVICE_ACCOUNT") {
        builder = builder.with_service_account_path(path);
    }
    for (name, value) in config::variables("GOOGLE_") {
        if let Ok(key) = name.to_ascii_lowercase().parse::<GoogleConfigKey>() {
            builder = builder.with_config(key, value);
        }
    }
    builder.with_bucket_name(&at.bucket).with_retry(once())
}

fn azure(at: &Located, patience: &Patience) -> MicrosoftAzureBuilder {
    let options = options(patience, false);
    let mut builder = MicrosoftAzureBuilder::new().with_client_options(options);
    for (name, value) in config::variables("AZURE_") {
        if let Ok(key) = name.to_ascii_lowercase().parse::<AzureConfigKey>() {
            builder = builder.with_config(key, value);
        }
    }
    builder.with_url(&at.base).with_retry(once())
}

/// A client for a bucket of S3.
pub(super) fn s3(config: &S3Config, patience: &Patience) -> Result<Arc<dyn Bucket>> {
    let plain = config.endpoint.as_ref().is_some_and(|url| url.starts_with("http://"));
    let mut builder = AmazonS3Builder::new()
        .with_client_options(options(patience, plain))
        .with_bucket_name(&config.bucket)
        .with_region(&config.region)
        .with_checksum_algorithm(Checksum::SHA256)
        .with_disable_bulk_delete(true)
        .with_skip_signature(config.anonymous)
        .with_retry(once());
    if let Some(endpoint) = &config.endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    match &config.keys {
        Some(keys) => {
            builder = builder.with_access_key_id(&keys.access);
            builder = builder.with_secret_access_key(&keys.secret);
            if let Some(token) = &keys.token {
                builder = builder.with_token(token);
            }
        }
        None => builder = with_role(builder),
    }
    let built = builder.build();
    let made = built.map_err(|_| unusable(&format!("s3://{}", config.bucket), BAD_ENDPOINT))?;
    Ok(Arc::new(made))
}

const BAD_ENDPOINT: &str = "its endpoint or region cannot be used; an endpoint is a URL such as \
                            http://localhost:9000";

fn unusable(base: &str, why: &str) -> Error {
    Error::Invalid(format!("{base}: {why}"))
}

/// What the environment says of the role of a container or machine.
fn with_role(mut builder: AmazonS3Builder) -> AmazonS3Builder {
    use AmazonS3ConfigKey as Setting;
    for (name, value) in config::variables("AWS_") {
        let setting = name.to_ascii_lowercase().parse::<Setting>();
        if let Ok(
            setting @ (Setting::ContainerCredentialsRelativeUri
            | Setting::ContainerCredentialsFullUri
            | Setting::ContainerAuthorizationTokenFile
            | Setting::MetadataEndpoint
            | Setting::WebIdentityTokenFile
            | Setting::RoleArn
            | Setting::RoleSessionName
            | Setting::StsEndpoint),
        ) = setting
        {
            builder = builder.with_config(setting, value);
        }
    }
    builder
}

/// Requests are timed and tried again by us, for all kinds of servers alike.
fn once() -> RetryConfig {
    RetryConfig { max_retries: 0, ..RetryConfig::default() }
}

fn options(patience: &Patience, plain: bool) -> ClientOptions {
    ClientOptions::new()
        .with_timeout_disabled()
        .with_connect_timeout(patience.connect)
        .with_allow_http(plain)
        // Without TLS there is no need for the machine's root certificates, nor for having any.
        .with_no_system_certificates(plain)
}
