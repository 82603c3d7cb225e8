//! Lineage: what was made must go back, step by step, to sources that are registered.

use std::collections::HashSet;

use super::checks::One;
use super::graph::Graph;
use super::probe::{HERE, ROOTS, THERE};
use super::rows::{Origin, Row};
use crate::catalog::Selection;
use crate::model::{Code, Label};

impl One<'_, '_> {
    pub(super) fn reaches(&mut self, each: &Selection, edges: &Selection, roots: &Selection) {
        let (starts, edges_rows) = (self.rows(each, HERE), self.rows(edges, THERE));
        let roots = self.rows(roots, ROOTS);
        self.checked = starts.len() as u64;
        let named = roots.iter().filter_map(|row| match &*row.key {
            [name] => Some(&**name),
            _ => None,
        });
        let registered: HashSet<&str> = named.collect();
        let mut graph = Graph::default();
        for (at, row) in edges_rows.iter().enumerate() {
            if let [from, to] = &*row.key {
                graph.add(from, to, at);
            }
        }
        let due = self.due(edges, edges_rows.iter().copied());
        for row in &starts {
            let [start] = &*row.key else { continue };
            let ancestry = graph.ancestry(start);
            if ancestry.grounded && ancestry.roots.is_empty() {
                let message =
                    format!("the lineage of `{start}` goes in a circle and reaches no source");
                self.broken(each, row, message, None);
            }
            if !ancestry.grounded && !self.is_later(row, &due) {
                let plain = || format!("no lineage event produces `{start}`");
                self.broken(each, row, row.said().unwrap_or_else(plain), None);
            }
            for (root, edge) in ancestry.roots {
                if !registered.contains(root) {
                    let message =
                        format!("`{start}` was made from `{root}`, which is not registered");
                    self.broken(each, row, message, Some(edges_rows[edge].origin));
                }
            }
        }
    }

    /// The lineage of `row` is broken, at the event `reader` where one reads what nobody knows.
    fn broken(&mut self, each: &Selection, row: &Row, message: String, reader: Option<Origin>) {
        let mut finding = self.finding(Code::LineageBroken, each, message);
        finding.subject = self.judge.subject(row);
        let reader = reader.map(|at| Label::new(self.judge.place(at), "this event reads it"));
        finding.evidence.extend(reader);
        finding.evidence.push(Label::new(self.judge.place(row.origin), ""));
        self.judged.findings.push(finding);
    }
}
