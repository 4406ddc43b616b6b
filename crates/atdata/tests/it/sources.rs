//! Sources that check, keep and read ahead.

mod ahead;
mod cached;
mod checked;

use atdata::format::tar::Input;
use atdata::source::{DataSource, LocalSource, MappedShard, ShardInput, ShardStat};
use atdata::{Dataset, DictSample, Result};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Files of a folder as `far://{name}`, which count how often they are opened.
#[derive(Debug)]
struct Far {
    folder: LocalSource,
    root: String,
    opens_ahead: usize,
    /// Whether sizes are told.
    sizes: bool,
    opened: AtomicUsize,
    /// How many inputs there are, and how many there were at most.
    open: Arc<(AtomicUsize, AtomicUsize)>,
}

impl Far {
    fn new(folder: &Path, shards: usize) -> Self {
        let root = folder.display().to_string();
        let pattern = format!("far://numbers-{{000000..{:06}}}.tar", shards - 1);
        Self {
            folder: LocalSource::new([pattern]),
            root,
            opens_ahead: 0,
            sizes: true,
            opened: AtomicUsize::new(0),
            open: Arc::default(),
        }
    }

    fn path(&self, shard: &str) -> String {
        format!("{}/{}", self.root, shard.strip_prefix("far://").unwrap())
    }

    fn opened(&self) -> usize {
        self.opened.load(Ordering::SeqCst)
    }
}

impl DataSource for Far {
    fn shards(&self) -> Result<Vec<String>> {
        self.folder.shards()
    }

    fn stat(&self, shard: &str) -> Result<ShardStat> {
        let stat = self.folder.stat(&self.path(shard))?;
        Ok(if self.sizes { stat } else { ShardStat::default() })
    }

    fn open(&self, shard: &str) -> Result<Box<dyn ShardInput>> {
        let input = self.folder.open(&self.path(shard))?;
        self.opened.fetch_add(1, Ordering::SeqCst);
        let open = Arc::clone(&self.open);
        let now = open.0.fetch_add(1, Ordering::SeqCst) + 1;
        open.1.fetch_max(now, Ordering::SeqCst);
        Ok(Box::new(FarInput { input, sizes: self.sizes, open }))
    }

    fn sidecar(&self, address: &str) -> Result<Option<Vec<u8>>> {
        self.folder.sidecar(&self.path(address))
    }

    fn opens_ahead(&self) -> usize {
        self.opens_ahead
    }
}

struct FarInput {
    input: Box<dyn ShardInput>,
    sizes: bool,
    open: Arc<(AtomicUsize, AtomicUsize)>,
}

impl Drop for FarInput {
    fn drop(&mut self) {
        self.open.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Read for FarInput {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.input.read(buf)
    }
}

impl Input for FarInput {
    fn pass_over(&mut self, count: u64) -> io::Result<u64> {
        self.input.pass_over(count)
    }

    fn append_to(&mut self, out: &mut Vec<u8>, count: usize) -> io::Result<usize> {
        self.input.append_to(out, count)
    }
}

impl ShardInput for FarInput {
    fn size(&self) -> Option<u64> {
        self.input.size().filter(|_| self.sizes)
    }

    fn can_seek(&self) -> bool {
        self.input.can_seek()
    }

    fn go_to(&mut self, offset: u64) -> io::Result<()> {
        self.input.go_to(offset)
    }

    fn read_at(&mut self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        self.input.read_at(offset, out)
    }

    fn map(&mut self) -> io::Result<Option<Arc<MappedShard>>> {
        self.input.map()
    }

    fn fetch_ahead(&mut self) {
        self.input.fetch_ahead();
    }

    fn finish(&mut self) -> io::Result<()> {
        self.input.finish()
    }
}

/// The SHA-256 of a source's shards in hex, as they are now.
fn checksums(source: &dyn DataSource) -> HashMap<String, String> {
    let hash = |shard: String| {
        let mut bytes = Vec::new();
        source.open(&shard).unwrap().read_to_end(&mut bytes).unwrap();
        let hex = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        (shard, hex)
    };
    source.shards().unwrap().into_iter().map(hash).collect()
}

fn dataset(source: Arc<dyn DataSource>) -> Dataset<DictSample> {
    Dataset::from_source(source)
}

/// The numbers of a reading, up to the first error.
fn read(
    reading: impl IntoIterator<Item = Result<DictSample>>,
) -> (Vec<i64>, Option<atdata::Error>) {
    let mut numbers = Vec::new();
    for sample in reading {
        match sample {
            Ok(sample) => numbers.push(crate::number(&sample)),
            Err(error) => return (numbers, Some(error)),
        }
    }
    (numbers, None)
}
