//! The order of samples, by value.

use atdata::plan::{Part, Plan, Position, Shuffle};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn counts() -> impl Strategy<Value = Vec<u64>> {
    proptest::collection::vec(0u64..40, 0..12)
}

fn shuffle() -> impl Strategy<Value = Option<Shuffle>> {
    let some = (any::<u64>(), 0u64..3, 1usize..8, 1usize..60).prop_map(
        |(seed, epoch, buffer_shards, buffer_samples)| {
            Some(Shuffle { seed, epoch, buffer_shards, buffer_samples })
        },
    );
    prop_oneof![Just(None), some]
}

fn plan(counts: &[u64], shuffle: Option<Shuffle>) -> Plan {
    let plan = Plan::new(counts);
    shuffle.map_or(plan.clone(), |shuffle| plan.shuffled(shuffle))
}

proptest! {
    #[test]
    fn every_sample_comes_once(counts in counts(), shuffle in shuffle()) {
        let order: Vec<Position> = plan(&counts, shuffle).order().collect();
        let unique: BTreeSet<Position> = order.iter().copied().collect();
        prop_assert_eq!(order.len() as u64, counts.iter().sum::<u64>());
        prop_assert_eq!(unique.len(), order.len());
        prop_assert!(order.iter().all(|p| p.sample < counts[p.shard]));
    }

    #[test]
    fn parts_are_all_samples_each_once_and_as_many_as_said(
        counts in counts(), shuffle in shuffle(), world in 1u64..5, workers in 1u64..4,
        block in 1u64..9,
    ) {
        let whole = plan(&counts, shuffle);
        let mut all = Vec::new();
        for rank in 0..world {
            for worker in 0..workers {
                let part = whole.part(Part { rank, world, worker, workers }, block);
                let order: Vec<Position> = part.order().collect();
                prop_assert_eq!(order.len() as u64, part.len());
                all.extend(order);
            }
        }
        all.sort();
        let mut expected: Vec<Position> = whole.order().collect();
        expected.sort();
        prop_assert_eq!(all, expected);
    }

    #[test]
    fn workers_taken_in_turn_give_the_batches_of_one_reader(
        counts in counts(), shuffle in shuffle(), workers in 1u64..5, block in 1u64..9,
    ) {
        let whole = plan(&counts, shuffle);
        let batches = |plan: &Plan| -> Vec<Vec<Position>> {
            let order: Vec<Position> = plan.order().collect();
            order.chunks(block as usize).map(<[Position]>::to_vec).collect()
        };
        let alone = batches(&whole.part(Part::default(), block));
        let by_worker: Vec<Vec<Vec<Position>>> = (0..workers)
            .map(|worker| {
                let part = Part { worker, workers, ..Part::default() };
                batches(&whole.part(part, block))
            })
            .collect();
        let rounds = by_worker.first().map_or(0, Vec::len);
        let in_turn: Vec<Vec<Position>> = (0..rounds)
            .flat_map(|round| by_worker.iter().filter_map(move |own| own.get(round).cloned()))
            .collect();
        prop_assert_eq!(in_turn, alone);
    }
}

#[test]
fn seeds_and_epochs_make_orders_and_equal_ones_the_same() {
    let order = |seed, epoch| -> Vec<Position> {
        let shuffle = Shuffle { seed, epoch, ..Shuffle::default() };
        Plan::new(vec![100; 5]).shuffled(shuffle).order().collect()
    };
    assert_eq!(order(1, 0), order(1, 0));
    assert_ne!(order(1, 0), order(1, 1));
    assert_ne!(order(1, 0), order(2, 0));
}

/// These orders are a promise: a saved position in one must mean the same sample for ever.
#[test]
fn the_order_of_a_seed_never_changes() {
    let small = Shuffle { seed: 7, epoch: 1, buffer_shards: 2, buffer_samples: 3 };
    let order: Vec<(usize, u64)> =
        Plan::new(vec![3, 2, 4]).shuffled(small).order().map(|p| (p.shard, p.sample)).collect();
    assert_eq!(order, PROMISED);
}

const PROMISED: [(usize, u64); 9] =
    [(1, 1), (1, 0), (2, 2), (0, 0), (2, 3), (2, 0), (0, 2), (0, 1), (2, 1)];

/// How far neighbours in the new order were apart in the old one, on average.
fn distance(order: &[u64]) -> f64 {
    let sum: u64 = order.windows(2).map(|pair| pair[0].abs_diff(pair[1])).sum();
    sum as f64 / (order.len() - 1) as f64
}

#[test]
fn sorted_data_is_mixed_as_well_as_a_buffer_of_that_size_can() {
    let shuffle = Shuffle { seed: 3, buffer_samples: 1000, buffer_shards: 1, epoch: 0 };
    let order: Vec<u64> =
        Plan::new(vec![20_000]).shuffled(shuffle).order().map(|p| p.sample).collect();
    // A sample waits for an exponentially long time; two such waits differ by their mean.
    assert!(distance(&order) > 900.0, "{}", distance(&order));
    let all: Vec<u64> = Plan::new(vec![20_000])
        .shuffled(Shuffle { buffer_samples: 20_000, ..shuffle })
        .order()
        .map(|p| p.sample)
        .collect();
    // A true permutation: a third of the length.
    assert!((distance(&all) - 20_000.0 / 3.0).abs() < 200.0, "{}", distance(&all));
}
