//! The index: what is written is found, whole and as it was.

mod archive;
mod copying;
mod finding;
mod garbage;
mod house;
mod schemas;
mod unsteady;
mod verifying;
mod writing;

use atdata::index::{Index, IndexWrite};
use atdata::ndarray::{Array2, array};
use atdata::provider::{Entry, IndexProvider, MemoryProvider};
use atdata::store::LocalDiskStore;
use atdata::{DictSample, Sample, Value};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// A sample with text and an array.
#[derive(Sample, Debug, Clone, PartialEq)]
struct Picture {
    picture: Array2<f32>,
    label: String,
}

fn pictures(count: u8) -> impl Iterator<Item = Picture> {
    (0..count).map(|n| {
        let n = f32::from(n);
        Picture { picture: array![[n, -n], [0.5, n * 2.0]], label: format!("picture {n}") }
    })
}

fn numbers(range: std::ops::Range<i64>) -> impl Iterator<Item = DictSample> {
    range.map(|n| DictSample::from([("n", Value::Int(n))]))
}

/// An index in memory, with a store in a folder that goes when it does.
struct Here {
    folder: TempDir,
    index: Index,
}

impl Here {
    fn new() -> Self {
        Self::over(Arc::new(MemoryProvider::default()))
    }

    fn over(provider: Arc<dyn IndexProvider>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalDiskStore::new(folder.path().join("store")).unwrap();
        let index = Index::new(provider).with_store(Arc::new(store));
        Self { folder, index }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    /// Ten numbers in shards of four, under a name.
    fn ten(&self, name: &str) -> Entry {
        self.index.write(numbers(0..10), name, IndexWrite::new().max_count(4)).unwrap()
    }

    fn files(&self) -> Vec<String> {
        files_below(&self.root())
    }
}

/// The paths of all files below a folder, relative to it, in order.
fn files_below(root: &Path) -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            } else {
                files.push(path.strip_prefix(root).unwrap().to_string_lossy().into_owned());
            }
        }
    }
    files.sort();
    files
}

/// Runs a test over an index in memory, and over one in a file.
fn everywhere(test: impl Fn(&Here)) {
    test(&Here::new());
    #[cfg(feature = "sqlite")]
    {
        use atdata::provider::SqliteProvider;
        let folder = tempfile::tempdir().unwrap();
        let provider = SqliteProvider::open(&folder.path().join("index.db")).unwrap();
        test(&Here::over(Arc::new(provider)));
    }
}

/// The kind and the text of an error.
fn refused<T: std::fmt::Debug>(result: atdata::Result<T>) -> (&'static str, String) {
    let error = result.unwrap_err();
    (error.kind(), error.to_string())
}
