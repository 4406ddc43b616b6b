//! Batches that a thread decodes ahead are those that are decoded when they are asked for.

use atdata::{
    Batch, Dataset, DictSample, Error, OnError, Result, Value, WriteOptions, write_samples,
};
use std::fs;
use std::path::Path;

const SAMPLES: u64 = 40;

/// Samples of 2 MB, ten a shard.
fn large(folder: &Path) -> Dataset<DictSample> {
    let sample = |n: u64| {
        let data = vec![n as u8; 2_000_000];
        DictSample::from([("n", Value::Int(n as i64)), ("data", Value::Bytes(data))])
    };
    let options = WriteOptions::new().max_count(10);
    write_samples((0..SAMPLES).map(sample), folder.join("large.tar"), options).unwrap()
}

/// Makes one sample of a shard into no msgpack.
fn spoil(dataset: &Dataset<DictSample>, shard: usize, sample: usize) {
    let path = dataset.shards().names().unwrap()[shard].clone();
    let at = dataset.shards().index(shard).unwrap().extents()[sample].offset as usize;
    let mut bytes = fs::read(&path).unwrap();
    bytes[at] = 0xc1;
    fs::write(&path, bytes).unwrap();
}

fn both(dataset: &Dataset<DictSample>, rows: usize) -> [Vec<Result<Batch>>; 2] {
    let batches = || dataset.shuffled().seed(3).batches(rows);
    [batches().collect(), batches().ahead().collect()]
}

#[test]
fn batches_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let dataset = large(folder.path());
    for rows in [1, 3, 7, 100] {
        let [here, ahead] = both(&dataset, rows).map(|all| all.into_iter().map(Result::unwrap));
        assert!(here.eq(ahead), "{rows} rows");
    }
}

#[test]
fn an_error_comes_where_it_is_met() {
    let folder = tempfile::tempdir().unwrap();
    let dataset = large(folder.path());
    spoil(&dataset, 2, 5);
    let batches: Vec<_> = dataset.ordered().batches(4).ahead().collect();
    let lengths: Vec<_> =
        batches.iter().map(|batch| batch.as_ref().map_or(0, Batch::len)).collect();
    assert_eq!(lengths, [4, 4, 4, 4, 4, 4, 1, 0], "the samples before the error, and no more");
    assert!(matches!(batches.last(), Some(Err(Error::Format(_)))), "{batches:?}");

    let mut skipping = dataset.on_error(OnError::Skip).ordered().batches(4).ahead();
    assert_eq!(
        skipping.by_ref().map(|batch| batch.unwrap().len() as u64).sum::<u64>(),
        SAMPLES - 1
    );
    assert_eq!(skipping.report().skipped(), 1);
}

#[test]
fn whoever_stops_early_leaves_no_thread() {
    let folder = tempfile::tempdir().unwrap();
    let dataset = large(folder.path());
    for taken in 0..6 {
        let mut batches = dataset.ordered().batches(4).ahead();
        assert_eq!(batches.by_ref().take(taken).count(), taken);
        // Waits for the thread, which would otherwise hold the shard open for ever.
        drop(batches);
    }
}
