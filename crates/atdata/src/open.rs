//! Sources and stores by their addresses. This module alone names the kinds there are.

mod provider;

pub use provider::{open_provider, open_sqlite};

use crate::config;
use crate::error::{Error, Result};
use crate::source::{
    CacheFolder, Cached, Checked, DataSource, LocalSource, MixedSource, PipeSource, is_remote,
    scheme, shown,
};
use crate::store::{DataStore, LocalDiskStore};
use std::collections::HashMap;
use std::sync::Arc;

/// What may be used for reading, besides the addresses.
#[derive(Debug, Clone, Default)]
pub struct SourceOptions {
    /// Whether the commands of `pipe:` addresses are run; `ATDATA_ALLOW_PIPE=1` allows it too.
    pub allow_pipe: bool,
    /// The SHA-256 in hex of shards, by address, as far as they are known.
    pub checksums: HashMap<String, String>,
    /// Whether a shard with another hash, or an unknown one, is refused.
    pub verify: bool,
    /// Where remote shards are kept once they were fetched.
    pub cache: Option<CacheFolder>,
    /// Credentials for `s3://` addresses; none means those of the environment.
    #[cfg(feature = "cloud")]
    pub s3: Option<crate::remote::S3Config>,
    /// The network that blobs are on; none means the one of the environment.
    #[cfg(feature = "atproto")]
    pub network: Option<Arc<atdata_atproto::Network>>,
    /// Places that may have the shards of a record of the network too: folders, or URLs of folders.
    #[cfg(feature = "atproto")]
    pub mirrors: Vec<String>,
    /// Whether the addresses come from strangers: then no file and no command of this machine is
    /// meant by them, and no web server that not everybody may reach.
    pub untrusted: bool,
    /// How long servers are waited for.
    #[cfg(feature = "cloud")]
    pub patience: crate::remote::Patience,
}

impl SourceOptions {
    /// A source that caches and verifies as these options say.
    #[must_use]
    pub fn wrap(&self, source: Arc<dyn DataSource>) -> Arc<dyn DataSource> {
        let source = match &self.cache {
            Some(folder) => Arc::new(Cached::new(source, folder.clone(), self.checksums.clone())),
            None => source,
        };
        if self.verify { Arc::new(Checked::new(source, self.checksums.clone())) } else { source }
    }
}

/// The source of shards at paths, URLs and brace patterns of any kinds. Nothing is reached yet.
///
/// # Errors
/// [`Error::Unsupported`] for a scheme that there is nothing for, or that is not allowed.
///
/// ```
/// use atdata::{SourceOptions, open_source};
/// let options = SourceOptions { allow_pipe: true, ..SourceOptions::default() };
/// let source = open_source(vec!["a-{0..1}.tar".into(), "pipe:cat b.tar".into()], &options)?;
/// assert_eq!(source.shards()?, ["a-0.tar", "a-1.tar", "pipe:cat b.tar"]);
/// # Ok::<(), atdata::Error>(())
/// ```
pub fn open_source(patterns: Vec<String>, options: &SourceOptions) -> Result<Arc<dyn DataSource>> {
    Ok(options.wrap(open_plain(patterns, options)?))
}

fn open_plain(patterns: Vec<String>, options: &SourceOptions) -> Result<Arc<dyn DataSource>> {
    if !options.untrusted && !patterns.iter().any(|pattern| is_remote(pattern)) {
        return Ok(Arc::new(LocalSource::new(patterns)));
    }
    let opening = Opening::new(options)?;
    let mut parts = Vec::new();
    let mut rest = patterns.as_slice();
    while let Some(first) = rest.first() {
        let kind = Kind::of(first, options)?;
        let mut alike = 0;
        while let Some(next) = rest.get(alike) {
            if Kind::of(next, options)? != kind {
                break;
            }
            alike += 1;
        }
        let (same, others) = rest.split_at(alike);
        parts.push((kind, opening.open(kind, same.to_vec())?));
        rest = others;
    }
    if let [(_, only)] = parts.as_slice() {
        return Ok(Arc::clone(only));
    }
    let openers = parts.iter().flat_map(|(kind, source)| {
        kind.schemes().iter().map(|scheme| ((*scheme).to_owned(), Arc::clone(source)))
    });
    let openers = openers.collect();
    let parts = parts.into_iter().map(|(_, source)| source).collect();
    Ok(Arc::new(MixedSource { parts, openers }))
}

/// The kinds of places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Local,
    Object,
    Web,
    Pipe,
    Blob,
}

const KNOWN: &str = "paths, file://, http(s)://, s3://, gs://, az://, hf://, at:// and pipe:";

impl Kind {
    fn of(address: &str, options: &SourceOptions) -> Result<Self> {
        let scheme = if is_remote(address) { scheme(address).unwrap_or_default() } else { "" };
        if options.untrusted && matches!(scheme, "" | "pipe") {
            return Err(not_trusted(address));
        }
        if scheme.is_empty() {
            return Ok(Self::Local);
        }
        let kinds = [Self::Object, Self::Web, Self::Pipe, Self::Blob];
        match kinds.into_iter().find(|kind| kind.schemes().contains(&scheme)) {
            Some(Self::Pipe) if !options.allow_pipe && !config::pipes_allowed() => {
                let message = "it runs a command; if you trust it, allow that with \
                               allow_pipe=True or ATDATA_ALLOW_PIPE=1";
                Err(Error::Unsupported(format!("{}: {message}", shown(address))))
            }
            Some(kind) => Ok(kind),
            None => {
                let message = format!("{scheme}: cannot be read; there are {KNOWN}");
                Err(Error::Unsupported(format!("{}: {message}", shown(address))))
            }
        }
    }

    const fn schemes(self) -> &'static [&'static str] {
        match self {
            Self::Local => &[""],
            Self::Object => &["s3", "s3a", "gs", "gcs", "az", "azure", "abfs", "abfss"],
            Self::Web => &["http", "https", "hf"],
            Self::Pipe => &["pipe"],
            Self::Blob => &["at"],
        }
    }
}

fn not_trusted(address: &str) -> Error {
    let message = "others have published this address, and it means a file or a command of this \
                   machine, which is not read for them";
    Error::Denied { address: shown(address), message: message.to_owned() }
}

/// Which web servers may be asked where the addresses come from strangers.
#[cfg(all(feature = "atproto", feature = "cloud"))]
fn reach(options: &SourceOptions) -> Result<Option<Arc<dyn crate::remote::Reach>>> {
    if !options.untrusted {
        return Ok(None);
    }
    let network = options.network.clone().map_or_else(open_network, Ok)?;
    Ok(Some(Arc::new(network.guard().clone())))
}

#[cfg(all(not(feature = "atproto"), feature = "cloud"))]
#[allow(clippy::unnecessary_wraps, reason = "with networks it may fail")]
fn reach(_: &SourceOptions) -> Result<Option<Arc<dyn crate::remote::Reach>>> {
    Ok(None)
}

/// Opens parts of one list, which share what they connect with.
struct Opening<'a> {
    #[cfg_attr(not(feature = "atproto"), allow(dead_code, reason = "what only networks need"))]
    options: &'a SourceOptions,
    #[cfg(feature = "cloud")]
    client: Arc<crate::remote::Client>,
}

#[cfg(feature = "cloud")]
impl<'a> Opening<'a> {
    fn new(options: &'a SourceOptions) -> Result<Self> {
        let (s3, reach) = (options.s3.clone(), reach(options)?);
        let client = crate::remote::Client::within(s3, options.patience, reach);
        Ok(Self { options, client })
    }

    fn open(&self, kind: Kind, patterns: Vec<String>) -> Result<Arc<dyn DataSource>> {
        use crate::source::{HttpSource, ObjectSource};
        Ok(match kind {
            Kind::Local => Arc::new(LocalSource::new(patterns)),
            Kind::Pipe => Arc::new(PipeSource::new(patterns)),
            Kind::Object => Arc::new(ObjectSource::of(patterns, Arc::clone(&self.client))),
            Kind::Web => Arc::new(HttpSource::of(patterns, Arc::clone(&self.client))),
            Kind::Blob => self.blobs(patterns)?,
        })
    }
}

#[cfg(not(feature = "cloud"))]
impl<'a> Opening<'a> {
    #[allow(clippy::unnecessary_wraps, reason = "with object stores it may fail")]
    const fn new(options: &'a SourceOptions) -> Result<Self> {
        Ok(Self { options })
    }

    fn open(&self, kind: Kind, patterns: Vec<String>) -> Result<Arc<dyn DataSource>> {
        match kind {
            Kind::Local => Ok(Arc::new(LocalSource::new(patterns))),
            Kind::Pipe => Ok(Arc::new(PipeSource::new(patterns))),
            Kind::Object | Kind::Web => Err(without("cloud", patterns.first())),
            Kind::Blob => self.blobs(patterns),
        }
    }
}

impl Opening<'_> {
    #[cfg(feature = "atproto")]
    fn blobs(&self, urls: Vec<String>) -> Result<Arc<dyn DataSource>> {
        let network = self.options.network.clone().map_or_else(open_network, Ok)?;
        Ok(Arc::new(crate::source::BlobSource::new(network, urls)))
    }

    #[cfg(not(feature = "atproto"))]
    #[allow(clippy::needless_pass_by_value, reason = "as with the feature")]
    fn blobs(&self, urls: Vec<String>) -> Result<Arc<dyn DataSource>> {
        Err(without("atproto", urls.first()))
    }
}

/// The network that the environment means: the public one, unless `ATDATA_PLC`,
/// `ATDATA_HANDLE_RESOLVER`, `ATDATA_PDS` and `ATDATA_ALLOW_PRIVATE` say otherwise. Nothing is reached
/// yet.
///
/// # Errors
/// An address among those that cannot be one.
#[cfg(feature = "atproto")]
pub fn open_network() -> Result<Arc<atdata_atproto::Network>> {
    let config = atdata_atproto::config::NetworkConfig::from_variables(config::variable);
    Ok(atdata_atproto::Network::new(config)?)
}

#[cfg(not(all(feature = "atproto", feature = "cloud")))]
fn without(feature: &str, address: Option<&String>) -> Error {
    let address = shown(address.map_or("", String::as_str));
    Error::Unsupported(format!("{address}: this build is without the feature `{feature}`"))
}

/// The store at a path or URL: a folder, `s3://bucket/prefix`, `gs://…` or `az://…`, with the
/// credentials of the environment. Nothing is reached yet.
///
/// # Errors
/// [`Error::Unsupported`] for an address that there is no store for; credentials that make no sense.
///
/// ```
/// let refused = atdata::open_store("ftp://host/data").unwrap_err();
/// assert_eq!(refused.kind(), "unsupported");
/// ```
pub fn open_store(url: &str) -> Result<Arc<dyn DataStore>> {
    match scheme(url) {
        Some(scheme) if Kind::Object.schemes().contains(&scheme) => open_object_store(url),
        _ if url.trim().is_empty() => {
            let message = "a store is at a path or a URL such as s3://bucket/folder; this is empty";
            Err(Error::Invalid(message.to_owned()))
        }
        _ if !is_remote(url) => {
            let path = url.strip_prefix("file://").unwrap_or(url);
            Ok(Arc::new(LocalDiskStore::new(path)?))
        }
        _ => {
            let message = "no store can be there; there are folders, s3://, gs:// and az://";
            Err(Error::Unsupported(format!("{}: {message}", shown(url))))
        }
    }
}

#[cfg(feature = "cloud")]
fn open_object_store(url: &str) -> Result<Arc<dyn DataStore>> {
    Ok(Arc::new(crate::store::ObjectStoreStore::open(url)?))
}

#[cfg(not(feature = "cloud"))]
fn open_object_store(url: &str) -> Result<Arc<dyn DataStore>> {
    Err(without("cloud", Some(&url.to_owned())))
}
