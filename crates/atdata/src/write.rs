//! Writes samples into shards: all of them or none.

mod destination;
mod in_store;
mod set;
pub(crate) mod staged;

pub use destination::InFolder;
pub use in_store::InStore;
pub(crate) use set::Finished;
pub use set::{ShardSet, Written};

use crate::dataset::Dataset;
use crate::error::{Error, Result};
use atdata_format::{RecordWriter, Sample};
use std::path::Path;

/// How far a write has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Samples written so far.
    pub samples: u64,
    /// Bytes of shards written so far.
    pub bytes: u64,
}

/// How samples of type `T` are written.
pub struct WriteOptions<T> {
    limits: Limits,
    key: Option<KeyOf<T>>,
    progress: Option<Watcher>,
    manifest: bool,
}

type KeyOf<T> = Box<dyn FnMut(u64, &T) -> String>;
type Watcher = Box<dyn FnMut(Progress) -> bool>;

#[derive(Debug, Clone, Copy, Default)]
struct Limits {
    samples: Option<u64>,
    bytes: Option<u64>,
}

impl Limits {
    fn check(self) -> Result<()> {
        if self.samples == Some(0) || self.bytes == Some(0) {
            let message = "a shard must be allowed a sample and a byte at least";
            return Err(Error::Invalid(message.to_owned()));
        }
        Ok(())
    }
}

impl<T> Default for WriteOptions<T> {
    fn default() -> Self {
        Self { limits: Limits::default(), key: None, progress: None, manifest: false }
    }
}

impl<T> WriteOptions<T> {
    /// One shard, keys that are numbers, no progress.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A new shard after so many samples.
    #[must_use]
    pub const fn max_count(mut self, samples: u64) -> Self {
        self.limits.samples = Some(samples);
        self
    }

    /// A new shard before one would have more than so many bytes; a single larger sample is a
    /// shard of its own.
    #[must_use]
    pub const fn max_size(mut self, bytes: u64) -> Self {
        self.limits.bytes = Some(bytes);
        self
    }

    /// The key of each sample, made of its number among all and itself. Without this it is the
    /// number, in nine digits.
    #[must_use]
    pub fn key(mut self, key: impl FnMut(u64, &T) -> String + 'static) -> Self {
        self.key = Some(Box::new(key));
        self
    }

    /// Writes a manifest beside every shard: what its fields hold, and a row a sample.
    #[cfg(feature = "parquet")]
    #[must_use]
    pub const fn manifest(mut self, manifest: bool) -> Self {
        self.manifest = manifest;
        self
    }

    /// Is told after every shard and every thousand samples how far the write has come; false
    /// stops it, and nothing is left of it.
    #[must_use]
    pub fn progress(mut self, watch: impl FnMut(Progress) -> bool + 'static) -> Self {
        self.progress = Some(Box::new(watch));
        self
    }
}

/// Writes samples into one shard at `path`, or, with a limit, into several with numbers before the
/// extension (`data-000000.tar`, …), each with its index beside it. Nothing is visible before all
/// is written.
///
/// ```
/// use atdata::{DictSample, Value, WriteOptions, write_samples};
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("data.tar");
/// let numbers = (0..5).map(|i| DictSample::from([("number", Value::Int(i))]));
/// let dataset = write_samples(numbers, &path, WriteOptions::new().max_count(2))?;
/// assert_eq!(dataset.shards().names()?.len(), 3);
/// assert_eq!(dataset.get(4)?.get("number"), Some(&Value::Int(4)));
/// # Ok::<(), atdata::Error>(())
/// ```
///
/// # Errors
/// A sample that the format cannot hold, a bad or repeated key, a full disk,
/// [`Error::Stopped`].
pub fn write_samples<T: Sample>(
    samples: impl IntoIterator<Item = T>,
    path: impl AsRef<Path>,
    options: WriteOptions<T>,
) -> Result<Dataset<T>> {
    let WriteOptions { limits, mut key, mut progress, manifest } = options;
    let mut set = ShardSet::create(path.as_ref(), limits.samples, limits.bytes)?;
    #[cfg(feature = "parquet")]
    if manifest {
        set = set.with_manifest(crate::manifest::ManifestSpec::of::<T>());
    }
    debug_assert!(cfg!(feature = "parquet") || !manifest, "only then can it be asked for");
    let mut payload = Vec::new();
    for (number, sample) in (0..).zip(samples) {
        payload.clear();
        let key = key.as_mut().map(|key| key(number, &sample));
        let encoded = sample.to_record(&mut RecordWriter::new(&mut payload));
        encoded.map_err(|error| error.in_key(key.clone().unwrap_or_else(|| numbered(number))))?;
        set.append(key.as_deref(), &payload)?;
        if set.is_time_to_tell() && progress.as_mut().is_some_and(|watch| !watch(set.progress())) {
            return Err(Error::Stopped);
        }
    }
    let written = set.commit()?;
    if progress.as_mut().is_some_and(|watch| !watch(written.progress)) {
        return Err(Error::Stopped);
    }
    Ok(written.dataset())
}

/// The key of a sample that is given none.
pub(crate) fn numbered(number: u64) -> String {
    let mut key = String::new();
    number_into(number, &mut key);
    key
}

/// The same, in place of what `key` held.
fn number_into(mut number: u64, key: &mut String) {
    const DIGITS: usize = 9;
    key.clear();
    if number >= 10u64.pow(DIGITS as u32) {
        key.push_str(&number.to_string());
        return;
    }
    let mut digits = [b'0'; DIGITS];
    for digit in digits.iter_mut().rev() {
        *digit += (number % 10) as u8;
        number /= 10;
    }
    key.extend(digits.map(char::from));
}
