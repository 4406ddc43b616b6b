//! The network finds the only shortest path, in any graph.

use atdata::lens::{Lens, LensNetwork, identity, lens};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// A type for each node of a graph; its value is the nodes that were passed on the way to it.
#[derive(Clone, Debug, PartialEq)]
struct Node<const N: usize>(Vec<usize>);

const NODES: usize = 8;

/// What a search gave: the nodes of the path, or the paths that an error lists, or that there is none.
#[derive(Debug, PartialEq)]
enum Found {
    Path(Vec<usize>),
    Several(BTreeSet<Vec<usize>>),
    Nothing,
}

fn register<const A: usize, const B: usize>(network: &mut LensNetwork) {
    let get = |source: &Node<A>| Node::<B>([&source.0[..], &[B]].concat());
    let put = |mut view: Node<B>, source: &Node<A>| {
        assert_eq!((view.0.pop(), source.0.last()), (Some(B), Some(&A)));
        Node::<A>(view.0)
    };
    network.register(lens(get, put));
}

fn find<const A: usize, const B: usize>(network: &LensNetwork) -> Found {
    match network.find::<Node<A>, Node<B>>() {
        Ok(found) => {
            let start = Node(vec![A]);
            let end = found.get(&start);
            assert_eq!(found.put(end.clone(), &start), start);
            Found::Path(end.0)
        }
        Err(atdata::Error::SeveralLenses { paths, .. }) => {
            Found::Several(paths.iter().map(|path| numbers(path)).collect())
        }
        Err(error) => {
            assert_eq!(error.kind(), "no_lens");
            Found::Nothing
        }
    }
}

/// The numbers in `Node<0> -> Node<1>`.
fn numbers(path: &str) -> Vec<usize> {
    let digits = path.split(['<', '>']).filter_map(|part| part.parse().ok());
    digits.collect()
}

macro_rules! each {
    ($function:ident, $a:literal) => {
        [
            $function::<$a, 0>,
            $function::<$a, 1>,
            $function::<$a, 2>,
            $function::<$a, 3>,
            $function::<$a, 4>,
            $function::<$a, 5>,
            $function::<$a, 6>,
            $function::<$a, 7>,
        ]
    };
    ($function:ident) => {
        [
            each!($function, 0),
            each!($function, 1),
            each!($function, 2),
            each!($function, 3),
            each!($function, 4),
            each!($function, 5),
            each!($function, 6),
            each!($function, 7),
        ]
    };
}

type Register = fn(&mut LensNetwork);
type Find = fn(&LensNetwork) -> Found;

const REGISTER: [[Register; NODES]; NODES] = each!(register);
const FIND: [[Find; NODES]; NODES] = each!(find);

fn way(network: &LensNetwork, from: usize, to: usize) -> Found {
    FIND[from][to](network)
}

fn network(edges: &[(usize, usize)]) -> LensNetwork {
    let mut network = LensNetwork::new();
    edges.iter().for_each(|&(a, b)| REGISTER[a][b](&mut network));
    network
}

/// The same search the long way: all paths that pass no node twice, then the shortest.
fn searched(edges: &[(usize, usize)], from: usize, to: usize) -> Found {
    let edges: BTreeSet<_> = edges.iter().copied().collect();
    if from == to {
        let is_edge = edges.contains(&(from, to));
        return if is_edge { Found::Path(vec![from, to]) } else { Found::Nothing };
    }
    let (mut open, mut paths) = (vec![vec![from]], Vec::new());
    while let Some(path) = open.pop() {
        for next in (0..NODES).filter(|next| edges.contains(&(path[path.len() - 1], *next))) {
            if path.contains(&next) {
                continue;
            }
            let longer = [&path[..], &[next]].concat();
            if next == to { paths.push(longer) } else { open.push(longer) }
        }
    }
    let shortest = paths.iter().map(Vec::len).min();
    paths.retain(|path| Some(path.len()) == shortest);
    match paths.len() {
        0 => Found::Nothing,
        1 => Found::Path(paths.remove(0)),
        _ => Found::Several(paths.into_iter().collect()),
    }
}

fn edges() -> impl Strategy<Value = Vec<(usize, usize)>> {
    prop::collection::vec((0..NODES, 0..NODES), 0..14)
}

proptest! {
    #[test]
    fn paths_are_those_of_a_plain_search(edges in edges()) {
        let network = network(&edges);
        for from in 0..NODES {
            for to in 0..NODES {
                let expected = searched(&edges, from, to);
                prop_assert_eq!(way(&network, from, to), expected, "{}->{}", from, to);
            }
        }
    }
}

#[test]
fn circles_end() {
    let network = network(&[(0, 1), (1, 2), (2, 0), (2, 2), (1, 0)]);
    assert_eq!(way(&network, 0, 2), Found::Path(vec![0, 1, 2]));
    assert_eq!(way(&network, 2, 2), Found::Path(vec![2, 2]));
    assert_eq!(way(&network, 0, 0), Found::Nothing);
    assert_eq!(way(&network, 0, 7), Found::Nothing);
}

#[test]
fn several_ways_are_listed_until_there_is_one() {
    let mut network = network(&[(0, 1), (1, 3), (0, 2), (2, 3)]);
    let error = network.find::<Node<0>, Node<3>>().map(drop).unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("several shortest ways lead from "), "{text}");
    assert!(text.ends_with("; register a lens between the two"), "{text}");
    let ways = BTreeSet::from([vec![0, 1, 3], vec![0, 2, 3]]);
    assert_eq!(way(&network, 0, 3), Found::Several(ways));
    register::<0, 3>(&mut network);
    assert_eq!(way(&network, 0, 3), Found::Path(vec![0, 3]));
}

#[test]
fn of_very_many_ways_some_are_listed() {
    let layers = [&[0][..], &[1, 2, 3], &[4, 5, 6], &[7]];
    let pairs = layers.windows(2).flat_map(|pair| {
        pair[0].iter().flat_map(|&from| pair[1].iter().map(move |&to| (from, to)))
    });
    let network = network(&pairs.collect::<Vec<_>>());
    let error = network.find::<Node<0>, Node<7>>().map(drop).unwrap_err().to_string();
    assert_eq!(error.matches("; ").count(), 9, "{error}");
    assert!(error.contains("; and more; register"), "{error}");
}

#[test]
fn registering_again_replaces() {
    let mut network = network(&[(0, 1), (1, 2)]);
    network.register(lens(|_: &Node<0>| Node::<1>(vec![]), |_, source: &Node<0>| source.clone()));
    let found = network.find::<Node<0>, Node<2>>().unwrap();
    assert_eq!(found.get(&Node(vec![9])), Node(vec![2]));
    network.register::<Node<5>, Node<5>>(identity());
    assert_eq!(way(&network, 5, 5), Found::Path(vec![5]));
    assert!(format!("{network:?}").contains("Node<0> -> "));
}

#[test]
fn what_is_found_outlives_the_network_and_crosses_threads() {
    let found = network(&[(0, 1), (1, 2)]).find::<Node<0>, Node<2>>().unwrap();
    let there = std::thread::spawn(move || found.get(&Node(vec![0]))).join().unwrap();
    assert_eq!(there, Node(vec![0, 1, 2]));
}
