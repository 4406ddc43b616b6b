//! The library's tests, one binary.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

#[cfg(feature = "atproto")]
mod atmosphere;
mod bad;
#[cfg(feature = "convert")]
mod convert;
#[cfg(all(feature = "convert", feature = "media"))]
mod corpus;
mod datasets;
mod derive;
#[cfg(feature = "parquet")]
mod export;
#[cfg(feature = "cloud")]
mod fault_proxy;
mod fixtures;
mod index;
mod indexes;
mod lens_network;
mod lenses;
mod loading;
mod matching;
#[cfg(feature = "media")]
mod media;
#[cfg(feature = "cloud")]
mod objects;
#[cfg(feature = "cloud")]
mod objects_faults;
mod opening;
mod plans;
mod providers;
mod reading_ahead;
#[cfg(feature = "redis")]
mod redis_provider;
mod reindex;
mod selections;
mod servers;
mod sources;
mod stores;
#[cfg(feature = "cloud")]
mod uploads;
#[cfg(feature = "cloud")]
mod web;
#[cfg(feature = "cloud")]
mod web_server;
mod writing;

pub use datasets::one_way;

use atdata::{Dataset, DictSample, Value, WriteOptions, write_samples};
use std::path::{Path, PathBuf};

/// The folder with the fixtures.
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures")
}

/// Samples `{"n": 0}`, `{"n": 1}`, …, so many a shard.
pub fn numbers(folder: &Path, count: i64, per_shard: u64) -> Dataset<DictSample> {
    let samples = (0..count).map(|n| DictSample::from([("n", Value::Int(n))]));
    let options = WriteOptions::new().max_count(per_shard);
    write_samples(samples, folder.join("numbers.tar"), options).unwrap()
}

/// The number in a sample of [`numbers`].
pub fn number(sample: &DictSample) -> i64 {
    match sample.get("n") {
        Some(Value::Int(n)) => *n,
        other => panic!("not a number: {other:?}"),
    }
}
