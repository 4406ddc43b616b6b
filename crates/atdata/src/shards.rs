//! A data set's shards with what is known of them: names, sizes, indexes.

use crate::config;
use crate::cursor::Watch;
use crate::error::{Error, Result};
use crate::source::{DataSource, ShardInput, ShardStat, shown};
use atdata_format::Kind;
use atdata_format::shard_index::{Extent, ShardIndex, ShardIndexBuilder};
use atdata_format::tar::{BLOCK, ShardReader, payload_at};
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

mod count;

/// What an index is called beside its shard.
pub(crate) const INDEX_SUFFIX: &str = ".idx";

/// The name of a shard's index.
pub(crate) fn index_of(shard: &str) -> String {
    format!("{shard}{INDEX_SUFFIX}")
}

/// Smaller shards are walked again rather than kept in the cache.
const WORTH_CACHING: u64 = 16 << 20;

/// How many indexes the cache keeps.
const CACHED_INDEXES: usize = 10_000;

/// The shards of a source, and their indexes once they have been asked for.
///
/// It holds no open files, so it may be shared by threads and inherited by a forked process.
#[derive(Debug)]
pub struct Shards {
    source: Arc<dyn DataSource>,
    known: OnceLock<Known>,
}

#[derive(Debug)]
struct Known {
    names: Vec<String>,
    indexes: Vec<OnceLock<Arc<ShardIndex>>>,
}

impl Shards {
    /// The shards of a source; nothing is opened yet.
    #[must_use]
    pub fn new(source: Arc<dyn DataSource>) -> Self {
        Self { source, known: OnceLock::new() }
    }

    /// Where the shards come from.
    #[must_use]
    pub fn source(&self) -> &Arc<dyn DataSource> {
        &self.source
    }

    /// The shards' names.
    ///
    /// # Errors
    /// As [`DataSource::shards`].
    pub fn names(&self) -> Result<&[String]> {
        Ok(&self.known()?.names)
    }

    // Values are made outside of the cells, and only then put in: a cell is never locked while
    // something slow happens, so a fork at any moment leaves none locked in the child.
    fn known(&self) -> Result<&Known> {
        if let Some(known) = self.known.get() {
            return Ok(known);
        }
        let names = self.source.shards()?;
        let indexes = names.iter().map(|_| OnceLock::new()).collect();
        Ok(self.known.get_or_init(|| Known { names, indexes }))
    }

    /// The name of a shard by its number.
    pub(crate) fn name(&self, shard: usize) -> &str {
        let name = self.known.get().and_then(|known| known.names.get(shard));
        name.map_or("", String::as_str)
    }

    /// Opens a shard by its number.
    pub(crate) fn open(&self, shard: usize) -> Result<Box<dyn ShardInput>> {
        self.source.open(self.name(shard))
    }

    /// The index of a shard: the one beside it, a cached one, or a new one by a walk over the
    /// headers, whichever is the first to fit the shard.
    ///
    /// # Errors
    /// What the source meets; what is wrong with the shard.
    pub fn index(&self, shard: usize) -> Result<Arc<ShardIndex>> {
        let known = self.known()?;
        let cell = known.indexes.get(shard);
        if let Some(index) = cell.and_then(OnceLock::get) {
            return Ok(Arc::clone(index));
        }
        Ok(self.survey(shard)?.0)
    }

    /// A shard's index, looked for anew as [`Shards::index`] does, with all that is wrong in the
    /// shard if its headers had to be walked over.
    ///
    /// # Errors
    /// What the source meets.
    pub fn survey(&self, shard: usize) -> Result<(Arc<ShardIndex>, Vec<Error>)> {
        self.known()?;
        self.survey_with(shard, self.beside(shard)?)
    }

    /// What lies beside a shard as its index.
    fn beside(&self, shard: usize) -> Result<Option<Vec<u8>>> {
        self.source.sidecar(&index_of(self.name(shard)))
    }

    fn survey_with(
        &self,
        shard: usize,
        beside: Option<Vec<u8>>,
    ) -> Result<(Arc<ShardIndex>, Vec<Error>)> {
        let known = self.known()?;
        let mut met = Vec::new();
        let index = Arc::new(self.find_index(shard, beside, |error| met.push(error.into()))?);
        let cell = known.indexes.get(shard);
        let kept = cell.map_or(&index, |cell| cell.get_or_init(|| Arc::clone(&index)));
        Ok((Arc::clone(kept), met))
    }

    fn find_index(
        &self,
        shard: usize,
        beside: Option<Vec<u8>>,
        mut note: impl FnMut(atdata_format::Error),
    ) -> Result<ShardIndex> {
        let name = self.name(shard);
        let mut input = self.open(shard)?;
        if let Some(index) = beside.and_then(|bytes| fitting(&bytes, &mut *input)) {
            return Ok(index);
        }
        let cached = cache_file(name, &self.source.stat(name)?);
        let bytes = cached.as_ref().and_then(|path| fs::read(path).ok());
        if let Some(index) = bytes.and_then(|bytes| fitting(&bytes, &mut *input)) {
            return Ok(index);
        }
        let mut whole = true;
        let index = walk(input, name, |error| {
            whole = false;
            note(error);
        })?;
        // The index of a broken shard is not kept: it would hide what is wrong from the next one.
        if let Some(path) = cached.filter(|_| whole) {
            // A cache that cannot be written costs the next walk, nothing else.
            let _ = keep(&path, &index.encode());
        }
        Ok(index)
    }

    /// A new index by a walk over the headers, whatever lies beside the shard.
    ///
    /// # Errors
    /// As [`Shards::index`].
    pub fn walk(&self, shard: usize) -> Result<ShardIndex> {
        self.known()?;
        walk(self.open(shard)?, self.name(shard), |_| {})
    }

    /// The number of samples in each shard.
    ///
    /// # Errors
    /// As [`Shards::index`].
    pub fn counts(&self) -> Result<Vec<u64>> {
        let shards = self.names()?.len();
        (0..shards).map(|shard| Ok(self.index(shard)?.len() as u64)).collect()
    }

    /// The sizes of all shards together, in bytes, where they are all known.
    ///
    /// # Errors
    /// What the source meets.
    pub fn bytes(&self) -> Result<Option<u64>> {
        let sizes = self.names()?.iter().map(|name| Ok(self.source.stat(name)?.size));
        sizes.collect::<Result<Option<Vec<u64>>>>().map(|sizes| Some(sizes?.iter().sum()))
    }

    /// Whether every shard can be read at any place.
    pub(crate) fn can_seek(&self) -> Result<bool> {
        let Some(_) = self.names()?.first() else { return Ok(true) };
        Ok(self.open(0)?.can_seek())
    }
}

/// The index that these bytes hold, if it belongs to the shard.
pub(crate) fn fitting(bytes: &[u8], input: &mut dyn ShardInput) -> Option<ShardIndex> {
    let index = ShardIndex::decode(bytes).ok()?;
    let right_size = input.size().is_none_or(|size| size == index.shard_size());
    let right_end = match index.extents().last() {
        Some(&extent) => header_fits(input, extent, index.key(index.len() - 1)),
        None => true,
    };
    let _ = input.go_to(0);
    (right_size && right_end).then_some(index)
}

/// Whether the shard has the header of that sample, of that size, where an index says.
fn header_fits(input: &mut dyn ShardInput, extent: Extent, key: &str) -> bool {
    let mut block = [0; BLOCK];
    let Some(at) = extent.offset.checked_sub(BLOCK as u64) else { return false };
    let whole = input.read_at(at, &mut block).is_ok_and(|read| read == BLOCK);
    whole && matches!(payload_at(&block, key), Ok(Some(size)) if size == extent.len)
}

/// A walk over the headers. Samples that cannot be read are left out, as they are when read, and
/// noted.
pub(crate) fn walk(
    input: Box<dyn ShardInput>,
    name: &str,
    mut note: impl FnMut(atdata_format::Error),
) -> Result<ShardIndex> {
    let size = input.size();
    let mut reader = ShardReader::new(input, size).headers_only();
    let mut index = ShardIndexBuilder::default();
    let mut watch = Watch::default();
    loop {
        match reader.advance() {
            Ok(true) => {
                index.push(reader.key(), reader.extent())?;
                watch.passed()?;
            }
            Ok(false) => return Ok(index.finish(size.unwrap_or(u64::MAX))?),
            Err(error) if error.kind() == Kind::Io => {
                return Err(error.in_shard(shown(name)).into());
            }
            // Whoever reads the shard in order is told; here, what is whole counts.
            Err(error) => note(error.in_shard(shown(name))),
        }
    }
}

/// Where the index of a shard of others is kept: by its address, size and time.
fn cache_file(name: &str, stat: &ShardStat) -> Option<PathBuf> {
    stat.size.filter(|&size| size >= WORTH_CACHING)?;
    let version = stat.version.as_ref()?;
    let address = fs::canonicalize(name).unwrap_or_else(|_| name.into());
    let mut hasher = DefaultHasher::new();
    (&address, stat.size, version).hash(&mut hasher);
    let folder = config::shard_index_cache()?;
    Some(folder.join(format!("{:016x}{INDEX_SUFFIX}", hasher.finish())))
}

fn keep(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|error| Error::io("make", folder, error))?;
    let staged = path.with_extension(format!("{}.tmp", std::process::id()));
    let written = fs::File::create(&staged).and_then(|mut file| file.write_all(bytes));
    written
        .and_then(|()| fs::rename(&staged, path))
        .map_err(|error| Error::io("write", path, error))?;
    drop_oldest(folder);
    Ok(())
}

/// Halves a cache that has grown too large, the oldest indexes first.
fn drop_oldest(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let is_index = |path: &PathBuf| path.extension().is_some_and(|ext| ext == "idx");
    let mut files: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(is_index)
        .filter_map(|path| Some((fs::metadata(&path).ok()?.modified().ok()?, path)))
        .collect();
    if files.len() > CACHED_INDEXES {
        files.sort();
        for (_, path) in files.iter().take(CACHED_INDEXES / 2) {
            let _ = fs::remove_file(path);
        }
    }
}
