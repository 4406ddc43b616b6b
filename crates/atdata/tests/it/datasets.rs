//! Datasets against a plain list.

use super::{number, numbers};
use atdata::plan::Part;
use atdata::source::{DataSource, LocalSource, MappedShard, ShardInput, ShardStat};
use atdata::{Dataset, DictSample, Error, OnError, Result, Value, WriteOptions, write_samples};
use proptest::prelude::*;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

fn read(reading: impl IntoIterator<Item = Result<DictSample>>) -> Vec<i64> {
    reading.into_iter().map(|sample| number(&sample.unwrap())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn all_ways_of_reading_give_the_same_samples(
        count in 0i64..60, per_shard in 1u64..20, batch in 1usize..20, seed in any::<u64>(),
        buffer in 1usize..40, workers in 1u64..4,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let dataset = numbers(folder.path(), count, per_shard);
        let all: Vec<i64> = (0..count).collect();
        prop_assert_eq!(dataset.len().unwrap(), count as u64);
        prop_assert_eq!(read(dataset.ordered()), all.clone());
        for index in 0..count as u64 {
            prop_assert_eq!(number(&dataset.get(index).unwrap()), index as i64);
        }
        let past = dataset.get(count as u64).unwrap_err();
        prop_assert!(matches!(past, Error::OutOfRange { .. }), "{past}");

        let shuffled = dataset.shuffled().seed(seed).buffers(2, buffer);
        let order = read(shuffled.clone());
        let mut sorted = order.clone();
        sorted.sort_unstable();
        prop_assert_eq!(sorted, all.clone());
        prop_assert_eq!(read(shuffled.clone()), order.clone());

        let mut in_batches = Vec::new();
        for part in shuffled.clone().batches(batch) {
            let part = part.unwrap();
            prop_assert!(part.len() <= batch);
            let values = part.column("n").unwrap();
            let atdata::Column::Values(values) = values else { panic!("values") };
            in_batches.extend(values.iter().map(|value| match value {
                Value::Int(n) => *n,
                other => panic!("{other:?}"),
            }));
        }
        prop_assert_eq!(in_batches, order);

        let mut shared: Vec<i64> = (0..workers)
            .flat_map(|worker| read(dataset.ordered().part(Part { worker, workers, ..Part::default() })))
            .collect();
        shared.sort_unstable();
        prop_assert_eq!(shared, all);
    }
}

/// Files that can only be read from the first byte to the last.
#[derive(Debug)]
struct OneWay(LocalSource);

struct OneWayInput(Box<dyn ShardInput>);

impl Read for OneWayInput {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(buf)
    }
}

impl atdata::format::tar::Input for OneWayInput {
    fn pass_over(&mut self, count: u64) -> std::io::Result<u64> {
        std::io::copy(&mut self.by_ref().take(count), &mut std::io::sink())
    }

    fn append_to(&mut self, out: &mut Vec<u8>, count: usize) -> std::io::Result<usize> {
        self.take(count as u64).read_to_end(out)
    }
}

impl ShardInput for OneWayInput {
    fn size(&self) -> Option<u64> {
        None
    }

    fn can_seek(&self) -> bool {
        false
    }

    fn go_to(&mut self, _: u64) -> std::io::Result<()> {
        Err(std::io::Error::other("one way only"))
    }

    fn read_at(&mut self, _: u64, _: &mut [u8]) -> std::io::Result<usize> {
        Err(std::io::Error::other("one way only"))
    }

    fn map(&mut self) -> std::io::Result<Option<Arc<MappedShard>>> {
        Ok(None)
    }

    fn fetch_ahead(&mut self) {}

    fn finish(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl DataSource for OneWay {
    fn shards(&self) -> Result<Vec<String>> {
        self.0.shards()
    }

    fn stat(&self, _: &str) -> Result<ShardStat> {
        Ok(ShardStat::default())
    }

    fn open(&self, shard: &str) -> Result<Box<dyn ShardInput>> {
        Ok(Box::new(OneWayInput(self.0.open(shard)?)))
    }

    fn sidecar(&self, _: &str) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }

    fn opens_ahead(&self) -> usize {
        0
    }
}

/// Thirty numbers in shards that can only be read in order.
pub fn one_way(folder: &Path) -> Dataset<DictSample> {
    numbers(folder, 30, 7);
    let pattern = folder.join("numbers-{000000..000004}.tar");
    Dataset::from_source(Arc::new(OneWay(LocalSource::new([pattern.to_string_lossy()]))))
}

#[test]
fn streams_that_cannot_seek_are_read_and_shuffled_too() {
    let folder = tempfile::tempdir().unwrap();
    let dataset = one_way(folder.path());
    let all: Vec<i64> = (0..30).collect();
    assert_eq!((dataset.len().unwrap(), number(&dataset.get(20).unwrap())), (30, 20));
    assert_eq!(read(dataset.ordered()), all);
    let shuffled = dataset.shuffled().seed(5).buffers(3, 10);
    let mut order = read(shuffled.clone());
    assert_ne!(order, all);
    assert_eq!(read(shuffled.clone()), order);
    let parts = (0..3).map(|rank| Part { rank, world: 3, ..Part::default() });
    let mut shared: Vec<i64> = parts.flat_map(|part| read(shuffled.clone().part(part))).collect();
    shared.sort_unstable();
    order.sort_unstable();
    assert_eq!((shared, order), (all.clone(), all));
}

#[test]
fn a_dataset_is_read_by_many_threads_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let dataset = numbers(folder.path(), 200, 50);
    std::thread::scope(|scope| {
        for seed in 0..4 {
            let dataset = &dataset;
            scope.spawn(move || {
                assert_eq!(read(dataset.shuffled().seed(seed)).len(), 200);
                assert_eq!(number(&dataset.get(150).unwrap()), 150);
            });
        }
    });
}

#[test]
fn a_missing_file_is_named() {
    let dataset = Dataset::<DictSample>::open("/no/such/data-{0..1}.tar").unwrap();
    let error = dataset.ordered().into_iter().next().unwrap().unwrap_err();
    assert_eq!(error.kind(), "not_found");
    assert!(error.to_string().contains("/no/such/data-0.tar"), "{error}");
    let remote = Dataset::<DictSample>::open("https://example.com/a.tar").unwrap();
    assert_eq!(remote.len().unwrap_err().kind(), "unsupported");
}

#[test]
fn small_and_large_samples_are_shuffled_alike() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mixed.tar");
    // Some wait in the buffer with their bytes, some only with their places, some are read alone.
    let length = |n: i64| [10, 3000, 5000, 100_000][n as usize % 4];
    let rows = (0..400).map(|n| {
        DictSample::from([("n", Value::Int(n)), ("raw", Value::Bytes(vec![n as u8; length(n)]))])
    });
    let dataset = write_samples(rows, &path, WriteOptions::new().max_count(50)).unwrap();
    let order = |buffer: usize| {
        let samples = dataset.shuffled().seed(9).buffers(3, buffer).into_iter();
        samples.map(Result::unwrap).map(|sample| {
            let n = number(&sample);
            let raw = Value::Bytes(vec![n as u8; length(n)]);
            assert_eq!(sample.get("raw"), Some(&raw), "sample {n}");
            n
        })
    };
    for buffer in [1, 30, 100_000] {
        let mut all: Vec<i64> = order(buffer).collect();
        all.sort_unstable();
        assert_eq!(all, (0..400).collect::<Vec<_>>(), "buffer of {buffer}");
    }
}

#[test]
fn a_broken_sample_is_told_of_at_its_turn_in_a_shuffled_pass() {
    let folder = tempfile::tempdir().unwrap();
    let dataset = numbers(folder.path(), 40, 10);
    let path = folder.path().join("numbers-000001.tar");
    let mut bytes = std::fs::read(&path).unwrap();
    // The header of the second shard's third sample.
    bytes[2 * 1024 + 150] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let read = |on_error| {
        let mut samples = dataset.clone().on_error(on_error).shuffled().seed(2).into_iter();
        let before = samples.by_ref().map_while(Result::ok).count();
        (before, samples.report().skipped())
    };
    let (before, _) = read(OnError::Raise);
    assert!(before < 40, "{before} samples came before the error");
    let error = dataset.shuffled().seed(2).into_iter().find_map(Result::err).unwrap();
    assert!(error.to_string().contains("numbers-000001.tar"), "{error}");
    assert_eq!(read(OnError::Skip), (39, 1));
}
