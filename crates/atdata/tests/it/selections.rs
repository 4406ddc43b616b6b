//! Selections against a plain list.

use super::{number, numbers, one_way};
use atdata::plan::{Part, Plan, Position, Selection, Shuffle};
use atdata::{Dataset, DictSample};
use proptest::prelude::*;

fn selection() -> impl Strategy<Value = Selection> {
    let range = (0u64..50, -3i64..4, 0u64..60).prop_map(|(start, step, count)| Selection::Range {
        start,
        step: if step == 0 { 4 } else { step },
        count,
    });
    let list =
        proptest::collection::vec(0u64..50, 0..30).prop_map(|list| Selection::List(list.into()));
    prop_oneof![Just(Selection::All), range, list]
}

/// What a selection means, the slow way.
fn plain(selection: &Selection, all: &[i64]) -> Vec<i64> {
    let at = |number: i64| usize::try_from(number).ok().and_then(|at| all.get(at)).copied();
    match selection {
        Selection::All => all.to_vec(),
        &Selection::Range { start, step, count } => {
            (0..count as i64).map(|i| start as i64 + i * step).map_while(at).collect()
        }
        Selection::List(list) => list.iter().filter_map(|&number| at(number as i64)).collect(),
    }
}

fn read(dataset: &Dataset<DictSample>) -> Vec<i64> {
    dataset.ordered().into_iter().map(|sample| number(&sample.unwrap())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn selections_of_selections_are_those_of_lists(
        count in 0i64..40, per_shard in 1u64..15, first in selection(), second in selection(),
        seed in any::<u64>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let dataset = numbers(folder.path(), count, per_shard);
        let all: Vec<i64> = (0..count).collect();
        let wanted = plain(&second, &plain(&first, &all));
        let selected = dataset.selected(&first).unwrap().selected(&second).unwrap();
        prop_assert_eq!(selected.len().unwrap(), wanted.len() as u64);
        prop_assert_eq!(read(&selected), wanted.clone());
        for (index, wanted) in wanted.iter().enumerate() {
            prop_assert_eq!(number(&selected.get(index as u64).unwrap()), *wanted);
        }
        let past = selected.get(wanted.len() as u64).unwrap_err();
        prop_assert_eq!(past.kind(), "out_of_range");
        let mut shuffled: Vec<i64> = selected
            .shuffled().seed(seed).buffers(2, 7).into_iter()
            .map(|sample| number(&sample.unwrap())).collect();
        shuffled.sort_unstable();
        let mut sorted = wanted;
        sorted.sort_unstable();
        prop_assert_eq!(shuffled, sorted);
    }

    #[test]
    fn parts_of_a_selection_are_the_selection(
        counts in proptest::collection::vec(0u64..20, 0..6), selection in selection(),
        shuffle in any::<Option<u64>>(), workers in 1u64..4, block in 1u64..6,
    ) {
        let plan = Plan::new(&counts).select(&selection);
        let plan = match shuffle {
            Some(seed) => plan.shuffled(Shuffle { seed, buffer_samples: 5, ..Shuffle::default() }),
            None => plan,
        };
        let mut parts: Vec<Position> = Vec::new();
        for worker in 0..workers {
            let part = plan.part(Part { worker, workers, ..Part::default() }, block);
            let order: Vec<Position> = part.order().collect();
            prop_assert_eq!(order.len() as u64, part.len());
            parts.extend(order);
        }
        let mut whole: Vec<Position> = plan.order().collect();
        parts.sort();
        whole.sort();
        prop_assert_eq!(parts, whole);
    }

    #[test]
    fn samples_are_found_by_their_keys(
        count in 1i64..30, per_shard in 1u64..9, selection in selection(), key in 0i64..35,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let dataset = numbers(folder.path(), count, per_shard);
        let wanted = plain(&selection, &(0..count).collect::<Vec<_>>());
        let selected = dataset.selected(&selection).unwrap();
        let found = selected.by_key(&format!("{key:09}"));
        match wanted.contains(&key) {
            true => prop_assert_eq!(number(&found.unwrap()), key),
            false => prop_assert_eq!(found.unwrap_err().kind(), "unknown_key"),
        }
    }
}

#[test]
fn numbers_out_of_range_are_refused_and_slices_are_cut() {
    let folder = tempfile::tempdir().unwrap();
    let dataset = numbers(folder.path(), 5, 2);
    assert_eq!(read(&dataset.select([4, 0, 4]).unwrap()), [4, 0, 4]);
    assert_eq!(dataset.select([5]).unwrap_err().kind(), "out_of_range");
    assert_eq!(read(&dataset.slice(3..9).unwrap()), [3, 4]);
    assert_eq!(dataset.slice(3..9).unwrap().len().unwrap(), 2);
    assert_eq!(dataset.head(2).unwrap().len(), 2);
    assert_eq!(dataset.head(9).unwrap().len(), 5);
}

#[test]
fn one_way_streams_can_be_selected_forwards() {
    let folder = tempfile::tempdir().unwrap();
    let dataset = one_way(folder.path());
    assert_eq!(read(&dataset.slice(8..11).unwrap()), [8, 9, 10]);
    let shuffled = dataset.slice(8..11).unwrap().shuffled().into_iter();
    assert_eq!(shuffled.map(Result::unwrap).count(), 3);
    let back = dataset.selected(&Selection::Range { start: 9, step: -1, count: 3 }).unwrap();
    let error = back.ordered().into_iter().next().unwrap().unwrap_err();
    assert_eq!(error.kind(), "unsupported");
}

#[test]
fn filters_and_maps_follow_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let dataset = numbers(folder.path(), 10, 4);
    let even = dataset.filter(|sample| number(sample) % 2 == 0).map(|sample| number(&sample));
    let tens = even.map(|n| n * 10).filter(|n| *n > 20);
    let found: Vec<i64> = tens.ordered().map(Result::unwrap).collect();
    assert_eq!(found, [40, 60, 80]);
    assert_eq!(tens.shuffled().count(), 3);
}
