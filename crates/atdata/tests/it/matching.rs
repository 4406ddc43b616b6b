//! Conditions on data sets, against reading everything.

use super::{number, numbers, one_way};
use atdata::batch::ColumnSpec;
use atdata::ndarray::Array2;
use atdata::plan::Part;
use atdata::{Dataset, DictSample, Expr, Result, Sample, Value, WriteOptions, write_samples};
use proptest::prelude::*;
use std::path::Path;
use std::sync::Arc;

fn read(reading: impl IntoIterator<Item = Result<DictSample>>) -> Vec<i64> {
    reading.into_iter().map(|sample| number(&sample.unwrap())).collect()
}

fn expr(text: &str) -> Expr {
    text.parse().unwrap()
}

fn kept(all: Vec<i64>, from: i64) -> Vec<i64> {
    all.into_iter().filter(|n| *n >= from && n % 3 != 0).collect()
}

/// What [`kept`] keeps of numbers below 60.
fn condition(from: i64) -> Expr {
    let thirds: Vec<_> = (0..60).filter(|n| n % 3 == 0).map(|n| n.to_string()).collect();
    expr(&format!("n >= {from} and n not in [{}]", thirds.join(", ")))
}

fn column(batches: atdata::Batches) -> Vec<i64> {
    let mut all = Vec::new();
    for batch in batches {
        let batch = batch.unwrap();
        let Some(atdata::Column::Values(values)) = batch.column("n") else { panic!("values") };
        all.extend(values.iter().map(|value| match value {
            Value::Int(n) => *n,
            other => panic!("{other:?}"),
        }));
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_way_of_reading_keeps_the_same_samples_in_the_same_order(
        count in 0i64..60, per_shard in 1u64..20, from in 0i64..60, batch in 1usize..9,
        seed in any::<u64>(), workers in 1u64..4, world in 1u64..3, streams in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let all = if streams {
            one_way(folder.path())
        } else {
            numbers(folder.path(), count, per_shard)
        };
        let found = all.matching(&condition(from)).unwrap();
        prop_assert_eq!(read(found.ordered()), kept(read(all.ordered()), from));
        let shuffled = |set: &Dataset<DictSample>| set.shuffled().seed(seed).buffers(2, 7);
        prop_assert_eq!(read(shuffled(&found)), kept(read(shuffled(&all)), from));
        prop_assert_eq!(column(found.ordered().batches(batch)), read(found.ordered()));
        prop_assert_eq!(column(shuffled(&found).batches(batch)), read(shuffled(&found)));
        prop_assert_eq!(found.count().unwrap(), read(found.ordered()).len() as u64);
        // Parts are dealt out before the condition is asked.
        for (rank, worker) in (0..world).flat_map(|r| (0..workers).map(move |w| (r, w))) {
            let part = Part { rank, world, worker, workers };
            let own = |set: &Dataset<DictSample>| read(set.ordered().part(part).block(3));
            prop_assert_eq!(own(&found), kept(own(&all), from));
        }
    }
}

#[test]
fn conditions_go_with_selections_before_and_functions_after() {
    let folder = tempfile::tempdir().unwrap();
    let all = numbers(folder.path(), 40, 7);
    let found = all.slice(10..30).unwrap().matching(&expr("n < 20")).unwrap();
    assert_eq!(read(found.ordered()), (10..20).collect::<Vec<_>>());
    let again = found.matching(&expr("n > 15")).unwrap();
    assert_eq!(read(again.ordered()), [16, 17, 18, 19]);
    let odd = again.filter(|sample| number(sample) % 2 == 1).map(|sample| number(&sample));
    assert_eq!(odd.ordered().map(|n| n.unwrap()).collect::<Vec<_>>(), [17, 19]);
    let backwards = all.select([9, 3, 8, 3]).unwrap().matching(&expr("n < 9")).unwrap();
    assert_eq!(read(backwards.ordered()), [3, 8, 3]);

    assert_eq!(number(&again.by_key("000000017").unwrap()), 17);
    assert_eq!(again.by_key("000000014").unwrap_err().kind(), "unknown_key");
    for error in [
        again.len().unwrap_err(),
        again.get(0).unwrap_err(),
        again.select([0]).unwrap_err(),
        again.slice(0..1).unwrap_err(),
        again.ordered().len().unwrap_err(),
    ] {
        assert_eq!(error.kind(), "unsupported");
    }
}

#[test]
fn a_name_that_no_field_has_is_an_error_also_where_errors_are_skipped() {
    let folder = tempfile::tempdir().unwrap();
    let all = numbers(folder.path(), 5, 2).on_error(atdata::OnError::Skip);
    let found = all.matching(&expr("m > 1")).unwrap();
    let error = found.ordered().into_iter().next().unwrap().unwrap_err();
    assert_eq!(error.kind(), "unknown_name");
    // Values of another type are those of a bad sample.
    let texts = all.matching(&expr("n > 'x'")).unwrap();
    let mut samples = texts.ordered().into_iter();
    assert_eq!((&mut samples).count(), 0);
    assert_eq!(samples.report().skipped(), 5);
}

#[derive(Sample, Debug, PartialEq, Clone)]
struct Image {
    name: String,
    pixels: Array2<f32>,
    score: f64,
}

/// Images of `side` squared, whose scores count up in hundredths.
fn images(path: &Path, count: i64, side: usize, start: f64) -> Dataset<Image> {
    let image = |n: i64| Image {
        name: format!("image {n}"),
        pixels: Array2::from_elem((side, side), n as f32),
        score: start + n as f64 / 100.0,
    };
    let options = WriteOptions::new().max_count(5);
    #[cfg(feature = "parquet")]
    let options = options.manifest(true);
    write_samples((0..count).map(image), path, options).unwrap()
}

#[test]
fn large_samples_are_kept_whole() {
    let folder = tempfile::tempdir().unwrap();
    for side in [10, 60, 100, 140, 200, 400] {
        let all = images(&folder.path().join(format!("i{side}.tar")), 12, side, 0.0);
        for (text, wanted) in
            [("score > 0.065", 7..12), ("score >= 0", 0..12), ("name == 'image 3'", 3..4)]
        {
            let found = all.matching(&expr(text)).unwrap();
            let wanted: Vec<_> =
                all.slice(wanted).unwrap().ordered().into_iter().map(|s| s.unwrap()).collect();
            let kept: Vec<_> = found.ordered().into_iter().map(|s| s.unwrap()).collect();
            assert!(kept == wanted, "{side} {text}");
            let rows: usize = found.shuffled().batches(4).map(|batch| batch.unwrap().len()).sum();
            assert_eq!(rows, wanted.len());
            // Columns that nobody asks for are passed over.
            let only: Arc<[ColumnSpec]> =
                Image::columns().into_iter().filter(|column| column.name == "score").collect();
            let scores: Vec<_> = found
                .ordered()
                .batches_of(only, 3)
                .flat_map(|batch| batch.unwrap().floats("score").unwrap().to_vec())
                .collect();
            assert_eq!(scores, wanted.iter().map(|image| image.score).collect::<Vec<_>>());
        }
    }
}

#[cfg(feature = "parquet")]
mod manifests {
    use super::*;
    use std::fs;

    /// What a condition keeps, and how many shards were not opened for that.
    fn passed(all: &Dataset<Image>, text: &str) -> (usize, u64) {
        let mut samples = all.matching(&expr(text)).unwrap().ordered().into_iter();
        let count = (&mut samples).filter(Result::is_ok).count();
        (count, samples.report().passed_shards())
    }

    #[test]
    fn shards_that_hold_nothing_of_it_are_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let all = images(&folder.path().join("i.tar"), 20, 4, 0.0);
        assert_eq!(passed(&all, "score > 0.145"), (5, 3));
        assert_eq!(passed(&all, "name == 'image 7'"), (1, 3));
        assert_eq!(passed(&all, "score > 1"), (0, 4));
        let found = all.matching(&expr("score > 0.145")).unwrap();
        let mut shuffled = found.shuffled().into_iter();
        assert_eq!((&mut shuffled).count(), 5);
        assert_eq!(shuffled.report().passed_shards(), 3);
        // The parts are the same as without manifests.
        let parts = |set: &Dataset<Image>| -> Vec<Vec<String>> {
            let part = |worker| Part { worker, workers: 3, ..Part::default() };
            let names = |worker| {
                let reading = set.ordered().part(part(worker)).block(2);
                reading.into_iter().map(|sample| sample.unwrap().name).collect()
            };
            (0..3).map(names).collect()
        };
        let with = parts(&found);
        for entry in fs::read_dir(folder.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.to_string_lossy().contains("manifest") {
                fs::remove_file(path).unwrap();
            }
        }
        assert_eq!(parts(&found), with);
    }

    #[test]
    fn a_stale_manifest_hides_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (old, new) = (folder.path().join("a/i.tar"), folder.path().join("b/i.tar"));
        // The same sizes, other values; the newer manifest lies beside the older shard too.
        let newer = images(&new, 5, 4, 5.0);
        let older = images(&old, 5, 4, 0.0);
        let shard = |set: &Dataset<Image>| set.shards().names().unwrap()[0].clone();
        assert_eq!(passed(&older, "score > 4"), (0, 1));
        assert_eq!(passed(&newer, "score > 4"), (5, 0));
        // Written in place.
        let path = shard(&older);
        fs::write(&path, fs::read(shard(&newer)).unwrap()).unwrap();
        assert_eq!(passed(&older, "score > 4"), (5, 0));
        // Moved there, with a time from before the manifest was made.
        let older = images(&old, 5, 4, 0.0);
        assert_eq!(passed(&older, "score > 4"), (0, 1));
        fs::rename(shard(&newer), &path).unwrap();
        assert_eq!(passed(&older, "score > 4"), (5, 0));
    }
}
