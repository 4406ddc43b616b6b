//! What decoding and encoding cost, in memory: `cargo bench -p atdata-format`.

#![allow(clippy::unwrap_used, reason = "what fails here is a mistake in the benchmark")]

mod samples;

use atdata_format::batch::BatchDecoder;
use atdata_format::msgpack::Walker;
use atdata_format::tar::{RawSample, ShardReader, ShardWriter};
use atdata_format::{DictSample, Sample};
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use samples::{KINDS, columns, count, payloads, shard};

fn main() {
    divan::main();
}

/// From header to header, payloads passed over.
#[divan::bench(args = KINDS)]
fn tar_headers(bencher: Bencher, kind: &str) {
    let shard = shard(kind);
    bencher.counter(ItemsCount::new(count(kind))).bench(|| {
        let mut reader = ShardReader::new(&shard[..], Some(shard.len() as u64));
        while reader.advance().unwrap() {}
    });
}

/// Headers and payloads.
#[divan::bench(args = KINDS)]
fn tar_samples(bencher: Bencher, kind: &str) {
    let shard = shard(kind);
    bencher.counter(ItemsCount::new(count(kind))).counter(BytesCount::of_slice(&shard)).bench(
        || {
            let mut reader = ShardReader::new(&shard[..], Some(shard.len() as u64));
            let mut sample = RawSample::default();
            while reader.read(&mut sample).unwrap() {}
        },
    );
}

/// Every value of a payload passed over.
#[divan::bench(args = KINDS)]
fn msgpack_walk(bencher: Bencher, kind: &str) {
    let payloads = payloads(kind);
    bencher.counter(ItemsCount::new(count(kind))).bench(|| {
        for payload in &payloads {
            Walker::new(payload).skip().unwrap();
        }
    });
}

/// Samples with values of their own.
#[divan::bench(args = KINDS)]
fn decode_samples(bencher: Bencher, kind: &str) {
    let payloads = payloads(kind);
    bencher.counter(ItemsCount::new(count(kind))).bench(|| {
        for payload in &payloads {
            divan::black_box(DictSample::from_bytes(payload).unwrap());
        }
    });
}

/// Batches of 32, from payloads in memory.
#[divan::bench(args = KINDS)]
fn decode_batches(bencher: Bencher, kind: &str) {
    let (payloads, columns) = (payloads(kind), columns(kind));
    bencher.counter(ItemsCount::new(count(kind))).bench_local(|| {
        let mut decoder = BatchDecoder::new(columns.clone(), 32);
        for rows in payloads.chunks(32) {
            for payload in rows {
                decoder.push(payload).unwrap();
            }
            divan::black_box(decoder.finish());
        }
    });
}

/// Samples to payloads.
#[divan::bench(args = KINDS)]
fn encode_samples(bencher: Bencher, kind: &str) {
    let payloads = payloads(kind);
    let samples: Vec<_> = payloads.iter().map(|it| DictSample::from_bytes(it).unwrap()).collect();
    bencher.counter(ItemsCount::new(count(kind))).bench(|| {
        for sample in &samples {
            divan::black_box(sample.to_bytes().unwrap());
        }
    });
}

/// Payloads to a shard in memory.
#[divan::bench(args = KINDS)]
fn write_shard(bencher: Bencher, kind: &str) {
    let payloads = payloads(kind);
    let keys: Vec<_> = (0..payloads.len()).map(|number| format!("{number:09}")).collect();
    let bytes = shard(kind).len();
    bencher.counter(ItemsCount::new(count(kind))).counter(BytesCount::new(bytes)).bench(|| {
        let mut writer = ShardWriter::new(Vec::with_capacity(bytes));
        for (key, payload) in keys.iter().zip(&payloads) {
            writer.append(key, payload).unwrap();
        }
        writer.finish().unwrap()
    });
}
