//! The shortest paths in a graph, one by one: there may be very many.

use std::collections::HashMap;
use std::hash::Hash;

/// The paths with the fewest edges from one node to another, each as the numbers of its edges, in
/// the order of these. There is none from a node to itself.
pub(super) struct ShortestPaths<N> {
    from: N,
    /// For each node that was reached, the edges that end a shortest path to it and where they
    /// start, the last first.
    before: HashMap<N, Vec<(N, usize)>>,
    /// Ends of paths, from their last edge backwards to the node they start at for now.
    open: Vec<(N, Vec<usize>)>,
}

impl<N: Copy + Eq + Hash> ShortestPaths<N> {
    /// Looks from `from` as far as `to`.
    pub(super) fn new(edges: &[(N, N)], from: N, to: N) -> Self {
        let before = last_edges(edges, from, to);
        let mut paths = Self { from, before, open: Vec::new() };
        paths.lengthen(to, &[]);
        paths
    }

    /// Puts every edge that may come before a path's end in front of it.
    fn lengthen(&mut self, start: N, path: &[usize]) {
        for &(node, edge) in self.before.get(&start).into_iter().flatten() {
            self.open.push((node, [path, &[edge]].concat()));
        }
    }
}

impl<N: Copy + Eq + Hash> Iterator for ShortestPaths<N> {
    type Item = Vec<usize>;

    fn next(&mut self) -> Option<Vec<usize>> {
        while let Some((start, mut path)) = self.open.pop() {
            if start == self.from {
                path.reverse();
                return Some(path);
            }
            self.lengthen(start, &path);
        }
        None
    }
}

fn last_edges<N: Copy + Eq + Hash>(
    edges: &[(N, N)],
    from: N,
    to: N,
) -> HashMap<N, Vec<(N, usize)>> {
    let mut before = HashMap::from([(from, Vec::new())]);
    let mut reached = vec![from];
    while !reached.is_empty() && !before.contains_key(&to) {
        let mut new: HashMap<N, Vec<(N, usize)>> = HashMap::new();
        for (number, &(source, view)) in edges.iter().enumerate().rev() {
            if reached.contains(&source) && !before.contains_key(&view) {
                new.entry(view).or_default().push((source, number));
            }
        }
        reached = new.keys().copied().collect();
        before.extend(new);
    }
    before
}
