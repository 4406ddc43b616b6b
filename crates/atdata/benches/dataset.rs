//! What reading and writing files costs, all in all: `cargo bench -p atdata`.

#![allow(clippy::unwrap_used, reason = "what fails here is a mistake in the benchmark")]

use atdata::ndarray::{Array1, Array3};
use atdata::{Dataset, Sample, WriteOptions, write_samples};
use divan::Bencher;
use divan::counter::ItemsCount;
use tempfile::TempDir;

fn main() {
    divan::main();
}

const SHARDS: u64 = 4;

trait Kind: Sample + Sized + 'static {
    const COUNT: u64;
    fn number(number: u64) -> Self;
}

#[derive(Sample)]
struct Small {
    text: String,
    label: i64,
    score: f64,
}

#[derive(Sample)]
struct Vector {
    features: Array1<f32>,
    label: i64,
}

#[derive(Sample)]
struct Image {
    image: Array3<f32>,
    label: String,
}

impl Kind for Small {
    const COUNT: u64 = 40_000;

    fn number(number: u64) -> Self {
        let text = format!("sample number {number} of a small data set, in words");
        Self { text, label: number as i64 % 100, score: number as f64 / 7.0 }
    }
}

impl Kind for Vector {
    const COUNT: u64 = 20_000;

    fn number(number: u64) -> Self {
        Self { features: Array1::from_elem(128, number as f32), label: number as i64 % 100 }
    }
}

impl Kind for Image {
    const COUNT: u64 = 200;

    fn number(number: u64) -> Self {
        let image = Array3::from_elem((224, 224, 3), number as f32);
        Self { image, label: format!("class_{}", number % 10) }
    }
}

fn written<T: Kind>(folder: &TempDir) -> Dataset<T> {
    let options = WriteOptions::new().max_count(T::COUNT / SHARDS);
    write_samples((0..T::COUNT).map(T::number), folder.path().join("data.tar"), options).unwrap()
}

fn read<T: Kind, O>(bencher: Bencher<'_, '_>, pass: impl Fn(&Dataset<T>) -> O + Sync) {
    let folder = tempfile::tempdir().unwrap();
    let dataset = written::<T>(&folder);
    bencher.counter(ItemsCount::new(T::COUNT)).bench(|| pass(&dataset));
}

#[divan::bench(types = [Small, Vector, Image], sample_count = 10)]
fn ordered_samples<T: Kind>(bencher: Bencher) {
    read::<T, _>(bencher, |dataset| dataset.ordered().into_iter().map(Result::unwrap).count());
}

#[divan::bench(types = [Small, Vector, Image], sample_count = 10)]
fn ordered_batches<T: Kind>(bencher: Bencher) {
    read::<T, _>(bencher, |dataset| dataset.ordered().batches(32).map(Result::unwrap).count());
}

#[divan::bench(types = [Small, Vector, Image], sample_count = 10)]
fn shuffled_batches<T: Kind>(bencher: Bencher) {
    read::<T, _>(bencher, |dataset| dataset.shuffled().batches(32).map(Result::unwrap).count());
}

#[divan::bench(types = [Small, Vector, Image], sample_count = 10)]
fn get_100<T: Kind>(bencher: Bencher) {
    let folder = tempfile::tempdir().unwrap();
    let dataset = written::<T>(&folder);
    bencher.counter(ItemsCount::new(100_u32)).bench(|| {
        for number in 0..100 {
            divan::black_box(dataset.get(number * 7919 % T::COUNT).unwrap());
        }
    });
}

#[divan::bench(types = [Small, Vector, Image], sample_count = 10)]
fn write<T: Kind>(bencher: Bencher) {
    bencher
        .counter(ItemsCount::new(T::COUNT))
        .with_inputs(|| tempfile::tempdir().unwrap())
        .bench_refs(|folder| written::<T>(folder));
}
