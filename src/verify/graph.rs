//! Reachability: from a product back along the edges to the sources it was made of.

use std::collections::{BTreeSet, HashMap};

/// Edges by the node they lead to.
#[derive(Debug, Default)]
pub(super) struct Graph<'a> {
    origins: HashMap<&'a str, Vec<(&'a str, usize)>>,
}

/// What walking back from a node finds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Ancestry<'a> {
    /// Nodes that no edge leads to, with the edge that named them.
    pub roots: BTreeSet<(&'a str, usize)>,
    /// Whether any edge leads to the node that was started at.
    pub grounded: bool,
}

impl<'a> Graph<'a> {
    /// Adds the edge number `edge` from `from` to `to`.
    pub(super) fn add(&mut self, from: &'a str, to: &'a str, edge: usize) {
        self.origins.entry(to).or_default().push((from, edge));
    }

    /// Walks back from `start`. Cycles end where they began.
    #[must_use]
    pub(super) fn ancestry(&self, start: &'a str) -> Ancestry<'a> {
        let mut seen = BTreeSet::from([start]);
        let mut open = vec![start];
        let mut found =
            Ancestry { grounded: self.origins.contains_key(start), ..Ancestry::default() };
        while let Some(node) = open.pop() {
            for &(from, edge) in self.origins.get(node).map_or(&[][..], Vec::as_slice) {
                if !self.origins.contains_key(from) {
                    found.roots.insert((from, edge));
                } else if seen.insert(from) {
                    open.push(from);
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_chain_ends_at_its_source_and_a_cycle_ends() {
        let mut graph = Graph::default();
        for (edge, (from, to)) in
            [("raw", "clean"), ("clean", "model"), ("x", "y"), ("y", "x")].into_iter().enumerate()
        {
            graph.add(from, to, edge);
        }
        assert_eq!(graph.ancestry("model").roots, BTreeSet::from([("raw", 0)]));
        assert!(graph.ancestry("x").roots.is_empty());
        assert!(!graph.ancestry("nowhere").grounded);
    }

    proptest! {
        /// The oracle closes the edge relation by brute force.
        #[test]
        fn ancestry_agrees_with_the_transitive_closure(
            edges in proptest::collection::vec((0usize..7, 0usize..7), 0..20), start in 0usize..7
        ) {
            const NAMES: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];
            let mut graph = Graph::default();
            let mut reach = [[false; 7]; 7];
            for (at, &(from, to)) in edges.iter().enumerate() {
                graph.add(NAMES[from], NAMES[to], at);
                reach[from][to] = true;
            }
            for k in 0..7 { for i in 0..7 { for j in 0..7 {
                reach[i][j] |= reach[i][k] && reach[k][j];
            }}}
            let is_root = |node: usize| !edges.iter().any(|&(_, to)| to == node);
            let oracle: BTreeSet<&str> =
                (0..7).filter(|&n| is_root(n) && reach[n][start]).map(|n| NAMES[n]).collect();
            let found: BTreeSet<&str> =
                graph.ancestry(NAMES[start]).roots.into_iter().map(|(name, _)| name).collect();
            prop_assert_eq!(found, oracle);
        }
    }
}
